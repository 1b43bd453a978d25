import { detectionError } from '../errors.js';
import type { Correlation } from '../sigma/index.js';

/** What the counter does for one correlation: chains resolved to the plain rules that are counted. */
export interface CountingPlan {
  name: string;
  correlation: Correlation;
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
}

/** Longest window plus lateness; times inside a window are 32-bit milliseconds. */
const MAX_HORIZON_MS = 24 * 86_400_000;

/** Plans for every correlation that generates alerts. Throws on a correlation that cannot be counted. */
export function planCorrelations(correlations: readonly Correlation[]): CountingPlan[] {
  const byName = new Map(correlations.map((correlation) => [correlation.name, correlation]));
  return correlations.filter((c) => c.generate).map((c) => planOf(c, byName));
}

function planOf(correlation: Correlation, byName: Map<string, Correlation>): CountingPlan {
  const base = {
    name: correlation.name,
    correlation,
    groupBy: correlation.groupBy,
    thenWithinMs: correlation.windowMs,
  };
  if (correlation.type === 'event_count' || correlation.type === 'value_count') {
    const nested = correlation.rules.find((rule) => byName.has(rule));
    if (nested !== undefined) throw unsupported(correlation, `it counts firings of the correlation ${nested}`);
    return withinHorizon({ ...base, counts: correlation.rules, ...countingOf(correlation) });
  }
  const [first, second, ...more] = correlation.rules;
  const counted = first === undefined ? undefined : byName.get(first);
  if (correlation.type !== 'temporal_ordered' || more.length > 0 || second === undefined || byName.has(second)) {
    throw unsupported(correlation, `${correlation.type} is known only as one event_count followed by one plain rule`);
  }
  if (counted?.type !== 'event_count') throw unsupported(correlation, `${first} is not an event_count correlation`);
  if (counted.groupBy.join() !== correlation.groupBy.join()) {
    throw unsupported(correlation, `it groups by other fields than ${counted.name}`);
  }
  return withinHorizon({ ...base, counts: counted.rules, followedBy: second, ...countingOf(counted) });
}

function countingOf(correlation: Correlation) {
  const { field, windowMs, latenessMs } = correlation;
  return { field, threshold: correlation.condition.atLeast, windowMs, latenessMs };
}

function withinHorizon(plan: CountingPlan): CountingPlan {
  if (plan.windowMs + plan.latenessMs <= MAX_HORIZON_MS) return plan;
  throw unsupported(plan.correlation, 'timespan and lateness together are longer than 24 days');
}

function unsupported(correlation: Correlation, reason: string) {
  return detectionError('CORRELATION_UNSUPPORTED', { rule: correlation.name, reason });
}
