import { AttemptNumbers } from './attempt-codec.js';
import { AttemptList } from './attempt-list.js';
import { restoreAttempts, snapshotAttempts } from './attempt-snapshot.js';
import { AttemptTable } from './attempt-table.js';
import { FiredKey, holdsThreshold, type IsWeb } from './fired-key.js';
import { FiredKeys } from './fired-keys.js';
import { KeyHash } from './key-hash.js';
import { MAX_ATTEMPTS, NIL } from './key-table.js';
import { checkOptions, MAX_AHEAD_MS } from './limits.js';
import { RetractedIds } from './retracted-ids.js';
import { SweepPace } from './sweep-pace.js';
import type {
  AddOutcome,
  Attempt,
  AttemptWindows,
  Episode,
  Progress,
  Retraction,
  Standing,
  WindowOptions,
  WindowStats,
} from './windows.js';

/** Records that one `add` and one `expire` look at for what is out of reach. */
const SWEPT_PER_ADD = 1;
const SWEPT_PER_EXPIRE = 20_000;
const OVER_PER_EXPIRE = 10_000;

/**
 * Windows of `event_count`: see `AttemptWindows`. Throws WINDOWS_OPTIONS_INVALID.
 *
 * @param hash under the same seed, which other windows over the same keys may share
 */
export function createAttemptWindows(options: WindowOptions, hash = new KeyHash(options.seed)): AttemptWindows {
  checkOptions(options);
  return new CompactAttemptWindows(options, hash);
}

/**
 * Keys that have not fired are in a table of typed arrays under a hash of their text; a key that fired becomes an object
 * under its text, and goes back to the table when its episode is over or withdrawn.
 */
export class CompactAttemptWindows implements AttemptWindows {
  readonly table: AttemptTable;
  readonly fired: FiredKeys<FiredKey>;
  readonly retracted = new RetractedIds();
  /** Episodes that were over when a later attempt came, for the next `expire`. */
  over: Episode[] = [];
  nowMs = 0;
  late = 0;
  duplicates = 0;
  /** Rises with every change; a snapshot in the making watches it. */
  changes = 0;
  readonly #numbers = new AttemptNumbers();
  readonly #reachMs: number;
  readonly #pace: SweepPace;
  /** Attempts an episode remembers, at the least. */
  readonly #logLimit: number;
  readonly isWebHost: IsWeb;

  constructor(
    readonly options: WindowOptions,
    readonly hash: KeyHash,
  ) {
    this.isWebHost = options.isWeb ?? (() => false);
    this.#reachMs = options.windowMs + options.latenessMs;
    this.#pace = new SweepPace(this.#reachMs);
    this.#logLimit = Math.max(512, options.threshold * 4);
    this.table = new AttemptTable(options.maxBytes, this.#reachMs);
    this.fired = new FiredKeys(this.#reachMs, options.maxBytes);
  }

  add(key: string, attempt: Attempt, nowMs: number): AddOutcome {
    const numbers = this.#numbers;
    numbers.read(attempt);
    this.#advance(nowMs);
    const timeMs = Math.min(attempt.timeMs, this.nowMs + MAX_AHEAD_MS);
    if (this.nowMs - timeMs > this.options.latenessMs) {
      this.late += 1;
      return 'late';
    }
    if (this.retracted.has(key, numbers.id, this.nowMs - this.options.latenessMs)) return this.#duplicate();
    return this.#put(key, timeMs);
  }

  readmit(key: string, attempt: Attempt, nowMs: number): AddOutcome {
    this.#numbers.read(attempt);
    this.#advance(nowMs);
    if (attempt.timeMs < this.#heldFromMs()) return 'late';
    this.retracted.forget(key, this.#numbers.id);
    return this.#put(key, attempt.timeMs);
  }

  /** Puts the attempt that `numbers` holds where it belongs. */
  #put(key: string, timeMs: number): AddOutcome {
    const numbers = this.#numbers;
    const fired = this.#fired(key);
    if (fired) return this.#addToFired(fired, timeMs);
    this.hash.update(key);
    const { low, high } = this.hash;
    const ref = this.table.add(low, high, timeMs, numbers);
    if (ref === NIL) return this.#duplicate();
    if (!this.#reachesThreshold()) {
      this.table.sweep(SWEPT_PER_ADD);
      return 'counted';
    }
    this.#fire(key, low, high);
    return 'fired';
  }

  episode(key: string): Episode | undefined {
    return this.#fired(key)?.episode();
  }

  progress(key: string): Progress | undefined {
    const fired = this.#fired(key);
    return fired && { count: fired.count, firstMs: fired.firstMs, lastMs: fired.lastMs };
  }

  isWeb(key: string): boolean {
    return this.#fired(key)?.isWeb ?? false;
  }

  standing(key: string, who: number, fromMs: number, toMs: number): Standing {
    const standing = { own: 0, others: 0 };
    const count = (timeMs: number, whose: number) => {
      if (timeMs < fromMs || timeMs > toMs) return;
      if (whose === who >>> 0) standing.own += 1;
      else standing.others += 1;
    };
    const fired = this.#fired(key);
    if (fired) {
      fired.loose.dropBefore(this.#heldFromMs());
      for (const list of [fired.log, fired.loose]) {
        for (let index = 0; index < list.length; index++) count(list.time(index), list.who(index));
      }
    } else if (this.#open(key)) {
      for (let index = 0; index < this.table.keys.count; index++)
        count(this.table.timeMs(index), this.table.who(index));
    }
    return standing;
  }

  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction {
    this.#advance(nowMs);
    const goesFrom = (list: AttemptList) =>
      list.take((at) => list.who(at) === who >>> 0 && list.time(at) >= fromMs && list.time(at) <= toMs);
    const fired = this.#fired(key);
    if (fired) return this.#retractFromFired(fired, goesFrom);
    if (!this.#open(key)) return { removed: [], withdrawn: undefined };
    const kept = this.table.list();
    const gone = goesFrom(kept);
    if (gone.length > 0) this.#backToTable(key, kept, true);
    return { removed: this.#remember(key, gone), withdrawn: undefined };
  }

  attempts(key: string, who?: number): Attempt[] {
    const fired = this.#fired(key);
    fired?.loose.dropBefore(this.#heldFromMs());
    const lists = fired ? [fired.log, fired.loose] : this.#open(key) ? [this.table.list()] : [];
    return lists.flatMap((list) => list.attemptsOf(who));
  }

  firedBy(key: string, toMs: number): number | undefined {
    const { threshold, windowMs } = this.options;
    return this.#fired(key)?.firedBy(toMs, threshold, windowMs);
  }

  expire(nowMs: number): Episode[] {
    this.#advance(nowMs);
    this.retracted.expire(this.nowMs - this.options.latenessMs);
    for (const fired of this.fired.over(this.nowMs, OVER_PER_EXPIRE)) this.#close(fired);
    this.table.sweep(Math.min(SWEPT_PER_EXPIRE, this.#pace.due(this.nowMs, this.table.keys.size)));
    return this.over.splice(0);
  }

  stats(): WindowStats {
    const { table, fired, retracted, late, duplicates } = this;
    return {
      keys: table.keys.size,
      episodes: fired.size,
      bytes: table.bytes + fired.bytes + retracted.size * 100,
      evictedOneShot: table.evictedOneShot,
      evictedOther: table.evictedOther,
      dropped: table.overflowed + retracted.forgotten,
      late,
      duplicates,
    };
  }

  snapshot(): Iterable<Buffer> {
    return snapshotAttempts(this);
  }

  restore(chunks: Iterable<Buffer>): void {
    this.clear();
    try {
      restoreAttempts(this, chunks);
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  clear(): void {
    this.changes += 1;
    this.table.clear(0);
    this.table.evictedOneShot = 0;
    this.table.evictedOther = 0;
    this.table.overflowed = 0;
    this.fired.clear();
    this.retracted.clear();
    this.over = [];
    this.nowMs = 0;
    this.late = 0;
    this.duplicates = 0;
  }

  #advance(nowMs: number): void {
    this.changes += 1;
    if (nowMs <= this.nowMs) return;
    this.nowMs = nowMs;
    this.table.advance(nowMs);
  }

  #heldFromMs(): number {
    return this.nowMs - this.#reachMs;
  }

  #duplicate(): AddOutcome {
    this.duplicates += 1;
    return 'duplicate';
  }

  /** The key's episode, unless it is over by now. */
  #fired(key: string): FiredKey | undefined {
    const fired = this.fired.get(key);
    if (!fired || !this.fired.isOver(fired, this.nowMs)) return fired;
    this.#close(fired);
    return undefined;
  }

  #addToFired(fired: FiredKey, timeMs: number): AddOutcome {
    const { threshold, windowMs } = this.options;
    const { id, host, who } = this.#numbers;
    fired.loose.dropBefore(this.#heldFromMs());
    if (fired.log.has(id, this.#heldFromMs()) || fired.loose.has(id, this.#heldFromMs())) return this.#duplicate();
    let grew = fired.takeNear(timeMs, id, host, who, windowMs);
    if (!grew) {
      const index = fired.loose.insert(timeMs, id, host, who);
      if (holdsThreshold(fired.loose, threshold, windowMs, index)) {
        fired.join(index, threshold, windowMs);
        grew = true;
      }
      this.table.overflowed += fired.boundLoose(MAX_ATTEMPTS);
    }
    fired.boundLog(this.#logLimit);
    this.fired.put(fired);
    return grew ? 'grew' : 'counted';
  }

  /** Whether some window with the attempt just added to the opened key holds the threshold. */
  #reachesThreshold(): boolean {
    const { threshold, windowMs } = this.options;
    const { table } = this;
    const last = Math.min(table.position, table.keys.count - threshold);
    for (let start = Math.max(0, table.position - threshold + 1); start <= last; start++) {
      if (table.timeMs(start + threshold - 1) - table.timeMs(start) <= windowMs) return true;
    }
    return false;
  }

  #fire(key: string, low: number, high: number): void {
    const list = this.table.list();
    const { position } = this.table;
    this.table.delete(low, high);
    this.fired.put(FiredKey.open(key, list, position, this.options, this.isWebHost));
    for (let surplus = this.fired.surplus(); surplus; surplus = this.fired.surplus()) {
      this.table.evictedOther += 1;
      this.#close(surplus);
    }
  }

  /** Ends an episode; what is loose beside it goes on counting. */
  #close(fired: FiredKey): void {
    this.changes += 1;
    this.fired.delete(fired);
    this.over.push(fired.episode());
    this.#backToTable(fired.key, fired.loose, false);
  }

  #retractFromFired(fired: FiredKey, goesFrom: (list: AttemptList) => AttemptList): Retraction {
    const { threshold, windowMs } = this.options;
    const before = fired.episode();
    fired.loose.dropBefore(this.#heldFromMs());
    const gone = goesFrom(fired.log);
    fired.shrink(gone);
    const withdrawn = !holdsThreshold(fired.log, threshold, windowMs);
    gone.merge(goesFrom(fired.loose));
    if (withdrawn) {
      this.fired.delete(fired);
      fired.loose.merge(fired.log);
      fired.loose.clearFired();
      this.#backToTable(fired.key, fired.loose, false);
    } else {
      this.fired.put(fired);
    }
    return { removed: this.#remember(fired.key, gone), withdrawn: withdrawn ? before : undefined };
  }

  #open(key: string): boolean {
    this.hash.update(key);
    return this.table.open(this.hash.low, this.hash.high);
  }

  /** Puts what is still held of a key into the table, in place of what is there. */
  #backToTable(key: string, list: AttemptList, replace: boolean): void {
    this.hash.update(key);
    const { low, high } = this.hash;
    if (replace) this.table.delete(low, high);
    list.dropBefore(this.#heldFromMs());
    this.table.insert(low, high, list);
  }

  #remember(key: string, gone: AttemptList): Attempt[] {
    const removed: Attempt[] = [];
    for (let index = 0; index < gone.length; index++) {
      this.retracted.remember(key, gone.numbers[index * 3 + 1] as number, gone.time(index));
      removed.push(gone.attempt(index));
    }
    return removed;
  }
}
