import type { Clock, EventStore, Query } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { type Events, shown } from './events.js';

/** Events of the time before are followed; more would open the files of many days every second. */
const REACH_MS = 86_400_000;
/** Hosts' clocks may be ahead. */
const AHEAD_MS = 5 * 60_000;
/** How long after its arrival an event may come into the store and still be told of. */
const WINDOW_MS = 60_000;
/** What arrived as lately is read again each time: it is still on its way into the store. */
const LEAST_OPEN_MS = 2_000;
const MOST_OPEN_MS = 32_000;
const MOST = 1_000;

/** What was told: everything that had arrived from `fromMs` to before `toMs` and was in the store, `count` events. */
interface Told {
  fromMs: number;
  toMs: number;
  count: number;
  /** How much of what came last is left open for what is on its way. */
  openMs: number;
}

/**
 * New events in the order in which they arrive at the centre (`event.ingested`), whatever time they are of. All of it is in
 * the cursor: any console goes on where another one stopped.
 *
 * What arrives comes into the store later, and not in that order. So the last seconds are told of again each time, and the
 * minute before them is counted: when it holds more than was told of, it is told of again as a whole, and more seconds are
 * left open from then on. No event of that minute is lost; one may come twice, with the same `event.id`. What comes into
 * the store later still than that is not followed.
 */
export class Tail {
  constructor(
    private readonly store: EventStore,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** Throws QUERY_INVALID and INPUT_INVALID. Without a cursor it begins now. */
  async after({ query, cursor }: { query: string; cursor?: string | undefined }, caller: Caller) {
    const nowMs = this.clock();
    const range = { from: String(nowMs - REACH_MS), to: String(nowMs + AHEAD_MS) };
    const found = this.events.found({ query, ...range }, caller);
    const arrived = (fromMs: number, toMs?: number) => ({ ...found, query: arrivedWithin(found.query, fromMs, toMs) });
    const before = cursor === undefined ? undefined : decodeTold(cursor);
    const isLate = before !== undefined && (await this.store.count(arrived(before.fromMs, before.toMs))) > before.count;
    const openMs = Math.min(MOST_OPEN_MS, (before?.openMs ?? LEAST_OPEN_MS) * (isLate ? 2 : 1));
    const toMs = nowMs - openMs;
    // Counted before it is read: what comes in between is read, and counts as late next time.
    const fromMs = Math.min(toMs, Math.max(before?.fromMs ?? 0, nowMs - WINDOW_MS));
    const count = await this.store.count(arrived(fromMs, toMs));
    const page = before && (await this.#read(arrived(isLate ? before.fromMs : before.toMs)));
    return {
      at: iso(nowMs),
      from: iso(nowMs - REACH_MS),
      events: page?.events.map(shown) ?? [],
      isCut: page?.cursor !== undefined,
      cursor: encodeTold({ fromMs, toMs, count, openMs }),
    };
  }

  #read(found: { query: Query; range: { fromMs: number; toMs: number } }) {
    return this.store.search({ ...found, order: 'newest', limit: MOST });
  }
}

function arrivedWithin(query: Query, fromMs: number, toMs?: number): Query {
  const bounds = { gte: fromMs, ...(toMs === undefined ? {} : { lte: toMs - 1 }) };
  return { type: 'and', of: [query, { type: 'range', field: 'event.ingested', ...bounds }] };
}

function encodeTold({ fromMs, toMs, count, openMs }: Told): string {
  return Buffer.from(JSON.stringify([fromMs, toMs, count, openMs])).toString('base64url');
}

function decodeTold(cursor: string): Told {
  try {
    const numbers = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as number[];
    const [fromMs = -1, toMs = -1, count = -1, openMs = -1, ...rest] = numbers;
    const isOne = [fromMs, toMs, count, openMs].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (isOne && fromMs <= toMs && rest.length === 0) return { fromMs, toMs, count, openMs };
  } catch {
    // Told below, as every other cursor that is none.
  }
  throw consoleError('INPUT_INVALID', { field: 'cursor', reason: 'is none of this list' });
}
