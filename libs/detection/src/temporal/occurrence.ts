import type { ValuedAttempt } from '../windows/index.js';

/**
 * One match of a rule that a correlation is about: an event, or what a correlation below it found, by the event that
 * completed it.
 */
export interface Occurrence extends ValuedAttempt {
  /** Of the attempt or of the event. The same event under another step is another occurrence. */
  id: string;
  /** Place of the rule in the correlation's `rules`; 0 where that makes no difference. */
  step: number;
  /** The rule's name, or what a `value_count` counts. */
  value: string;
  /** What the correlations above group by and count; absent where there is none. */
  fields?: Readonly<Record<string, string>>;
  /** It completed its correlation, and those above were told. */
  told?: boolean;
}

/** In the order of event time. Of the same millisecond nobody knows the order: then the one the rule asks for. */
export function compareOccurrences(a: Occurrence, b: Occurrence): number {
  return a.timeMs - b.timeMs || a.step - b.step || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Puts it into its place and answers that; -1 when it is there already, at whatever time. */
export function insertOccurrence(list: Occurrence[], one: Occurrence): number {
  for (const { id, step } of list) if (id === one.id && step === one.step) return -1;
  let at = list.length;
  while (at > 0 && compareOccurrences(list[at - 1] as Occurrence, one) > 0) at -= 1;
  list.splice(at, 0, one);
  return at;
}

/** The place of the first that is not before `timeMs`. */
export function placeOf(list: readonly Occurrence[], timeMs: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Occurrence).timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Shortens a list that is longer than twice `limit` to `limit`: the oldest of those values go of which there are most, so
 * that a flood of one rule's matches does not wash out another's. Answers how many went.
 */
export function thinOccurrences(list: Occurrence[], limit: number): number {
  if (list.length <= limit * 2) return 0;
  const counts = new Map<string, number>();
  for (const { value } of list) counts.set(value, (counts.get(value) ?? 0) + 1);
  const share = shareOf([...counts.values()], limit);
  const kept = list.filter(({ value }) => {
    const left = counts.get(value) as number;
    counts.set(value, left - 1);
    return left <= share;
  });
  const gone = list.length - kept.length;
  list.splice(0, list.length, ...kept);
  return gone;
}

/** How many of each may stay, so that together they are at most `limit` (and one of each). */
function shareOf(counts: number[], limit: number): number {
  counts.sort((a, b) => a - b);
  let room = limit;
  for (const [index, count] of counts.entries()) {
    const share = Math.floor(room / (counts.length - index));
    if (count > share) return Math.max(1, share);
    room -= count;
  }
  return Number.POSITIVE_INFINITY;
}
