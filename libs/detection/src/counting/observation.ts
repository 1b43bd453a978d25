import type { EvidenceClass } from '@fleetwall/core';

/**
 * An event that matters to a correlation, reduced to what counting needs. The record of `fleetwall.observations`; its
 * record key is rule and group key, so that one instance owns a window.
 *
 * - `count`: an attempt to be counted.
 * - `clear`: a logon that succeeded: forgives the same person's mistypes, and makes the address known for good.
 * - `then`: the event that follows in a `temporal_ordered` correlation.
 */
export interface Observation {
  /** Name of the correlation. */
  rule: string;
  step: 'count' | 'clear' | 'then';
  /** Tenant, evidence class and group-by values; see {@link groupKeyOf}. */
  key: string;
  /** The group-by fields and their values. */
  fields: Record<string, string>;
  timeMs: number;
  /** By the centre's clock. */
  ingestedMs: number;
  attemptId: string;
  /** The value that a `value_count` counts. */
  value?: string;
  /** As counted: an IPv6 address is its /64. */
  address?: string;
  account?: string;
  host: string;
  tenant: string;
  evidence: EvidenceClass;
  /** The line was there before the collector's first start. */
  history?: boolean;
}

const SEPARATOR = '\x1f';

/** Evidence of different worth is never added up, nor that of different tenants. */
export function groupKeyOf(tenant: string, evidence: EvidenceClass, values: readonly string[]): string {
  return [tenant, evidence, ...values].join(SEPARATOR);
}
