import type { Event } from '../api/types.js';

/** Of those that are shown, and of those that wait: older ones go. */
const MOST_ROWS = 1_000;
/** More ids than can come twice: an answer holds at most 1,000, and a minute of them is told of again. */
const MOST_KNOWN = 5_000;

/** What the live tail shows. Never changed, always made anew. */
export interface TailRows {
  /** As they came, the newest first. */
  rows: readonly Event[];
  /** Came while the rows were held. */
  waiting: readonly Event[];
  /** How many wait, also of those that have gone since. */
  waitingCount: number;
  /** Ids of the last ones, oldest first. */
  known: ReadonlySet<string>;
  /** From the arrival at the centre to here: the median of the last ones that came, milliseconds. */
  delayMs: number | undefined;
}

export function tailOf(rows: readonly Event[]): TailRows {
  const shown = rows.slice(0, MOST_ROWS);
  return { rows: shown, waiting: [], waitingCount: 0, known: new Set(shown.map(idOf).reverse()), delayMs: undefined };
}

/**
 * After an answer of the tail.
 *
 * @param at when it was given, by the clock that also stamped the arrivals
 */
export function withArrived(tail: TailRows, events: readonly Event[], at: string, isHeld: boolean): TailRows {
  const fresh = events.filter((event) => !tail.known.has(idOf(event)));
  if (fresh.length === 0) return isHeld ? tail : released(tail);
  const known = new Set([...tail.known, ...fresh.map(idOf).reverse()].slice(-MOST_KNOWN));
  const waiting = [...fresh, ...tail.waiting].slice(0, MOST_ROWS);
  const waitingCount = tail.waitingCount + fresh.length;
  const next = { ...tail, waiting, waitingCount, known, delayMs: delayOf(fresh, at) ?? tail.delayMs };
  return isHeld ? next : released(next);
}

/** What waited comes on top. */
export function released(tail: TailRows): TailRows {
  if (tail.waiting.length === 0) return tail;
  return { ...tail, rows: [...tail.waiting, ...tail.rows].slice(0, MOST_ROWS), waiting: [], waitingCount: 0 };
}

function delayOf(events: readonly Event[], at: string): number | undefined {
  const atMs = Date.parse(at);
  const delays = events.flatMap((event) => {
    const arrivedMs = Date.parse(String(event['event.ingested']));
    return Number.isNaN(arrivedMs) ? [] : [Math.max(0, atMs - arrivedMs)];
  });
  return delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)];
}

function idOf(event: Event): string {
  return String(event['event.id']);
}
