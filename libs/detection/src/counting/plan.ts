import { detectionError } from '../errors.js';
import type { Correlation, RuleSet } from '../sigma/index.js';
import { type Chain, chainOf, rulesOf } from './chain.js';
import { LONE_FIELDS, LONE_LATENESS_MS, QUIET_MS } from './lone-rule-counter.js';

/** What the counter does for one correlation, or for a plain rule that alerts by itself. */
export interface CountingPlan {
  name: string;
  /** What an alert says of the rule. */
  correlation: Pick<Correlation, 'ruleId' | 'title' | 'level' | 'tags'>;
  groupBy: readonly string[];
  /** Plain rules whose matches are counted. */
  counts: readonly string[];
  /** The plain rule that must follow, for `temporal_ordered`. */
  followedBy?: string;
  /** The field whose distinct values are counted, for `value_count`. */
  field?: string;
  threshold: number;
  windowMs: number;
  latenessMs: number;
  /** How long after the last counted attempt the `then` rule still follows it. */
  thenWithinMs: number;
  /** Where not attempts are counted but matches of rules and correlations. */
  chain?: Chain;
  /** A plain rule: every match is an alert. */
  isLone?: boolean;
  /** How far back an event may be of use, milliseconds. */
  reachMs: number;
}

/** Longest window plus lateness; times inside a window are 32-bit milliseconds. */
const MAX_HORIZON_MS = 24 * 86_400_000;

/** Plans for everything in a set that alerts. Throws on a correlation that cannot be counted. */
export function planRules({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): CountingPlan[] {
  const lone = rules.filter(({ generate }) => generate).map(planOfRule);
  return [...planCorrelations(correlations), ...lone];
}

/** Plans for every correlation that generates alerts. Throws on a correlation that cannot be counted. */
export function planCorrelations(correlations: readonly Correlation[]): CountingPlan[] {
  const byName = new Map(correlations.map((correlation) => [correlation.name, correlation]));
  return correlations.filter((c) => c.generate).map((c) => planOf(c, byName));
}

function planOfRule({ name, id: ruleId, title, level, tags }: RuleSet['rules'][number]): CountingPlan {
  return {
    ...{ name, correlation: { ruleId, title, level, tags }, groupBy: LONE_FIELDS, counts: [name], threshold: 1 },
    ...{ windowMs: QUIET_MS, latenessMs: LONE_LATENESS_MS, thenWithinMs: 0, isLone: true },
    reachMs: QUIET_MS + LONE_LATENESS_MS,
  };
}

function planOf(correlation: Correlation, byName: Map<string, Correlation>): CountingPlan {
  const { name, groupBy, type, rules, windowMs } = correlation;
  const base = { name, correlation, groupBy, thenWithinMs: windowMs };
  const isCount = type === 'event_count' || type === 'value_count';
  if (isCount && !rules.some((rule) => byName.has(rule))) {
    return withinHorizon({ ...base, counts: rules, ...countingOf(correlation) });
  }
  const followed = followedOf(correlation, byName);
  if (followed) {
    return withinHorizon({ ...base, counts: followed.rules, followedBy: rules[1] as string, ...countingOf(followed) });
  }
  const chain = chainOf(correlation, byName, (reason) => unsupported(correlation, reason));
  return withinHorizon({ ...base, ...countingOf(correlation), counts: rulesOf(chain), chain, reachMs: chain.reachMs });
}

/**
 * The correlation over attempts that a plain rule follows, grouped alike: that is counted over attempts, so that mistypes
 * are forgiven and it costs no windows of its own.
 */
function followedOf({ type, rules, groupBy, aliases }: Correlation, byName: Map<string, Correlation>) {
  const [first = '', second = '', ...more] = rules;
  const counted = byName.get(first);
  if (type !== 'temporal_ordered' || more.length > 0 || byName.has(second) || aliases !== undefined) return undefined;
  if (counted?.type !== 'event_count' || counted.groupBy.join() !== groupBy.join()) return undefined;
  return counted.rules.some((rule) => byName.has(rule)) ? undefined : counted;
}

function countingOf({ field, windowMs, latenessMs, condition }: Correlation) {
  return { field, threshold: condition.atLeast, windowMs, latenessMs, reachMs: windowMs + latenessMs };
}

function withinHorizon<P extends CountingPlan & { correlation: Correlation }>(plan: P): P {
  if (plan.reachMs <= MAX_HORIZON_MS) return plan;
  throw unsupported(plan.correlation, 'timespan and lateness together are longer than 24 days');
}

function unsupported(correlation: Correlation, reason: string) {
  return detectionError('CORRELATION_UNSUPPORTED', { rule: correlation.name, reason });
}
