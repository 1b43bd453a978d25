import type { Clock, FleetEvent } from '@fleetwall/core';
import {
  type Correlation,
  Matcher,
  Observer,
  planRules,
  type Rule,
  type RuleExplanation,
  type RuleSet,
} from '@fleetwall/detection';
import type { Source } from '@fleetwall/sources';
import { consoleError } from '../api/errors.js';
import type { ConsoleOptions } from '../console-options.js';
import { shown } from '../events/events.js';
import { type PastedPiece, readPasted } from './pasted.js';
import { plainRulesOf } from './plain-rules.js';

export interface RuleTrialParts {
  detections: ConsoleOptions['detections'];
  clock: Clock;
  custom: readonly Source[];
}

/** Rules that do not match are told of as far as these, those that come nearest first. */
const MOST_MISSED = 8;
const MOST_LOOKED_AT = 500;

/** Tries the rules in force on what somebody pasted: the real readers, matcher and observer; nothing is counted or kept. */
export class RuleTrial {
  constructor(private readonly parts: RuleTrialParts) {}

  /** @param only the one rule that is asked about. Throws INPUT_INVALID, NOT_FOUND */
  run(text: string, zone: string, only: string | undefined) {
    const { rules } = this.parts.detections.detections;
    const asked = only === undefined ? rules.rules : plainRulesOf(only, rules);
    if (only !== undefined && asked.length === 0) throw consoleError('NOT_FOUND', { what: 'rule' });
    const matcher = new Matcher(rules.rules);
    const observer = new Observer(planRules(rules));
    return {
      pieces: this.#read(text, zone).map(({ event, ...piece }) =>
        event ? { ...piece, ...this.#judge(event, asked, { rules, matcher, observer }) } : piece,
      ),
    };
  }

  #read(text: string, zone: string): PastedPiece[] {
    const { clock, custom } = this.parts;
    try {
      return readPasted(text, { zone, nowMs: clock(), custom });
    } catch (error) {
      if (error instanceof RangeError)
        throw consoleError('INPUT_INVALID', { field: 'zone', reason: 'is no time zone' });
      throw error;
    }
  }

  #judge(event: FleetEvent, asked: readonly Rule[], { rules, matcher, observer }: Judges) {
    const matched = matcher.match(event);
    const observations = observer.observe(event, matched, String(event['organization.id'] ?? 'default'));
    const counted = observations.flatMap(({ rules: names, step, fields, values }) =>
      names.map((name) => ({ rule: name, step, key: { ...fields }, ...(values && { values }) })),
    );
    const missed = asked.filter((rule) => !matched.includes(rule));
    const near = missed
      .slice(0, MOST_LOOKED_AT)
      .map((rule) => ({ rule, why: rule.explain(event) }))
      .sort((a, b) => nearness(b.why) - nearness(a.why));
    return {
      source: String(event['event.module'] ?? 'unknown'),
      event: shown(event),
      matched: matched.filter((rule) => asked.includes(rule)).map((rule) => told(rule, rule.explain(event))),
      missed: near.slice(0, MOST_MISSED).map(({ rule, why }) => told(rule, why)),
      missedCount: missed.length,
      counted,
      notCounted: notCounted(rules.correlations, matched, counted, event),
    };
  }
}

interface Judges {
  rules: RuleSet;
  matcher: Matcher;
  observer: Observer;
}

function told({ name, title }: Rule, why: RuleExplanation) {
  return { rule: name, title, ...why };
}

/** A rule of another log source is far away; among the others, the one of which most holds. */
function nearness({ logsource, selections }: RuleExplanation): number {
  const items = selections.flatMap(({ alternatives }) => alternatives.flat());
  const share = items.length === 0 ? 0 : items.filter(({ holds }) => holds).length / items.length;
  return (logsource.every(({ holds }) => holds) ? 1 : 0) + share;
}

/** Correlations over a rule that matches which nonetheless count nothing: a field of their key is missing. */
function notCounted(
  correlations: readonly Correlation[],
  matched: readonly Rule[],
  counted: readonly { rule: string }[],
  event: FleetEvent,
) {
  const names = new Set(matched.map(({ name }) => name));
  const done = new Set(counted.map(({ rule }) => rule));
  return correlations
    .filter(({ name, generate, rules }) => generate && !done.has(name) && rules.some((rule) => names.has(rule)))
    .map(({ name, groupBy, field, aliases }) => ({
      rule: name,
      missing: [...groupBy, ...(field === undefined ? [] : [field])].filter(
        (one) => aliases?.[one] === undefined && event[one] === undefined,
      ),
    }));
}
