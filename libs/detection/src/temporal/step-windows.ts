import { type Occurrence, placeOf } from './occurrence.js';
import { completes, type Pattern } from './pattern.js';
import { HeldOccurrences, type TemporalWindowOptions } from './temporal-windows.js';

/**
 * The windows of a correlation that another one refers to. It has no episodes: each occurrence that completes a match is
 * an occurrence of the correlation itself, at that time, for the one above.
 */
export class StepWindows {
  readonly held: HeldOccurrences;
  readonly #pattern: Pattern;

  constructor(options: TemporalWindowOptions) {
    this.held = new HeldOccurrences(options);
    this.#pattern = options.pattern;
  }

  /**
   * Answers the occurrences that complete a match and were not answered before. One that comes late may complete what
   * began before it and what ends after it, so they may be several and older than what is known.
   */
  add(key: string, given: Occurrence, nowMs: number): Occurrence[] {
    const one = this.held.admit(given, nowMs);
    if (one === undefined) return [];
    const item = this.held.open(key, one.host);
    const { list } = item;
    const completed: Occurrence[] = [];
    if (this.held.insert(list, one) >= 0) {
      const toMs = one.timeMs + this.#pattern.windowMs;
      for (let at = placeOf(list, one.timeMs); at < list.length; at++) {
        const candidate = list[at] as Occurrence;
        if (candidate.timeMs > toMs) break;
        if (candidate.told || !completes(this.#pattern, list, at)) continue;
        candidate.told = true;
        completed.push(candidate);
      }
    }
    this.held.close(item);
    return completed;
  }
}
