import type { WindowStats } from '../windows/index.js';
import { MAX_AHEAD_MS } from '../windows/limits.js';
import { SweepPace } from '../windows/sweep-pace.js';
import { insertOccurrence, type Occurrence, placeOf, thinOccurrences } from './occurrence.js';
import { bytesOf, OccurrenceKey, OccurrenceKeys } from './occurrence-keys.js';
import type { Pattern } from './pattern.js';

export interface TemporalWindowOptions {
  pattern: Pattern;
  latenessMs: number;
  /** Room for keys that have no episode; episodes have as much again. */
  maxBytes: number;
}

const SWEPT_PER_EXPIRE = 20_000;
/** Occurrences of one key, at the least; up to twice as many before some go. */
const MIN_HELD = 512;

/**
 * Occurrences by key, held in order of their own time for as long as one that comes late may need them: what
 * {@link EpisodeWindows} and {@link StepWindows} have in common. `nowMs` is the ingest clock and never goes back.
 */
export class HeldOccurrences {
  readonly keys: OccurrenceKeys;
  nowMs = 0;
  late = 0;
  duplicates = 0;
  dropped = 0;
  /** Rises with every change; a snapshot in the making watches it. */
  changes = 0;
  readonly reachMs: number;
  readonly limit: number;
  readonly #latenessMs: number;
  readonly #pace: SweepPace;
  readonly #trim = (item: OccurrenceKey) => this.#settleHeld(item);

  constructor({ pattern, latenessMs, maxBytes }: TemporalWindowOptions) {
    this.#latenessMs = latenessMs;
    this.reachMs = pattern.windowMs + latenessMs;
    this.limit = Math.max(MIN_HELD, pattern.threshold * 4);
    this.keys = new OccurrenceKeys(maxBytes);
    this.#pace = new SweepPace(this.reachMs);
  }

  advance(nowMs: number): void {
    this.changes += 1;
    this.nowMs = Math.max(this.nowMs, nowMs);
  }

  /** With its time as it counts, or undefined (and counted) when it comes too late. */
  admit(given: Occurrence, nowMs: number): Occurrence | undefined {
    this.advance(nowMs);
    const timeMs = Math.min(given.timeMs, this.nowMs + MAX_AHEAD_MS);
    if (this.nowMs - timeMs <= this.#latenessMs) return { ...given, timeMs };
    this.late += 1;
    return undefined;
  }

  /** Puts it into a list and answers its place; -1 (and counted) when it is there already. */
  insert(list: Occurrence[], one: Occurrence): number {
    const index = insertOccurrence(list, one);
    if (index < 0) this.duplicates += 1;
    return index;
  }

  /** Drops from a list what is no longer held. */
  drop(list: Occurrence[]): void {
    const gone = placeOf(list, this.nowMs - this.reachMs);
    if (gone > 0) list.splice(0, gone);
  }

  thin(list: Occurrence[]): void {
    this.dropped += thinOccurrences(list, this.limit);
  }

  /** A key, brought up to the clock; a new one has no occurrences yet. */
  open(key: string, host: number): OccurrenceKey {
    const item = this.keys.get(key);
    if (item === undefined) return new OccurrenceKey(key, host, []);
    this.drop(item.list);
    return item;
  }

  /** After a key that {@link open} gave has changed, by this one where there is one. */
  close(item: OccurrenceKey, one?: Occurrence): void {
    if (one) item.occurrenceBytes = Math.max(item.occurrenceBytes, bytesOf(one));
    this.thin(item.list);
    if (this.keys.get(item.key) === item) this.keys.settle(item);
    else if (item.list.length > 0) this.keys.add(item);
    this.keys.makeRoom(item, this.#trim);
  }

  sweep(nowMs: number): void {
    this.advance(nowMs);
    this.keys.sweep(Math.min(SWEPT_PER_EXPIRE, this.#pace.due(this.nowMs, this.keys.budget.size)), this.#trim);
  }

  stats(): WindowStats {
    const { keys, late, duplicates, dropped } = this;
    const { size, bytes, evictedOneShot, evictedOther } = keys.budget;
    return { keys: size, episodes: 0, bytes, evictedOneShot, evictedOther, dropped, late, duplicates };
  }

  #settleHeld(item: OccurrenceKey): void {
    const { length } = item.list;
    this.drop(item.list);
    if (item.list.length < length) this.keys.settle(item);
  }
}
