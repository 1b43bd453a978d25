/**
 * Exact sliding windows in event time over attempts: the contract of both kinds (`event_count`, `value_count`).
 *
 * - An attempt counts by its own time (`timeMs`), whatever the order of arrival, if it arrives within the lateness
 *   (`nowMs - timeMs <= latenessMs`); a later one is refused as `late`. More than five minutes ahead of `nowMs` counts as
 *   five minutes ahead.
 * - The same attempt id under one key counts once, for as long as its attempt is held (`windowMs + latenessMs`), also
 *   after it was retracted (until it would be late).
 * - A key fires when some window of `windowMs` (both ends inclusive) holds the threshold. From then on it is an
 *   *episode*: it takes in every attempt within `windowMs` of its first or last one. What is further away counts beside
 *   it; should that reach the threshold by itself, or a late attempt bridge the gap, the episode takes it in (`grew`).
 *   It is over when `nowMs` has passed its last attempt by `windowMs + latenessMs`; what comes later counts afresh.
 * - A retraction that leaves no window with the threshold withdraws the episode; what remains goes on counting.
 * - `nowMs` is the ingest clock and never goes back; expiry and eviction go by it, so that one host's wrong clock harms
 *   nobody.
 *
 * What is bounded, so that nobody can fill the memory: a key that has not fired holds 8,192 attempts, an episode remembers
 * at least its last 512 (four times the threshold, if that is more) and those that made it fire, 200,000 retracted ids
 * are known at a time. Ids and retraction are exact within that.
 */
export interface WindowOptions {
  /** Attempts (or distinct values) that fire, 2 to 1,000. */
  threshold: number;
  /** At least 1; with `latenessMs` at most 24 days. */
  windowMs: number;
  latenessMs: number;
  /**
   * Room for keys that have not fired; beyond it keys are evicted: what is out of reach, then keys with one attempt (one
   * value), about the oldest first and of those hosts that hold more than their share, then keys with few attempts.
   * Attempt windows take at least 4.4 MiB. Episodes have as much again; beyond it the one that fired first is given up as
   * if it were over. Value windows count live bytes, of which the garbage collector may hold twice as many.
   */
  maxBytes: number;
  /** Secret, so that nobody can write keys that collide. */
  seed: readonly [number, number];
  /** Whether an attempt with this host number was made on a web application; absent: none was. Never changes its answer. */
  isWeb?: (host: number) => boolean;
}

export interface Attempt {
  /** 12 hex digits, in lower case when answered. */
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

/** What changes of an episode as it grows; costs nothing to ask for. */
export interface Progress {
  count: number;
  firstMs: number;
  lastMs: number;
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
  /** The episode as it was before, if this took it below the threshold (it is no longer one). */
  withdrawn: Episode | undefined;
}

export interface WindowStats {
  /** Keys that have not fired. */
  keys: number;
  episodes: number;
  bytes: number;
  /** Keys evicted with one attempt (of one value); what was out of reach anyway is not counted. */
  evictedOneShot: number;
  /** Keys with more, and episodes. */
  evictedOther: number;
  /** Attempts and retracted ids given up because one key, or all retractions together, had more than is kept. */
  dropped: number;
  late: number;
  duplicates: number;
}

/** `event_count`: at least `threshold` attempts of one key within the window. */
export interface AttemptWindows {
  /** Throws WINDOWS_ATTEMPT_INVALID. */
  add(key: string, attempt: Attempt, nowMs: number): AddOutcome;
  episode(key: string): Episode | undefined;
  progress(key: string): Progress | undefined;
  /** Whether every attempt of the episode was made on a web application, those included that are no longer remembered. */
  isWeb(key: string): boolean;
  /** Counts attempts of `key` with `fromMs <= timeMs <= toMs`. */
  standing(key: string, who: number, fromMs: number, toMs: number): Standing;
  /** Removes the attempts of `who` in that time, and remembers their ids until they would be late. */
  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction;
  /** The attempts of a key that are held, those of `who` alone where it is given; the oldest first but for what is beside an episode. */
  attempts(key: string, who?: number): Attempt[];
  /** Adds an attempt that was taken back, or comes from another key: whatever its age, and although its id is remembered. */
  readmit(key: string, attempt: Attempt, nowMs: number): AddOutcome;
  /**
   * Time of the last attempt of the key's episode at or before `toMs`, when the attempts up to then alone make it fire; of
   * an episode with more attempts than are remembered, as far as they are.
   */
  firedBy(key: string, toMs: number): number | undefined;
  /** Drops some of what no window can reach any more; answers the episodes that are over, about 10,000 a call. */
  expire(nowMs: number): Episode[];
  stats(): WindowStats;
  /**
   * Everything, with a version and checksums, in chunks of at most 1 MiB. The windows must not be used before the last
   * chunk is taken: WINDOWS_SNAPSHOT_STALE.
   */
  snapshot(): Iterable<Buffer>;
  /**
   * Replaces everything by a snapshot, cut into chunks in any way. Throws WINDOWS_SNAPSHOT_DAMAGED, or
   * WINDOWS_SNAPSHOT_FOREIGN when it is of another version, kind, seed, threshold, window or lateness, and leaves the
   * windows empty then. Another `maxBytes` is allowed; keys that do not fit count as evicted.
   */
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

/**
 * `value_count`: at least `threshold` distinct values of one key within the window.
 *
 * Repetitions of a value that no window can miss are dropped once they are older than 15 minutes, and beyond 16 of one
 * person while younger; so `standing` and `retract` are exact up to that for the last 15 minutes, and a resend of what
 * was dropped is answered `counted`, to no effect.
 */
export interface ValueWindows {
  /** Throws WINDOWS_ATTEMPT_INVALID. */
  add(key: string, attempt: ValuedAttempt, nowMs: number): AddOutcome;
  episode(key: string): ValueEpisode | undefined;
  progress(key: string): Progress | undefined;
  /** The attempts of one value of an episode. */
  progressOf(key: string, value: string): Progress | undefined;
  /** As above, or for the attempts of one value of the episode; false of a value that is not told apart. */
  isWeb(key: string, value?: string): boolean;
  /** Values that ceased to be of the web alone when the last attempt was added: it may have brought in earlier ones of others. */
  ceased(key: string): readonly string[];
  standing(key: string, who: number, fromMs: number, toMs: number): Standing;
  /** As above; `cleared` are the values that have no attempt left. */
  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction & { cleared: string[] };
  /** As above, but for repetitions of a value that were dropped. */
  attempts(key: string, who?: number): ValuedAttempt[];
  readmit(key: string, attempt: ValuedAttempt, nowMs: number): AddOutcome;
  expire(nowMs: number): ValueEpisode[];
  stats(): WindowStats;
  snapshot(): Iterable<Buffer>;
  restore(chunks: Iterable<Buffer>): void;
}
