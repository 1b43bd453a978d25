import type { Correlation, Rule } from '@fleetwall/detection';
import { Controller, Inject } from '@nestjs/common';
import { Endpoint } from '../api/endpoint.js';
import { CONSOLE_OPTIONS, type ConsoleOptions } from '../console-options.js';

/** Rules and policies as this process read them. */
@Controller()
export class DetectionController {
  constructor(@Inject(CONSOLE_OPTIONS) private readonly options: ConsoleOptions) {}

  @Endpoint('listRules')
  listRules() {
    const { detections, stats, refusal } = this.options.detections;
    const { rules, correlations } = detections.rules;
    return {
      generation: stats.generation,
      ...(refusal === undefined ? {} : { refusal }),
      rules: [...rules.map(ruleView), ...correlations.map(correlationView)],
    };
  }

  @Endpoint('listPolicies')
  listPolicies() {
    const { policies } = this.options.detections.detections;
    return {
      policies: policies.map(({ name, match, block, scope, durations, dryRun, cutSessions }) => ({
        ...{ name, match, block, scope, durationsMs: durations, dryRun, cutSessions },
      })),
    };
  }
}

function ruleView(rule: Rule) {
  return { ...described(rule), id: rule.id, type: 'rule' };
}

function correlationView(rule: Correlation) {
  const { ruleId, type, condition, windowMs, groupBy, rules } = rule;
  return { ...described(rule), id: ruleId, type, threshold: condition.atLeast, windowMs, groupBy, rules };
}

function described({ name, title, level, tags, description, generate }: Rule | Correlation) {
  return { name, title, level, tags, ...(description === undefined ? {} : { description }), alerts: generate };
}
