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
  if (pattern.type === 'ordered') return chainThrough(pattern, list, index);
  const start = startOfWindow(pattern, list, index);
  if (start < 0) return undefined;
  const firsts = firstsOfValues(list, start, (list[start] as Occurrence).timeMs + pattern.windowMs);
  return [...new Set([...firsts.values(), index])].sort((a, b) => a - b);
}

/** Where the first window begins that has `index` and enough values in it; -1 when none has. One pass, however long the list. */
function startOfWindow({ threshold, windowMs }: Pattern, list: readonly Occurrence[], index: number): number {
  const counts = new Map<string, number>();
  const from = placeOf(list, (list[index] as Occurrence).timeMs - windowMs);
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

/** Whether the occurrence at `index` is the last of some match: so what a correlation found has one time, its own. */
export function completes(pattern: Pattern, list: readonly Occurrence[], index: number): boolean {
  const { timeMs, step } = list[index] as Occurrence;
  const from = placeOf(list, timeMs - pattern.windowMs);
  if (pattern.type === 'count') return placeOf(list, timeMs + 1) - from >= pattern.threshold;
  if (pattern.type === 'distinct') return firstsOfValues(list, from, timeMs).size >= pattern.threshold;
  return step === pattern.threshold - 1 && startsOf(list, from, index).has(index);
}

/** Places where each value is first seen from `start` to the time `toMs`. */
function firstsOfValues(list: readonly Occurrence[], start: number, toMs: number): Map<string, number> {
  const firsts = new Map<string, number>();
  for (let at = start; at < list.length; at++) {
    const { value, timeMs } = list[at] as Occurrence;
    if (timeMs > toMs) break;
    if (!firsts.has(value)) firsts.set(value, at);
  }
  return firsts;
}

/** The latest beginning of a chain that ends at some occurrence, and the one before it. */
interface Link {
  startMs: number;
  previous: number;
}

/** Of the links of one step, the best and the best of another event: the next step must not be the same event. */
interface Best {
  at: number;
  id: string;
  link: Link;
}

/** For every occurrence from `from` to `to` that ends a chain of all the steps up to its own, the chain that begins last. */
function startsOf(list: readonly Occurrence[], from: number, to: number): Map<number, Link> {
  const links = new Map<number, Link>();
  const best: Best[][] = [];
  for (let at = from; at <= to; at++) {
    const { step, id, timeMs } = list[at] as Occurrence;
    const before = step === 0 ? undefined : best[step - 1]?.find((one) => one.id !== id);
    if (step > 0 && before === undefined) continue;
    const link = before ? { startMs: before.link.startMs, previous: before.at } : { startMs: timeMs, previous: -1 };
    links.set(at, link);
    best[step] = bestOf(best[step], { at, id, link });
  }
  return links;
}

/** A later one that begins no earlier is better. */
function bestOf(known: readonly Best[] | undefined, one: Best): Best[] {
  if (known === undefined) return [one];
  return [one, ...known]
    .sort((a, b) => b.link.startMs - a.link.startMs)
    .filter(isFirstOfEvent)
    .slice(0, 2);
}

function isFirstOfEvent({ id }: Best, index: number, all: readonly Best[]): boolean {
  return all.findIndex((other) => other.id === id) === index;
}

/** A chain of all steps within the window that goes through `index`. */
function chainThrough({ threshold, windowMs }: Pattern, list: readonly Occurrence[], index: number) {
  const { timeMs, step } = list[index] as Occurrence;
  const before = startsOf(list, placeOf(list, timeMs - windowMs), index);
  const link = before.get(index);
  if (link === undefined) return undefined;
  const chain = [index];
  for (let at = link.previous; at >= 0; at = before.get(at)?.previous as number) chain.unshift(at);
  if (step === threshold - 1) return chain;
  const after = soonestEnd(list, index, threshold, link.startMs + windowMs);
  return after && [...chain, ...after];
}

/** The places after `index` that lead from it through all further steps, in time. */
function soonestEnd(list: readonly Occurrence[], index: number, threshold: number, toMs: number) {
  const { step: first, id: own } = list[index] as Occurrence;
  const reached: { at: number; id: string; path: number[] }[][] = [];
  reached[first] = [{ at: index, id: own, path: [] }];
  for (let at = index + 1; at < list.length; at++) {
    const { step, id, timeMs } = list[at] as Occurrence;
    if (timeMs > toMs) return undefined;
    const before = step > first ? reached[step - 1]?.find((one) => one.id !== id) : undefined;
    if (before === undefined) continue;
    const path = [...before.path, at];
    if (step === threshold - 1) return path;
    // Two of different events are enough: whatever comes next differs from one of them.
    const known = reached[step] ?? [];
    if (known.length < 2 && known.every((one) => one.id !== id)) reached[step] = [...known, { at, id, path }];
  }
  return undefined;
}
