import { type DuckDBValue, listValue } from '@duckdb/node-api';
import type { FleetEvent, Query, SearchPage, SearchRequest, TimeRange } from '@fleetwall/core';
import { EVENT_JSON_SQL } from './columns.js';
import { type CompiledQuery, compileQuery } from './compile-query.js';
import type { Database, Reader } from './database.js';
import { overlapsRange } from './day.js';
import type { DayFiles } from './day-files.js';
import { eventStoreError } from './errors.js';
import { eventFromJson } from './event-row.js';

const MAX_LIMIT = 10_000;
const MAX_WINDOW_DAYS = 8;
/** Keys are cheap to hold and dear to find: a scan looks for many, and reads their events a few at a time. */
const SCAN_KEYS = 20_000;
const SCAN_PAGE = 2_000;

/** Where a page ended: the time and id of its last event. */
type Position = [timeMs: number, id: string];

interface Key {
  day: string;
  row: bigint;
  position: Position;
}

/** What the parts of a read need. */
export interface ReadContext {
  database: Database;
  files: DayFiles;
}

/** A condition on one day's table with `where` parameters in place, for FROM … WHERE. */
export function whereInRange(query: CompiledQuery, range: TimeRange): CompiledQuery {
  const at = query.parameters.length;
  return {
    sql: `${query.sql} AND timestamp >= $${at + 1}::BIGINT AND timestamp < $${at + 2}::BIGINT`,
    parameters: [...query.parameters, wholeMs(range.fromMs), wholeMs(range.toMs)],
  };
}

/** Ranges may be open (Infinity) or fractional; a bound between two milliseconds is the later one for either end. */
function wholeMs(timeMs: number): bigint {
  if (Number.isNaN(timeMs))
    throw eventStoreError('EVENT_STORE_QUERY_REFUSED', { reason: 'a time of the range is no number' });
  return BigInt(Math.ceil(Math.max(0, Math.min(timeMs, Number.MAX_SAFE_INTEGER))));
}

/** The days of the range that have a file, oldest first. */
export function daysIn(files: DayFiles, range: TimeRange): string[] {
  return files.days().filter((day) => overlapsRange(day, range));
}

/**
 * One page, in two steps: first only time, id and row number of what matches, day by day in windows of 1, 2, 4 … days
 * until the page is full; then the whole events of just these rows.
 */
export async function searchPage(context: ReadContext, request: SearchRequest): Promise<SearchPage> {
  const { limit, signal } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw eventStoreError('EVENT_STORE_QUERY_REFUSED', {
      reason: `the limit is not a whole number of 1 to ${MAX_LIMIT}`,
    });
  }
  const keys = await keysAfter(context, request, MAX_WINDOW_DAYS, signal);
  const page = keys.slice(0, limit);
  const events = await eventsOf(context, page, signal);
  const cursor = cursorOf(keys, limit);
  return cursor === undefined ? { events } : { events, cursor };
}

/** One more than asked for, which tells whether there is another page. */
async function keysAfter(
  context: ReadContext,
  request: SearchRequest,
  maxWindowDays: number,
  signal?: AbortSignal,
): Promise<Key[]> {
  const { order, limit } = request;
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
  const { range, where } = afterPosition(compileQuery(request.query), request.range, order, after);
  const days = daysIn(context.files, range);
  if (order === 'newest') days.reverse();
  const keys: Key[] = [];
  for (
    let at = 0, size = 1;
    at < days.length && keys.length <= limit;
    at += size, size = Math.min(2 * size, maxWindowDays)
  ) {
    const window = days.slice(at, at + size);
    const wanted = limit + 1 - keys.length;
    const found = await Promise.all(window.map((day) => keysOfDay(context, day, where, order, wanted, signal)));
    for (const part of found) keys.push(...part);
  }
  return keys;
}

/** Undefined when the keys are no more than a page. */
function cursorOf(keys: Key[], limit: number): string | undefined {
  return keys.length > limit ? encodeCursor((keys[limit - 1] as Key).position) : undefined;
}

/** Every match page by page; returning early interrupts the query under way. */
export function scanEvents(
  context: ReadContext,
  request: { query: Query; range: TimeRange; order: 'newest' | 'oldest' },
): AsyncIterable<FleetEvent> {
  return {
    [Symbol.asyncIterator]() {
      const cancel = new AbortController();
      const events = pages(context, request, cancel.signal);
      return {
        next: () => events.next(),
        return: async () => {
          cancel.abort();
          return events.return(undefined);
        },
      };
    },
  };
}

async function* pages(
  context: ReadContext,
  request: { query: Query; range: TimeRange; order: 'newest' | 'oldest' },
  signal: AbortSignal,
): AsyncGenerator<FleetEvent, undefined> {
  let cursor: string | undefined;
  do {
    const keys = await keysAfter(context, { ...request, limit: SCAN_KEYS, ...(cursor && { cursor }) }, 1, signal);
    const page = keys.slice(0, SCAN_KEYS);
    for (let at = 0; at < page.length; at += SCAN_PAGE) {
      yield* await eventsOf(context, page.slice(at, at + SCAN_PAGE), signal);
    }
    cursor = cursorOf(keys, SCAN_KEYS);
  } while (cursor !== undefined);
  return undefined;
}

/** The stored events of the ids, each once, in the order asked for. */
export async function eventsById(context: ReadContext, ids: string[]): Promise<FleetEvent[]> {
  const missing = new Set(ids);
  const found = new Map<string, FleetEvent>();
  for (const day of context.files.days().reverse()) {
    if (missing.size === 0) break;
    const sql = 'event_id IN (SELECT unnest($1::VARCHAR[]))';
    for (const event of await eventsWhere(context, day, sql, [listValue([...missing])])) {
      const id = event['event.id'] as string;
      found.set(id, event);
      missing.delete(id);
    }
  }
  return [...new Set(ids)].map((id) => found.get(id)).filter((event) => event !== undefined);
}

function afterPosition(
  query: CompiledQuery,
  range: TimeRange,
  order: 'newest' | 'oldest',
  after: Position | undefined,
) {
  if (!after) return { range, where: whereInRange(query, range) };
  const [timeMs, id] = after;
  const rest =
    order === 'newest'
      ? { fromMs: range.fromMs, toMs: Math.min(range.toMs, timeMs + 1) }
      : { fromMs: Math.max(range.fromMs, timeMs), toMs: range.toMs };
  const where = whereInRange(query, rest);
  const at = where.parameters.length;
  return {
    range: rest,
    where: {
      sql: `${where.sql} AND (timestamp <> $${at + 1}::BIGINT OR event_id > $${at + 2}::VARCHAR)`,
      parameters: [...where.parameters, BigInt(timeMs), id],
    },
  };
}

async function keysOfDay(
  context: ReadContext,
  day: string,
  where: CompiledQuery,
  order: 'newest' | 'oldest',
  limit: number,
  signal?: AbortSignal,
): Promise<Key[]> {
  const rows = await readDay(
    context,
    day,
    (reader, catalog) =>
      reader.rows(
        `SELECT rowid, timestamp, ':' || event_id FROM ${catalog}.events WHERE ${where.sql}
         ORDER BY timestamp ${order === 'newest' ? 'DESC' : 'ASC'}, event_id LIMIT ${limit}`,
        where.parameters,
      ),
    signal,
  );
  return (rows ?? []).map(([row, timeMs, id]) => ({
    day,
    row: row as bigint,
    position: [Number(timeMs), (id as string).slice(1)],
  }));
}

async function eventsOf(context: ReadContext, keys: Key[], signal?: AbortSignal): Promise<FleetEvent[]> {
  const rowsByDay = new Map<string, bigint[]>();
  for (const { day, row } of keys) {
    const rows = rowsByDay.get(day) ?? [];
    rowsByDay.set(day, rows);
    rows.push(row);
  }
  const events = new Map<string, FleetEvent>();
  for (const [day, rows] of rowsByDay) {
    // A subquery, since a long list of numbers in IN is compared one by one.
    const sql = 'rowid IN (SELECT unnest($1::BIGINT[]))';
    for (const event of await eventsWhere(context, day, sql, [listValue(rows)], signal)) {
      events.set(`${day} ${event['event.id']}`, event);
    }
  }
  // A day dropped meanwhile leaves gaps.
  return keys.map(({ day, position }) => events.get(`${day} ${position[1]}`)).filter((event) => event !== undefined);
}

async function eventsWhere(
  context: ReadContext,
  day: string,
  sql: string,
  parameters: DuckDBValue[],
  signal?: AbortSignal,
): Promise<FleetEvent[]> {
  const rows = await readDay(
    context,
    day,
    (reader, catalog) => reader.rows(`SELECT ${EVENT_JSON_SQL} FROM ${catalog}.events WHERE ${sql}`, parameters),
    signal,
  );
  return (rows ?? []).map(([json]) => eventFromJson(json as string));
}

/** Runs a read on one day; undefined when the day is gone or damaged. */
export function readDay<T>(
  { database, files }: ReadContext,
  day: string,
  work: (reader: Reader, catalog: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  return database.read((reader) => files.use(day, (catalog) => work(reader, catalog)), signal);
}

function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    const [timeMs, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (Number.isSafeInteger(timeMs) && typeof id === 'string' && rest.length === 0) return [timeMs as number, id];
  } catch {
    // Told below, as every other cursor that is none.
  }
  throw eventStoreError('EVENT_STORE_CURSOR_INVALID');
}
