import type { Clock, Registry } from '@fleetwall/core';
import type { Correlation, Rule } from '@fleetwall/detection';
import { matchesPolicy, type Policy, RULE_SWITCHES, type RuleMode, type RuleSwitch } from '@fleetwall/response';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import type { ConsoleOptions } from '../console-options.js';

type AnyRule = Rule | Correlation;

export interface RuleBookParts {
  detections: ConsoleOptions['detections'];
  registry: Registry;
  clock: Clock;
}

/** Rules as this process read them, and what people made of them, which the registry has for every process. */
export class RuleBook {
  constructor(private readonly parts: RuleBookParts) {}

  async list(caller: Caller) {
    const { stats, refusal } = this.parts.detections;
    const switches = new Map(
      (await this.parts.registry.list<RuleSwitch>(RULE_SWITCHES)).map(({ id, value }) => [id, value]),
    );
    return {
      generation: stats.generation,
      ...(refusal === undefined ? {} : { refusal }),
      rules: this.#all().map((rule) => this.#view(rule, switches.get(rule.name), caller)),
    };
  }

  /** With the file it is in. Throws NOT_FOUND. */
  async get(name: string, caller: Caller) {
    const rule = this.#find(name);
    const yaml = this.parts.detections.detections.texts?.get(rule.file.path);
    return {
      ...this.#view(rule, await this.switchOf(name), caller),
      file: rule.file,
      ...(yaml === undefined ? {} : { yaml }),
    };
  }

  async switchOf(name: string): Promise<RuleSwitch | undefined> {
    return (await this.parts.registry.get<RuleSwitch>(RULE_SWITCHES, name))?.value;
  }

  /** Throws NOT_FOUND, and INPUT_INVALID for a rule that only others refer to. */
  async switch(name: string, mode: RuleMode, comment: string, caller: Caller) {
    const rule = this.#find(name);
    if (!rule.generate)
      throw consoleError('INPUT_INVALID', { field: 'name', reason: 'is a rule that makes no alerts of its own' });
    const { registry, clock } = this.parts;
    const value: RuleSwitch = { mode, by: caller.name, comment, atMs: clock() };
    if (mode !== 'on') await registry.put(RULE_SWITCHES, name, value);
    else if (await registry.get(RULE_SWITCHES, name)) await registry.delete(RULE_SWITCHES, name);
    return this.#view(rule, mode === 'on' ? undefined : value, caller);
  }

  policies() {
    return this.parts.detections.detections.policies;
  }

  /** What an alert of the rule leads to. */
  policyOf(rule: AnyRule): Policy | undefined {
    return this.policies().find((policy) => matchesPolicy(policy, { ...rule, rule: rule.name, ruleId: idOf(rule) }));
  }

  #all(): AnyRule[] {
    const { rules, correlations } = this.parts.detections.detections.rules;
    return [...rules, ...correlations];
  }

  #find(name: string): AnyRule {
    const rule = this.#all().find((one) => one.name === name);
    if (!rule) throw consoleError('NOT_FOUND', { what: 'rule' });
    return rule;
  }

  /** Who switched a rule, and what they said of it, is not a tenant's to read. */
  #view(rule: AnyRule, made: RuleSwitch | undefined, { tenant }: Caller) {
    const { name, title, level, tags, description, falsepositives, generate } = rule;
    const policy = this.policyOf(rule);
    const isTold = made !== undefined && tenant === undefined;
    return {
      ...{ name, id: idOf(rule), title, level, tags },
      ...(description === undefined ? {} : { description }),
      ...(falsepositives === undefined ? {} : { falsepositives }),
      alerts: generate,
      mode: made?.mode ?? ('on' as const),
      ...(isTold ? { switched: { by: made.by, at: iso(made.atMs), comment: made.comment } } : {}),
      ...('rules' in rule ? countingView(rule) : { type: 'rule' }),
      ...(generate && policy ? { follows: policyView(policy) } : {}),
    };
  }
}

export function policyView(policy: Policy) {
  const { name, match, block, scope, durations, escalationWindow, dryRun, cutSessions, ports, breaker } = policy;
  return {
    ...{ name, match, block, scope, durationsMs: durations, escalationWindowMs: escalationWindow },
    ...{ dryRun, cutSessions, ports, breaker: { blocks: breaker.blocks, withinMs: breaker.within } },
  };
}

function idOf(rule: AnyRule): string {
  return 'ruleId' in rule ? rule.ruleId : rule.id;
}

function countingView({ type, condition, windowMs, latenessMs, groupBy, rules, field }: Correlation) {
  const counted = { type, threshold: condition.atLeast, windowMs, latenessMs, groupBy, rules };
  return field === undefined ? counted : { ...counted, field };
}
