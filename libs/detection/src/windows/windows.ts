/**
 * Exact sliding windows in event time over attempts: the contract of both kinds (`event_count`, `value_count`).
 *
 * - An attempt counts by its own time (`timeMs`), whatever the order of arrival, if it arrives within the lateness
 *   (`nowMs - timeMs <= latenessMs`); a later one is refused as `late`.
 * - The same attempt id under one key counts once, also after it was retracted.
 * - A key fires when some window of `windowMs` (both ends inclusive) holds the threshold. From then on it is an
 *   *episode*: every attempt within `windowMs` of its last one grows it. It is over when `nowMs` has passed its last
 *   attempt by `windowMs + latenessMs`; what comes later counts afresh.
 * - A retraction that leaves no window with the threshold withdraws the episode; what remains goes on counting.
 * - `nowMs` is the ingest clock and never goes back; expiry and eviction go by it, so that one host's wrong clock harms
 *   nobody.
 */
export interface WindowOptions {
  /** Attempts (or distinct values) that fire, 2 to 1,000. */
  threshold: number;
  windowMs: number;
  latenessMs: number;
  /** Room for keys that have not fired; beyond it keys are evicted, one-shot keys first. */
  maxBytes: number;
  /** Secret, so that nobody can write keys that collide. */
  seed: readonly [number, number];
}

export interface Attempt {
  /** 12 hex digits. */
  id: string;
  timeMs: number;
  /** Interned host, 0 to 65,535. */
  host: number;
  /** 32-bit hash of address and account: whose attempt it is, for forgiveness. */
  who: number;
}

export type AddOutcome = 'late' | 'duplicate' | 'counted' | 'fired' | 'grew';

/** What an episode knows; `attempts` holds those that made it fire and the latest ones, at most 64, oldest first. */
export interface Episode<A extends Attempt = Attempt> {
  key: string;
  attempts: A[];
  /** Attempts in all (`event_count`) or distinct values in all (`value_count`), without the retracted. */
  count: number;
  firstMs: number;
  lastMs: number;
  /** `timeMs` of the attempt that made it fire. */
  firedMs: number;
}

/** What a key holds about one person at one address. */
export interface Standing {
  /** Attempts with this `who` in the asked time. */
  own: number;
  /** Attempts of others in the asked time. */
  others: number;
}

export interface Retraction {
  removed: Attempt[];
  /** The episode, if this took it below the threshold (it is no longer one). */
  withdrawn: Episode | undefined;
}

export interface WindowStats {
  keys: number;
  episodes: number;
  bytes: number;
  evictedOneShot: number;
  evictedOther: number;
  /** Attempts and retracted ids given up because one key, or all retractions together, had more than is kept. */
  dropped: number;
  late: number;
  duplicates: number;
}

/** `event_count`: at least `threshold` attempts of one key within the window. */
export interface AttemptWindows {
  add(key: string, attempt: Attempt, nowMs: number): AddOutcome;
  episode(key: string): Episode | undefined;
  /** Counts attempts of `key` with `fromMs <= timeMs <= toMs`. */
  standing(key: string, who: number, fromMs: number, toMs: number): Standing;
  /** Removes the attempts of `who` in that time, and remembers their ids until they would be late. */
  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction;
  /** Drops what no window can reach any more; answers the episodes that are over. */
  expire(nowMs: number): Episode[];
  stats(): WindowStats;
  /** Everything, with a version and a checksum, in chunks of at most 1 MiB. */
  snapshot(): Iterable<Buffer>;
  /** Replaces everything. Throws on a damaged, foreign or differently configured snapshot, leaving the windows empty. */
  restore(chunks: Iterable<Buffer>): void;
}

/** An attempt that carries the value which is counted. */
export interface ValuedAttempt extends Attempt {
  value: string;
}

export interface ValueEpisode extends Episode<ValuedAttempt> {
  /** Every distinct value of the episode with its own attempts; at most 10,000, the rest only counted. */
  values: Map<string, { count: number; firstMs: number; lastMs: number }>;
}

/** `value_count`: at least `threshold` distinct values of one key within the window. */
export interface ValueWindows {
  add(key: string, attempt: ValuedAttempt, nowMs: number): AddOutcome;
  episode(key: string): ValueEpisode | undefined;
  standing(key: string, who: number, fromMs: number, toMs: number): Standing;
  /** As above; `cleared` are the values that have no attempt left. */
  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction & { cleared: string[] };
  expire(nowMs: number): ValueEpisode[];
  stats(): WindowStats;
  snapshot(): Iterable<Buffer>;
  restore(chunks: Iterable<Buffer>): void;
}
