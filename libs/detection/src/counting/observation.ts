import type { EvidenceClass } from '@fleetwall/core';

/**
 * An event that matters to correlations which group by the same fields, reduced to what counting needs. The record of
 * `fleetwall.observations` under {@link recordKeyOf}, so that one instance owns all windows of a group.
 *
 * - `count`: an attempt to be counted.
 * - `clear`: a logon that succeeded: forgives the same person's mistypes, and makes the address known for good.
 * - `then`: the event that follows in a `temporal_ordered` correlation of counted failures.
 * - `match`: an event that plain rules matched, for correlations over matches (see `Chain`) and for rules that alert by
 *   themselves. `key` and `fields` are those of the route: the groups are found in `values` by who counts.
 */
export interface Observation {
  /** Names of the correlations, each once. */
  rules: readonly string[];
  step: 'count' | 'clear' | 'then' | 'match';
  /** Tenant, evidence class and group-by values; see {@link groupKeyOf}. */
  key: string;
  /** The group-by fields and their values. */
  fields: Record<string, string>;
  timeMs: number;
  /** By the centre's clock. */
  ingestedMs: number;
  /** The try, for `count`; of the other steps the event, where it has an id; of a `match`, 12 hex digits. */
  attemptId: string;
  /** The plain rules that matched, for `match`. */
  matched?: readonly string[];
  /** What those of the correlations that are a `value_count` count, by field; of a `match`, all that is needed of the event. */
  values?: Record<string, string>;
  /** As counted: an IPv6 address is its /64. */
  address?: string;
  account?: string;
  /** What tells the account from others where its name may be masked or not: its digest. */
  accountHash?: string;
  host: string;
  /** Made on a web application, which only the web's ports lead to; absent: another service, or not known. */
  application?: 'http';
  tenant: string;
  evidence: EvidenceClass;
  /** The line was there before the collector's first start. */
  history?: boolean;
}

/** The group-by fields and the group key: rules that group alike may give the same key as rules that group otherwise. */
export function recordKeyOf({ fields, key }: Pick<Observation, 'fields' | 'key'>): string {
  return `${Object.keys(fields).join()} ${key}`;
}

const SEPARATOR = '\x1f';

/** Evidence of different worth is never added up, but for what can block nobody (`any`), nor that of different tenants. */
export function groupKeyOf(tenant: string, evidence: EvidenceClass | 'any', values: readonly string[]): string {
  return [tenant, evidence, ...values].join(SEPARATOR);
}
