import { FairQueue } from '../windows/fair-queue.js';
import { FiredKeys } from '../windows/fired-keys.js';
import type { AddOutcome, Progress, ValueEpisode, WindowStats } from '../windows/index.js';
import { FiredPattern } from './fired-pattern.js';
import type { Occurrence } from './occurrence.js';
import { bytesOf, OccurrenceKey } from './occurrence-keys.js';
import { matchAround, type Pattern } from './pattern.js';
import { HeldOccurrences, type TemporalWindowOptions } from './temporal-windows.js';

const OVER_PER_EXPIRE = 10_000;

/**
 * Windows of a correlation that alerts, over occurrences: the contract of `windows.ts` with a pattern in place of a
 * number of attempts.
 *
 * - A key fires when some of its occurrences match the pattern, in whatever order they arrive within the lateness.
 * - From then on it is an *episode*: it takes in every occurrence within `windowMs` of its first or last one. What is
 *   further away matches on its own, and then joins it with all in between.
 * - It is over when `nowMs` has passed its last occurrence by `windowMs + latenessMs`.
 * - The same event under the same step counts once.
 */
export class EpisodeWindows {
  readonly held: HeldOccurrences;
  readonly fired: FiredKeys<FiredPattern>;
  /** Episodes that were over when a later occurrence came, for the next `expire`. */
  readonly over: ValueEpisode[] = [];
  evicted = 0;
  readonly pattern: Pattern;
  /** In the order in which they fired, so that one host that opens many gives up its own. */
  readonly #queue = new FairQueue<FiredPattern>();

  constructor(options: TemporalWindowOptions) {
    this.held = new HeldOccurrences(options);
    this.fired = new FiredKeys(this.held.reachMs, options.maxBytes);
    this.pattern = options.pattern;
  }

  add(key: string, given: Occurrence, nowMs: number): AddOutcome {
    const one = this.held.admit(given, nowMs);
    if (one === undefined) return 'late';
    const fired = this.#firedOf(key);
    return fired ? this.#addToFired(fired, one) : this.#addToKey(key, one);
  }

  episode(key: string): ValueEpisode | undefined {
    return this.#firedOf(key)?.episode();
  }

  progress(key: string): Progress | undefined {
    return this.#firedOf(key)?.progress();
  }

  /** The occurrences of one value of an episode. */
  progressOf(key: string, value: string): Progress | undefined {
    return this.#firedOf(key)?.progressOf(value);
  }

  /** The values of which an episode has more since this was last asked: one that comes late may bridge to many others. */
  takeGrown(key: string): string[] {
    const grown = this.#firedOf(key)?.grown;
    const values = [...(grown ?? [])];
    grown?.clear();
    return values;
  }

  expire(nowMs: number): ValueEpisode[] {
    this.held.sweep(nowMs);
    for (const fired of this.fired.over(this.held.nowMs, OVER_PER_EXPIRE)) this.#close(fired);
    return this.over.splice(0);
  }

  stats(): WindowStats {
    const stats = this.held.stats();
    const { size: episodes, bytes } = this.fired;
    return { ...stats, episodes, bytes: stats.bytes + bytes, evictedOther: stats.evictedOther + this.evicted };
  }

  /** Takes in an episode, of a snapshot. */
  put(fired: FiredPattern): void {
    this.fired.put(fired);
    this.#queue.push(fired);
  }

  /** The key's episode, unless it is over by now. */
  #firedOf(key: string): FiredPattern | undefined {
    const fired = this.fired.get(key);
    if (!fired || !this.fired.isOver(fired, this.held.nowMs)) return fired;
    this.#close(fired);
    return undefined;
  }

  #addToKey(key: string, one: Occurrence): AddOutcome {
    const item = this.held.open(key, one.host);
    const index = this.held.insert(item.list, one);
    const match = index < 0 ? undefined : matchAround(this.pattern, item.list, index);
    if (match === undefined) {
      this.held.close(item, one);
      return index < 0 ? 'duplicate' : 'counted';
    }
    if (this.held.keys.get(key) === item) this.held.keys.delete(item);
    this.#open(FiredPattern.open(key, item.list, match, one.timeMs, this.pattern));
    return 'fired';
  }

  #addToFired(fired: FiredPattern, one: Occurrence): AddOutcome {
    this.held.drop(fired.list);
    const index = this.held.insert(fired.list, one);
    if (index < 0) return 'duplicate';
    let grew = fired.takeNear(one);
    const match = grew ? undefined : matchAround(this.pattern, fired.list, index);
    if (match) {
      fired.join(match);
      grew = true;
    }
    this.held.thin(fired.list);
    fired.occurrenceBytes = Math.max(fired.occurrenceBytes, bytesOf(one));
    this.fired.put(fired);
    return grew ? 'grew' : 'counted';
  }

  #open(fired: FiredPattern): void {
    this.held.thin(fired.list);
    this.put(fired);
    while (this.fired.bytes > this.fired.maxBytes && this.fired.size > 1) {
      this.evicted += 1;
      this.#close(this.#queue.oldest() as FiredPattern);
    }
  }

  /** Ends an episode; what is not in it goes on counting. */
  #close(fired: FiredPattern): void {
    this.held.changes += 1;
    this.fired.delete(fired);
    this.#queue.remove(fired);
    this.over.push(fired.episode());
    const rest = fired.outside();
    this.held.drop(rest);
    if (rest.length > 0) this.held.close(new OccurrenceKey(fired.key, (rest[0] as Occurrence).host, rest));
  }
}
