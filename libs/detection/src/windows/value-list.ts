import type { ValuedAttempt } from './windows.js';

/** Retraction looks back so far: younger attempts are kept one by one, because any of them may yet be taken away. */
export const RETRACTABLE_MS = 900_000;
/** Young attempts kept of one value by one person. */
const MAX_YOUNG = 16;

/** Puts an attempt in its place in the order of time and id; answers the index. */
export function insertInOrder(list: ValuedAttempt[], attempt: ValuedAttempt): number {
  let index = list.length;
  while (index > 0 && isAfter(list[index - 1] as ValuedAttempt, attempt)) index -= 1;
  if (index === list.length) list.push(attempt);
  else list.splice(index, 0, attempt);
  return index;
}

/** Whether an attempt with this id is in the list. Ids are hashes: their last digits tell most apart, for less. */
export function hasId(list: readonly ValuedAttempt[], id: string): boolean {
  const last = id.length - 1;
  const code = id.charCodeAt(last);
  for (const one of list) if (one.id.charCodeAt(last) === code && one.id === id) return true;
  return false;
}

/** Takes out what lies from `fromMs` to `toMs`. */
export function takeBetween(list: ValuedAttempt[], fromMs: number, toMs: number): ValuedAttempt[] {
  let from = 0;
  while (from < list.length && (list[from] as ValuedAttempt).timeMs < fromMs) from += 1;
  let to = from;
  while (to < list.length && (list[to] as ValuedAttempt).timeMs <= toMs) to += 1;
  return list.splice(from, to - from);
}

/** Takes out those that `goes`, asked once about each, says yes to. */
export function takeWhere(list: ValuedAttempt[], goes: (one: ValuedAttempt) => boolean): ValuedAttempt[] {
  const taken: ValuedAttempt[] = [];
  let kept = 0;
  for (const one of list) {
    if (goes(one)) taken.push(one);
    else list[kept++] = one;
  }
  list.length = kept;
  return taken;
}

/** Whether any window holds `threshold` distinct values. */
export function holdsValues(list: readonly ValuedAttempt[], threshold: number, windowMs: number): boolean {
  return windowWith(list, 0, list.length, Number.POSITIVE_INFINITY, threshold, windowMs) !== undefined;
}

/**
 * The attempts, one of each value, of a window that holds `threshold` distinct values because of the attempt at `index`.
 *
 * A window with an earlier or later attempt of the same value in it was no poorer without this one. So only windows that
 * begin after the one before and end before the one after are looked at.
 */
export function firingWindow(
  list: readonly ValuedAttempt[],
  index: number,
  threshold: number,
  windowMs: number,
): ValuedAttempt[] | undefined {
  const { timeMs, value } = list[index] as ValuedAttempt;
  let from = index;
  while (from > 0 && (list[from - 1] as ValuedAttempt).timeMs >= timeMs - windowMs) {
    if ((list[from - 1] as ValuedAttempt).value === value) break;
    from -= 1;
  }
  let to = index + 1;
  while (to < list.length && (list[to] as ValuedAttempt).timeMs <= timeMs + windowMs) {
    if ((list[to] as ValuedAttempt).value === value) break;
    to += 1;
  }
  if (to - from < threshold) return undefined;
  return windowWith(list, from, to, timeMs, threshold, windowMs);
}

/**
 * Drops attempts that no count of distinct values can miss.
 *
 * Let a < x < b be attempts of one value with b - a <= windowMs. A window (length windowMs, ends inclusive) that holds x
 * but neither a nor b begins after a and ends before b, so it is shorter than b - a, which contradicts. Hence every
 * window with x has the value without x. That stays so when a goes out of reach: a window that begins after a and holds
 * x ends after b. It would not when a or b were retracted; so all three must be older than any retraction reaches.
 *
 * Of the young ones, 16 of one value by one person are kept: who has that many has nothing to be forgiven.
 *
 * Attempts on web applications and others are looked at apart: otherwise the one that is not on the web could be dropped
 * between two that are, and an episode seem to be of the web alone.
 */
export function thin(
  list: ValuedAttempt[],
  nowMs: number,
  windowMs: number,
  isWeb: (host: number) => boolean = () => false,
): void {
  const isYoung = ({ timeMs }: ValuedAttempt) => timeMs >= nowMs - RETRACTABLE_MS;
  const group = ({ host, value }: ValuedAttempt) => `${isWeb(host) ? 'web' : 'other'} ${value}`;
  const kept = keepNeeded(list, windowMs, (one) => (isYoung(one) ? undefined : group(one)), 1);
  const young = (one: ValuedAttempt) => (isYoung(one) ? `${one.who} ${group(one)}` : undefined);
  const needed = keepNeeded(kept, windowMs, young, MAX_YOUNG - 1);
  if (needed.length < list.length) list.splice(0, list.length, ...needed);
}

/** Keeps, of each group, the first, the latest `latest`, and enough in between that no gap wider than a window opens. */
function keepNeeded(
  list: readonly ValuedAttempt[],
  windowMs: number,
  groupOf: (one: ValuedAttempt) => string | undefined,
  latest: number,
): ValuedAttempt[] {
  const groups = new Map<string, number[]>();
  list.forEach((one, index) => {
    const group = groupOf(one);
    if (group === undefined) return;
    const known = groups.get(group);
    if (known) known.push(one.timeMs, index);
    else groups.set(group, [one.timeMs, index]);
  });
  const dropped = new Set<number>();
  for (const group of groups.values()) {
    let keptMs = group[0] as number;
    for (let at = 2; at < group.length - latest * 2; at += 2) {
      if ((group[at + 2] as number) - keptMs <= windowMs) dropped.add(group[at + 1] as number);
      else keptMs = group[at] as number;
    }
  }
  return dropped.size === 0 ? [...list] : list.filter((_, index) => !dropped.has(index));
}

/** Looks at the windows that begin with an attempt of `[from, to)` at or before `beginMs`. */
function windowWith(
  list: readonly ValuedAttempt[],
  from: number,
  to: number,
  beginMs: number,
  threshold: number,
  windowMs: number,
): ValuedAttempt[] | undefined {
  const counts = new Map<string, number>();
  let end = from;
  for (let start = from; start < to; start++) {
    const { timeMs, value } = list[start] as ValuedAttempt;
    if (timeMs > beginMs) return undefined;
    for (; end < to && (list[end] as ValuedAttempt).timeMs <= timeMs + windowMs; end++) {
      const entering = (list[end] as ValuedAttempt).value;
      counts.set(entering, (counts.get(entering) ?? 0) + 1);
    }
    if (counts.size >= threshold) {
      return [...new Map(list.slice(start, end).map((one) => [one.value, one])).values()];
    }
    const left = (counts.get(value) as number) - 1;
    if (left === 0) counts.delete(value);
    else counts.set(value, left);
  }
  return undefined;
}

function isAfter(one: ValuedAttempt, other: ValuedAttempt): boolean {
  return one.timeMs > other.timeMs || (one.timeMs === other.timeMs && one.id > other.id);
}
