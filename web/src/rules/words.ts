import type { Policy, Rule } from '../api/types.js';
import { duration } from '../parts/times.js';

export const MODE_WORDS: Record<Rule['mode'], string> = { on: 'On', 'dry-run': 'Dry run', off: 'Off' };

const KINDS: Record<string, string> = {
  rule: 'each event',
  event_count: 'counts attempts',
  value_count: 'counts distinct values',
  temporal: 'several rules together',
  temporal_ordered: 'rules in order',
};

/** `counts attempts: 5 by source.ip in 4 d`. */
export function kindText({ type, threshold, windowMs, groupBy, field }: Rule): string {
  const kind = KINDS[type] ?? type;
  if (windowMs === undefined) return kind;
  const what = field === undefined ? `${threshold}` : `${threshold} of ${field}`;
  const by = groupBy && groupBy.length > 0 ? ` by ${groupBy.join(', ')}` : '';
  return `${kind}: ${what}${by} in ${duration(windowMs)}`;
}

/** What an alert leads to, where its rule is on: `blocks source.ip fleet-wide for 2 h, then 1 d`. */
export function followsText(policy: Policy | undefined): string {
  if (!policy) return 'nothing: no policy is for it';
  if (policy.block === 'none') return 'nothing is blocked';
  const whom = policy.block === 'contributors' ? 'each contributor' : policy.block;
  const where = { fleet: 'fleet-wide', tenant: 'in its tenant', host: 'on the hosts that saw it' }[policy.scope];
  const [first = 0, ...later] = policy.durationsMs;
  const then = later.length > 0 ? `, then ${later.map(duration).join(', ')}` : '';
  return `${policy.dryRun ? 'reports only: ' : ''}blocks ${whom} ${where} for ${duration(first)}${then}`;
}

/** What follows of a rule as it is switched. */
export function effectText({ alerts, mode, follows }: Rule): string {
  if (!alerts) return 'makes no alerts: others refer to it';
  if (mode === 'off') return 'off: no alerts, no blocks';
  const text = followsText(follows);
  return mode === 'dry-run' ? `dry run, else ${text}` : text;
}
