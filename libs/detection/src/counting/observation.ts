import type { EvidenceClass } from '@fleetwall/core';

/**
 * An event that matters to correlations which group by the same fields, reduced to what counting needs. The record of
 * `fleetwall.observations` under {@link recordKeyOf}, so that one instance owns all windows of a group.
 *
 * - `count`: an attempt to be counted.
 * - `clear`: a logon that succeeded: forgives the same person's mistypes, and makes the address known for good.
 * - `then`: the event that follows in a `temporal_ordered` correlation.
 */
export interface Observation {
  /** Names of the correlations, each once. */
  rules: readonly string[];
  step: 'count' | 'clear' | 'then';
  /** Tenant, evidence class and group-by values; see {@link groupKeyOf}. */
  key: string;
  /** The group-by fields and their values. */
  fields: Record<string, string>;
  timeMs: number;
  /** By the centre's clock. */
  ingestedMs: number;
  /** The try, for `count`; of the other steps the event, where it has an id. */
  attemptId: string;
  /** What those of the correlations that are a `value_count` count, by field. */
  values?: Record<string, string>;
  /** As counted: an IPv6 address is its /64. */
  address?: string;
  account?: string;
  host: string;
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

/** Evidence of different worth is never added up, nor that of different tenants. */
export function groupKeyOf(tenant: string, evidence: EvidenceClass, values: readonly string[]): string {
  return [tenant, evidence, ...values].join(SEPARATOR);
}
