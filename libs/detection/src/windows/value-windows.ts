import { AttemptNumbers } from './attempt-codec.js';
import type { IsWeb } from './fired-key.js';
import { FiredKeys } from './fired-keys.js';
import { KeyHash } from './key-hash.js';
import { checkOptions, MAX_AHEAD_MS } from './limits.js';
import { RetractedIds } from './retracted-ids.js';
import { SweepPace } from './sweep-pace.js';
import { ValueFiredKey } from './value-fired-key.js';
import { ValueKey, ValueKeys } from './value-keys.js';
import { firingWindow, hasId, insertInOrder, takeWhere, thin } from './value-list.js';
import { restoreValues, snapshotValues } from './value-snapshot.js';
import type {
  AddOutcome,
  Progress,
  Retraction,
  Standing,
  ValuedAttempt,
  ValueEpisode,
  ValueWindows,
  WindowOptions,
  WindowStats,
} from './windows.js';

const SWEPT_PER_EXPIRE = 20_000;
const OVER_PER_EXPIRE = 10_000;
/** Attempts of one key that has not fired. */
const MAX_LOOSE = 8192;

/**
 * Windows of `value_count`: see `ValueWindows`. Throws WINDOWS_OPTIONS_INVALID.
 *
 * @param hash under the same seed, which other windows over the same keys may share
 */
export function createValueWindows(options: WindowOptions, hash = new KeyHash(options.seed)): ValueWindows {
  checkOptions(options);
  return new BoundedValueWindows(options, hash);
}

/** Keys as objects: there are few per rule, and what a key holds is thinned to what counting needs. */
export class BoundedValueWindows implements ValueWindows {
  readonly keys: ValueKeys;
  readonly fired: FiredKeys<ValueFiredKey>;
  readonly retracted = new RetractedIds();
  /** Episodes that were over when a later attempt came, for the next `expire`. */
  over: ValueEpisode[] = [];
  nowMs = 0;
  late = 0;
  duplicates = 0;
  dropped = 0;
  /** Rises with every change; a snapshot in the making watches it. */
  changes = 0;
  readonly #hash: KeyHash;
  readonly #numbers = new AttemptNumbers();
  readonly #reachMs: number;
  readonly #pace: SweepPace;
  readonly #visit = (item: ValueKey) => this.#trim(item);
  /** Attempts an episode remembers, at the least. */
  readonly #logLimit: number;
  readonly isWebHost: IsWeb;

  constructor(
    readonly options: WindowOptions,
    hash: KeyHash,
  ) {
    this.isWebHost = options.isWeb ?? (() => false);
    this.#reachMs = options.windowMs + options.latenessMs;
    this.#pace = new SweepPace(this.#reachMs);
    this.#logLimit = Math.max(1024, options.threshold * 4);
    this.keys = new ValueKeys(options.maxBytes);
    this.fired = new FiredKeys(this.#reachMs, options.maxBytes);
    this.#hash = hash;
  }

  add(key: string, given: ValuedAttempt, nowMs: number): AddOutcome {
    this.#numbers.read(given);
    this.#advance(nowMs);
    const timeMs = Math.min(given.timeMs, this.nowMs + MAX_AHEAD_MS);
    if (this.nowMs - timeMs > this.options.latenessMs) {
      this.late += 1;
      return 'late';
    }
    const { id, host, who, value } = given;
    if (this.retracted.has(key, this.#numbers.id, this.nowMs - this.options.latenessMs)) return this.#duplicate();
    return this.#place(key, { id: id.toLowerCase(), timeMs, host, who: who >>> 0, value });
  }

  readmit(key: string, attempt: ValuedAttempt, nowMs: number): AddOutcome {
    this.#numbers.read(attempt);
    this.#advance(nowMs);
    if (attempt.timeMs < this.nowMs - this.#reachMs) return 'late';
    this.retracted.forget(key, this.#numbers.id);
    return this.#place(key, { ...attempt });
  }

  #place(key: string, attempt: ValuedAttempt): AddOutcome {
    const fired = this.#fired(key);
    if (fired) return this.#addToFired(fired, attempt);
    return this.#addToKey(key, attempt);
  }

  episode(key: string): ValueEpisode | undefined {
    return this.#fired(key)?.episode();
  }

  progress(key: string): Progress | undefined {
    return this.#fired(key)?.progress();
  }

  progressOf(key: string, value: string): Progress | undefined {
    return this.#fired(key)?.progressOf(value);
  }

  isWeb(key: string, value?: string): boolean {
    return this.#fired(key)?.isWeb(value) ?? false;
  }

  ceased(key: string): readonly string[] {
    return this.#fired(key)?.ceased ?? [];
  }

  standing(key: string, who: number, fromMs: number, toMs: number): Standing {
    const fired = this.#fired(key);
    const standing = { own: 0, others: 0 };
    const count = (list: readonly ValuedAttempt[]) => {
      for (const one of list) {
        if (one.timeMs < fromMs || one.timeMs > toMs) continue;
        if (one.who === who >>> 0) standing.own += 1;
        else standing.others += 1;
      }
    };
    if (fired) {
      count(fired.log);
      count(this.#held(fired.loose));
    } else {
      const item = this.#key(key);
      if (item) count(item.list);
    }
    return standing;
  }

  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction & { cleared: string[] } {
    this.#advance(nowMs);
    const goes = (one: ValuedAttempt) => one.who === who >>> 0 && one.timeMs >= fromMs && one.timeMs <= toMs;
    const fired = this.#fired(key);
    if (fired) return this.#retractFromFired(fired, goes);
    const item = this.#key(key);
    if (!item) return { removed: [], withdrawn: undefined, cleared: [] };
    const removed = takeWhere(item.list, goes);
    this.#settle(item);
    this.#remember(key, removed);
    const cleared = valuesOf(removed).filter((value) => !item.list.some((one) => one.value === value));
    return { removed, withdrawn: undefined, cleared };
  }

  attempts(key: string, who?: number): ValuedAttempt[] {
    const fired = this.#fired(key);
    const held = fired ? [...fired.log, ...this.#held(fired.loose)] : (this.#key(key)?.list ?? []);
    return held.filter((one) => who === undefined || one.who === who >>> 0).map((one) => ({ ...one }));
  }

  expire(nowMs: number): ValueEpisode[] {
    this.#advance(nowMs);
    this.retracted.expire(this.nowMs - this.options.latenessMs);
    for (const fired of this.fired.over(this.nowMs, OVER_PER_EXPIRE)) this.#close(fired);
    this.keys.sweep(Math.min(SWEPT_PER_EXPIRE, this.#pace.due(this.nowMs, this.keys.budget.size)), this.#visit);
    return this.over.splice(0);
  }

  stats(): WindowStats {
    const { fired, retracted, late, duplicates } = this;
    const { size, bytes, evictedOneShot, evictedOther } = this.keys.budget;
    return {
      keys: size,
      episodes: fired.size,
      bytes: bytes + fired.bytes + retracted.size * 100,
      evictedOneShot,
      evictedOther,
      dropped: this.dropped + retracted.forgotten,
      late,
      duplicates,
    };
  }

  snapshot(): Iterable<Buffer> {
    return snapshotValues(this);
  }

  restore(chunks: Iterable<Buffer>): void {
    this.clear();
    try {
      restoreValues(this, chunks);
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  clear(): void {
    this.changes += 1;
    this.keys.clear();
    this.fired.clear();
    this.retracted.clear();
    this.over = [];
    this.nowMs = 0;
    this.late = 0;
    this.duplicates = 0;
    this.dropped = 0;
  }

  /** Takes in attempts of a key that is not there. */
  put(key: string, list: ValuedAttempt[]): void {
    if (list.length === 0) return;
    const item = new ValueKey(key, (list[0] as ValuedAttempt).host, list);
    this.keys.add(item, this.#hashOf(key));
    this.#makeRoom(item);
  }

  #makeRoom(spared: ValueKey): void {
    if (this.keys.budget.isFull) this.keys.makeRoom(spared, this.#visit, (key) => this.#hashOf(key));
  }

  #advance(nowMs: number): void {
    this.changes += 1;
    this.nowMs = Math.max(this.nowMs, nowMs);
  }

  #hashOf(key: string): number {
    this.#hash.update(key);
    return this.#hash.low;
  }

  #duplicate(): AddOutcome {
    this.duplicates += 1;
    return 'duplicate';
  }

  /** A key that has not fired, brought up to the clock. */
  #key(key: string): ValueKey | undefined {
    const item = this.keys.get(key, this.#hashOf(key));
    if (item) this.#trim(item);
    return item?.list.length ? item : undefined;
  }

  #trim(item: ValueKey): void {
    const { length } = item.list;
    if (this.#held(item.list).length < length) this.#settle(item);
  }

  /** Drops from a list what is no longer held. */
  #held(list: ValuedAttempt[]): ValuedAttempt[] {
    const heldFromMs = this.nowMs - this.#reachMs;
    let gone = 0;
    while (gone < list.length && (list[gone] as ValuedAttempt).timeMs < heldFromMs) gone += 1;
    if (gone > 0) list.splice(0, gone);
    return list;
  }

  /** The key's episode, unless it is over by now. */
  #fired(key: string): ValueFiredKey | undefined {
    const fired = this.fired.get(key);
    if (!fired || !this.fired.isOver(fired, this.nowMs)) return fired;
    this.#close(fired);
    return undefined;
  }

  #addToKey(key: string, attempt: ValuedAttempt): AddOutcome {
    const item = this.#key(key);
    if (!item) {
      this.put(key, [attempt]);
      return 'counted';
    }
    const before = item.list.length;
    if (hasId(item.list, attempt.id)) return this.#duplicate();
    const { threshold, windowMs } = this.options;
    const index = insertInOrder(item.list, attempt);
    const firing = firingWindow(item.list, index, threshold, windowMs);
    if (firing) {
      this.keys.delete(item, this.#hashOf(key));
      this.#open(ValueFiredKey.open(key, item.list, firing, attempt.timeMs, windowMs, this.isWebHost));
      return 'fired';
    }
    this.#thin(item);
    if (item.list.length === before + 1) this.keys.grown(item, attempt);
    else this.keys.update(item);
    this.#makeRoom(item);
    return 'counted';
  }

  #addToFired(fired: ValueFiredKey, attempt: ValuedAttempt): AddOutcome {
    const { threshold, windowMs } = this.options;
    const loose = this.#held(fired.loose);
    const { id, timeMs } = attempt;
    if (fired.hasInLog(id, this.nowMs - this.#reachMs) || hasId(loose, id)) return this.#duplicate();
    fired.ceased = [];
    let grew = fired.takeNear(attempt, windowMs);
    if (!grew) {
      const firing = firingWindow(loose, insertInOrder(loose, attempt), threshold, windowMs);
      if (firing) {
        fired.join(firing, timeMs, windowMs);
        grew = true;
      }
      if (loose.length >= MAX_LOOSE * 2) this.#shorten(loose);
    }
    fired.bound(this.#logLimit);
    this.fired.put(fired);
    return grew ? 'grew' : 'counted';
  }

  #open(fired: ValueFiredKey): void {
    fired.bound(this.#logLimit);
    this.fired.put(fired);
    for (let surplus = this.fired.surplus(); surplus; surplus = this.fired.surplus()) {
      this.keys.budget.evictedOther += 1;
      this.#close(surplus);
    }
  }

  /** Ends an episode; what is loose beside it goes on counting. */
  #close(fired: ValueFiredKey): void {
    this.changes += 1;
    this.fired.delete(fired);
    this.over.push(fired.episode());
    this.put(fired.key, this.#held(fired.loose));
  }

  #retractFromFired(fired: ValueFiredKey, goes: (one: ValuedAttempt) => boolean): Retraction & { cleared: string[] } {
    const { threshold, windowMs } = this.options;
    const before = fired.episode();
    const loose = this.#held(fired.loose);
    const removed = fired.remove(goes);
    for (const one of takeWhere(loose, goes)) insertInOrder(removed, one);
    this.#remember(fired.key, removed);
    const cleared = valuesOf(removed).filter(
      (value) => !fired.hasValue(value) && !loose.some((one) => one.value === value),
    );
    if (fired.holds(threshold, windowMs)) {
      this.fired.put(fired);
      return { removed, withdrawn: undefined, cleared };
    }
    this.fired.delete(fired);
    for (const one of fired.log) insertInOrder(loose, one);
    this.put(fired.key, this.#held(loose));
    return { removed, withdrawn: before, cleared };
  }

  /** After attempts of a key went: it goes with the last of them. */
  #settle(item: ValueKey): void {
    if (item.list.length > 0) this.keys.update(item);
    else this.keys.delete(item, this.#hashOf(item.key));
  }

  #thin(item: ValueKey): void {
    if (item.list.length < item.thinAt) return;
    this.#shorten(item.list);
    item.thinAt = Math.max(32, item.list.length * 2);
  }

  #shorten(list: ValuedAttempt[]): void {
    thin(list, this.nowMs, this.options.windowMs, this.isWebHost);
    const excess = list.length - MAX_LOOSE;
    if (excess > 0) this.dropped += list.splice(0, excess).length;
  }

  #remember(key: string, removed: readonly ValuedAttempt[]): void {
    for (const { id, timeMs } of removed) this.retracted.remember(key, Number.parseInt(id, 16), timeMs);
  }
}

function valuesOf(attempts: readonly ValuedAttempt[]): string[] {
  return [...new Set(attempts.map((one) => one.value))];
}
