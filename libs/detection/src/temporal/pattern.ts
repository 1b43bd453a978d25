import { type Occurrence, placeOf } from './occurrence.js';

/**
 * What makes a correlation match: within `windowMs`, both ends inclusive,
 * - `count`: so many occurrences;
 * - `distinct`: occurrences of so many values (`value_count`, and `temporal`, whose values are its rules);
 * - `ordered`: one occurrence of every step, each at the time of the one before or later, and of another event.
 */
export interface Pattern {
  type: 'count' | 'distinct' | 'ordered';
  /** Occurrences, values or steps: at least 1. */
  threshold: number;
  windowMs: number;
  /** What an episode tells the number of: its occurrences, or (`value_count`) its values. */
  tells: 'occurrences' | 'values';
}

/**
 * Some match that the occurrence at `index` takes part in, as places in the list, oldest first.
 * `list` is in order; `count` is not asked for here, because it opens no episodes.
 */
export function matchAround(pattern: Pattern, list: readonly Occurrence[], index: number): number[] | undefined {
  const { threshold, windowMs } = pattern;
  const { timeMs } = list[index] as Occurrence;
  const from = placeOf(list, timeMs - windowMs);
  // Most occurrences meet too few others to be looked at any closer.
  if (!hasValues(list, from, timeMs + windowMs, threshold)) return undefined;
  if (pattern.type === 'ordered') return chainThrough(pattern, list, from, index);
  const start = startOfWindow(pattern, list, from, index);
  if (start < 0) return undefined;
  const firsts = firstsOfValues(list, start, (list[start] as Occurrence).timeMs + windowMs);
  return [...new Set([...firsts, index])].sort((a, b) => a - b);
}

/** Whether the occurrence at `index` is the last of some match: so what a correlation found has one time, its own. */
export function completes(pattern: Pattern, list: readonly Occurrence[], index: number): boolean {
  const { type, threshold, windowMs } = pattern;
  const { timeMs, step } = list[index] as Occurrence;
  const from = placeOf(list, timeMs - windowMs);
  if (type === 'count') return placeOf(list, timeMs + 1) - from >= threshold;
  if (type === 'ordered' && step !== threshold - 1) return false;
  if (!hasValues(list, from, timeMs, threshold)) return false;
  return type === 'distinct' || new ChainStarts(list, from, index, threshold).startOf(index) !== undefined;
}

/** Whether there are so many values from the place `from` to the time `toMs`. */
function hasValues(list: readonly Occurrence[], from: number, toMs: number, threshold: number): boolean {
  const seen = new Set<string>();
  for (let at = from; at < list.length; at++) {
    const { value, timeMs } = list[at] as Occurrence;
    if (timeMs > toMs) return false;
    seen.add(value);
    if (seen.size >= threshold) return true;
  }
  return false;
}

/** Where the first window begins that has `index` and enough values in it; -1 when none has. One pass, however long the list. */
function startOfWindow(
  { threshold, windowMs }: Pattern,
  list: readonly Occurrence[],
  from: number,
  index: number,
): number {
  const counts = new Map<string, number>();
  for (let start = from, end = from; start <= index; start++) {
    const { timeMs, value } = list[start] as Occurrence;
    for (; end < list.length && (list[end] as Occurrence).timeMs <= timeMs + windowMs; end++) {
      const { value: entering } = list[end] as Occurrence;
      counts.set(entering, (counts.get(entering) ?? 0) + 1);
    }
    if (counts.size >= threshold) return start;
    const left = (counts.get(value) as number) - 1;
    if (left > 0) counts.set(value, left);
    else counts.delete(value);
  }
  return -1;
}

/** Places where each value is first seen from `start` to the time `toMs`. */
function firstsOfValues(list: readonly Occurrence[], start: number, toMs: number): Iterable<number> {
  const firsts = new Map<string, number>();
  for (let at = start; at < list.length; at++) {
    const { value, timeMs } = list[at] as Occurrence;
    if (timeMs > toMs) break;
    if (!firsts.has(value)) firsts.set(value, at);
  }
  return firsts.values();
}

const NONE = -1;

/**
 * For every occurrence from `from` to `to` that ends a chain of all the steps up to its own, the chain that begins last.
 * Of each step the best and the best of another event are known, since two neighbours must not be the same event.
 */
class ChainStarts {
  readonly #starts: Float64Array;
  readonly #previous: Int32Array;
  readonly #best: Int32Array;
  readonly #second: Int32Array;

  constructor(
    readonly list: readonly Occurrence[],
    readonly from: number,
    to: number,
    steps: number,
  ) {
    this.#starts = new Float64Array(to - from + 1).fill(Number.NaN);
    this.#previous = new Int32Array(to - from + 1).fill(NONE);
    this.#best = new Int32Array(steps).fill(NONE);
    this.#second = new Int32Array(steps).fill(NONE);
    for (let at = from; at <= to; at++) this.#link(at);
  }

  /** When the chain that ends there begins; undefined when none does. */
  startOf(at: number): number | undefined {
    const start = this.#starts[at - this.from] as number;
    return Number.isNaN(start) ? undefined : start;
  }

  /** The places of the chain that ends there, oldest first. */
  chainTo(at: number): number[] {
    const chain = [];
    for (let place = at; place !== NONE; place = this.#previous[place - this.from] as number) chain.unshift(place);
    return chain;
  }

  #link(at: number): void {
    const { step, timeMs, id } = this.list[at] as Occurrence;
    let start = timeMs;
    if (step > 0) {
      const before = this.#before(step - 1, id);
      if (before === NONE) return;
      start = this.#starts[before - this.from] as number;
      this.#previous[at - this.from] = before;
    }
    this.#starts[at - this.from] = start;
    this.#keep(step, at, start, id);
  }

  #before(step: number, id: string): number {
    const best = this.#best[step] ?? NONE;
    return best !== NONE && this.#idOf(best) === id ? (this.#second[step] as number) : best;
  }

  /** A later one that begins no earlier is better. */
  #keep(step: number, at: number, start: number, id: string): void {
    const best = this.#best[step] as number;
    const second = this.#second[step] as number;
    if (best === NONE || start >= (this.#starts[best - this.from] as number)) {
      if (best !== NONE && this.#idOf(best) !== id) this.#second[step] = best;
      this.#best[step] = at;
    } else if (this.#idOf(best) !== id && (second === NONE || start >= (this.#starts[second - this.from] as number))) {
      this.#second[step] = at;
    }
  }

  #idOf(at: number): string {
    return (this.list[at] as Occurrence).id;
  }
}

/** A chain of all steps within the window that goes through `index`. */
function chainThrough({ threshold, windowMs }: Pattern, list: readonly Occurrence[], from: number, index: number) {
  const { step } = list[index] as Occurrence;
  const starts = new ChainStarts(list, from, index, threshold);
  const startMs = starts.startOf(index);
  if (startMs === undefined) return undefined;
  if (step === threshold - 1) return starts.chainTo(index);
  const after = soonestEnd(list, index, threshold, startMs + windowMs);
  return after && [...starts.chainTo(index), ...after];
}

/** The places after `index` that lead from it through all further steps, in time. */
function soonestEnd(list: readonly Occurrence[], index: number, threshold: number, toMs: number) {
  const { step: first, id: own } = list[index] as Occurrence;
  const reached: { id: string; path: number[] }[][] = [];
  reached[first] = [{ id: own, path: [] }];
  for (let at = index + 1; at < list.length; at++) {
    const { step, id, timeMs } = list[at] as Occurrence;
    if (timeMs > toMs) return undefined;
    const known = reached[step] ?? [];
    // Two of different events are enough: whatever comes next differs from one of them.
    if (step <= first || known.length === 2) continue;
    const before = reached[step - 1]?.find((one) => one.id !== id);
    if (before === undefined || known[0]?.id === id) continue;
    const path = [...before.path, at];
    if (step === threshold - 1) return path;
    reached[step] = [...known, { id, path }];
  }
  return undefined;
}
