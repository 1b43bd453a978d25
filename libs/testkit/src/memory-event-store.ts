import type { BulkResult, Clock, EventStore, FleetEvent, Query, SearchPage, TimeRange } from '@fleetwall/core';
import { distinctTexts, matchesQuery } from './memory-query.js';

const DAY_MS = 86_400_000;
const YEAR_2000_MS = 946_684_800_000;

type Order = 'newest' | 'oldest';

/** The reference event store: arrays and plain loops. For tests; nothing outlives the process. */
export function createMemoryEventStore(options: { clock?: Clock } = {}): EventStore {
  const clock = options.clock ?? Date.now;
  const events = new Map<string, FleetEvent>();

  const matching = (query: Query, range: TimeRange, order: Order = 'oldest') =>
    [...events.values()]
      .filter((event) => event['@timestamp'] >= range.fromMs && event['@timestamp'] < range.toMs)
      .filter((event) => matchesQuery(event, query))
      .sort((a, b) => comparePositions(positionOf(a), positionOf(b), order))
      .map((event) => structuredClone(event));

  return {
    async bulk(added) {
      const result: BulkResult = { created: 0, duplicates: 0, rejected: [] };
      for (const event of added) {
        const reason = reasonToReject(event, clock());
        if (reason) {
          result.rejected.push({ event, reason });
        } else if (events.has(event['event.id'] as string)) {
          result.duplicates++;
        } else {
          events.set(event['event.id'] as string, withoutAbsent(event));
          result.created++;
        }
      }
      return result;
    },

    async search({ query, range, signal, order, limit, cursor }): Promise<SearchPage> {
      signal?.throwIfAborted();
      const after = cursor === undefined ? undefined : (JSON.parse(cursor) as Position);
      const rest = matching(query, range, order).filter(
        (event) => !after || comparePositions(positionOf(event), after, order) > 0,
      );
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      return last && rest.length > limit
        ? { events: page, cursor: JSON.stringify(positionOf(last)) }
        : { events: page };
    },

    async *scan({ query, range, order }) {
      yield* matching(query, range, order);
    },

    async histogram({ query, range, signal, bucketMs }) {
      signal?.throwIfAborted();
      const counts = new Map<number, number>();
      for (const event of matching(query, range)) {
        const startMs = Math.floor(event['@timestamp'] / bucketMs) * bucketMs;
        counts.set(startMs, (counts.get(startMs) ?? 0) + 1);
      }
      return [...counts].map(([startMs, count]) => ({ startMs, count })).sort((a, b) => a.startMs - b.startMs);
    },

    async top({ query, range, signal, field, limit }) {
      signal?.throwIfAborted();
      const counts = new Map<string, number>();
      for (const event of matching(query, range)) {
        for (const value of distinctTexts(event, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return [...counts]
        .map(([value, count]) => ({ value, count }))
        .sort((a, b) => b.count - a.count || compareTexts(a.value, b.value))
        .slice(0, limit);
    },

    async byId(ids) {
      const found = [...new Set(ids)].map((id) => events.get(id));
      return found.filter((event) => event !== undefined).map((event) => structuredClone(event));
    },

    async count({ query, range, signal }) {
      signal?.throwIfAborted();
      return matching(query, range).length;
    },

    async erase({ query, range }) {
      const gone = matching(query, range);
      for (const event of gone) events.delete(event['event.id'] as string);
      return gone.length;
    },

    missingDays: () => [],
    async dropDaysBefore(timeMs) {
      const dropped = new Set<string>();
      for (const [id, event] of events) {
        const dayMs = Math.floor(event['@timestamp'] / DAY_MS) * DAY_MS;
        if (dayMs + DAY_MS > timeMs) continue;
        events.delete(id);
        dropped.add(new Date(dayMs).toISOString().slice(0, 10));
      }
      return [...dropped].sort();
    },

    async close() {},
  };
}

type Position = [timeMs: number, id: string];

function positionOf(event: FleetEvent): Position {
  return [event['@timestamp'], event['event.id'] as string];
}

/** Time in the order asked for; equal times by id, ascending in both orders. */
function comparePositions(a: Position, b: Position, order: Order): number {
  const byTime = order === 'oldest' ? a[0] - b[0] : b[0] - a[0];
  return byTime || compareTexts(a[1], b[1]);
}

/** By code point, which is also the order of UTF-8 bytes. */
function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function reasonToReject(event: FleetEvent, nowMs: number): string | undefined {
  const timeMs = event['@timestamp'];
  if (typeof event['event.id'] !== 'string' || event['event.id'] === '') return 'event.id is missing';
  if (!Number.isSafeInteger(timeMs)) return '@timestamp is not a whole number of milliseconds';
  if (timeMs < YEAR_2000_MS) return '@timestamp is before the year 2000';
  if (timeMs > nowMs + 2 * DAY_MS) return '@timestamp is more than two days ahead of the clock';
  return undefined;
}

function withoutAbsent(event: FleetEvent): FleetEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as FleetEvent;
}
