import type { EvidenceClass } from './event.js';

/**
 * One value that took part in an alert: an address on an attacked account, an account that an address tried, a rule of a
 * temporal correlation …
 */
export interface Contributor {
  value: string;
  /** Attempts of its own within the episode. */
  count: number;
  firstMs: number;
  lastMs: number;
  /** Hosts that saw it since it was told of before, at most 100; absent where that is not known. */
  hosts?: string[];
  /** All its attempts within the episode were made on web applications. */
  application?: 'http';
}

/** As many hosts as a contributor or an alert names. */
export const MAX_TOLD_HOSTS = 100;

/** What a later change says of a contributor, at the hosts of both. */
export function mergeContributor(earlier: Contributor | undefined, later: Contributor): Contributor {
  if (earlier?.hosts === undefined || later.hosts === undefined) return later;
  return { ...later, hosts: [...new Set([...earlier.hosts, ...later.hosts])].slice(0, MAX_TOLD_HOSTS) };
}

/** One attempt or event behind an alert. */
export interface Evidence {
  /** The event store has its lines under `fleetwall.attempt.id`; those of what is no attempt under `event.id`. */
  attemptId: string;
  timeMs: number;
  host: string;
}

/**
 * A rule fired. One open alert per rule and key: updated while it goes on, withdrawn if its evidence is.
 * Every change is published whole but for `contributors`, which holds those that changed; readers merge them by value.
 */
export interface AlertChange {
  /** Hash of rule, key and the observation that opened it. */
  id: string;
  /** Grows with each change; readers ignore a lower or equal one. */
  version: number;
  state: 'open' | 'withdrawn' | 'over';
  /** File name of the rule without ending. */
  rule: string;
  /** The rule's Sigma id. */
  ruleId: string;
  title: string;
  level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  tags: string[];
  tenant: string;
  /** The group-by fields and their values. */
  key: Record<string, string>;
  /** The field whose values are counted, for `value_count`. */
  valueField?: string;
  evidenceClass: EvidenceClass;
  /** The failures are those of accounts that this very address has logged on to before: told, never blocked. */
  knownGood: boolean;
  /** Told by lines that were there before the collector's first start: a block counts from the event's own time. */
  history: boolean;
  /** How many attempts (or distinct values; rules, of a temporal correlation) make the rule fire; 1 of a plain rule. */
  threshold: number;
  /** Event time of the first and the last attempt that counted. */
  firstMs: number;
  lastMs: number;
  /** Event time of the attempt that made it fire. */
  firedMs: number;
  /** Attempts (distinct values, for `value_count`; matches, for temporal correlations and plain rules) so far. */
  count: number;
  /**
   * All that it is told from was made on web applications, whose ports alone need to be closed; absent: of other services as
   * well, or not known.
   */
  application?: 'http';
  /** Hosts that saw it, at most 100. */
  hosts: string[];
  /** The attempts that made it fire, oldest first, then the latest. */
  evidence: Evidence[];
  /** Contributors that are new or changed with this version. */
  contributors: Contributor[];
  /** Contributors that no longer count: forgiven, or known for good. */
  cleared: string[];
}
