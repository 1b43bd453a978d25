import type { estypes } from '@elastic/elasticsearch';
import type { EventScope, FleetEvent, Query, SearchPage, SearchRequest, TimeRange } from '@fleetwall/core';
import type { Connection } from '../connection.js';
import { elasticsearchError } from '../errors.js';
import { inRange, refused } from './compile-query.js';
import { eventOf } from './event-document.js';
import { eventIndices } from './layout.js';

const MAX_LIMIT = 10_000;
const SCAN_PAGE = 2_000;
const SCAN_KEEP_ALIVE = '2m';

type Hit = estypes.SearchHit<Record<string, unknown>>;
type Order = SearchRequest['order'];

/** Days come and go while somebody searches. */
const ANY_INDICES = { ignore_unavailable: true, allow_no_indices: true } as const;

/** A search over all days: complete, or an error (a day whose server is away must not look empty). */
export const ALL_DAYS = { ...ANY_INDICES, allow_partial_search_results: false } as const;

/** A search for what the scope is about. When its signal is aborted, the connection is closed, and the server ends the search. */
export function searchScope(
  connection: Connection,
  operation: string,
  { query, range, signal }: EventScope,
  request: estypes.SearchRequest,
): Promise<estypes.SearchResponse<Record<string, unknown>>> {
  const asked = { index: eventIndices(connection.prefix), ...ALL_DAYS, query: inRange(query, range), ...request };
  return connection.run(operation, (client) => client.search(asked, signal === undefined ? {} : { signal }));
}

export async function searchPage(connection: Connection, request: SearchRequest): Promise<SearchPage> {
  const { order, limit, cursor, ...scope } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw refused(`the limit is not a whole number of 1 to ${MAX_LIMIT}`);
  }
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const { hits } = await searchScope(connection, 'search', scope, {
    sort: sortBy(order),
    // One more than asked for tells whether there is another page.
    size: limit + 1,
    track_total_hits: false,
    ...(after && { search_after: after }),
  });
  const page = hits.hits.slice(0, limit);
  const last = page.at(-1);
  const events = eventsOf(page);
  return last && hits.hits.length > limit ? { events, cursor: encodeCursor(last) } : { events };
}

/** Every match, page by page, as the store was when the scan began. */
export async function* scanEvents(
  connection: Connection,
  { query, range, order }: { query: Query; range: TimeRange; order: Order },
): AsyncGenerator<FleetEvent, undefined> {
  const condition = inRange(query, range);
  const index = eventIndices(connection.prefix);
  const keep_alive = SCAN_KEEP_ALIVE;
  let { id } = await connection.run('begin a scan', (client) =>
    client.openPointInTime({ index, ...ANY_INDICES, keep_alive }),
  );
  try {
    let after: estypes.SortResults | undefined;
    do {
      const page = await connection.run('scan', (client) =>
        client.search<Record<string, unknown>>({
          pit: { id, keep_alive },
          query: condition,
          sort: sortBy(order),
          size: SCAN_PAGE,
          allow_partial_search_results: false,
          track_total_hits: false,
          ...(after && { search_after: after }),
        }),
      );
      id = page.pit_id ?? id;
      yield* eventsOf(page.hits.hits);
      after = page.hits.hits.length === SCAN_PAGE ? page.hits.hits.at(-1)?.sort : undefined;
    } while (after);
  } finally {
    // It would end by itself; a server that is away need not be told.
    await connection.client.closePointInTime({ id }).catch(() => undefined);
  }
  return undefined;
}

/** The stored events of the ids, each once, in the order asked for. */
export async function eventsById(connection: Connection, ids: string[]): Promise<FleetEvent[]> {
  const wanted = [...new Set(ids)];
  const found = new Map<string, FleetEvent>();
  for (let at = 0; at < wanted.length; at += MAX_LIMIT) {
    const { hits } = await connection.run('read by id', (client) =>
      client.search<Record<string, unknown>>({
        index: eventIndices(connection.prefix),
        ...ALL_DAYS,
        query: { ids: { values: wanted.slice(at, at + MAX_LIMIT) } },
        size: MAX_LIMIT,
        track_total_hits: false,
      }),
    );
    for (const hit of hits.hits) found.set(hit._id as string, eventOf(hit._source ?? {}));
  }
  return wanted.map((id) => found.get(id)).filter((event) => event !== undefined);
}

function eventsOf(hits: Hit[]): FleetEvent[] {
  return hits.map(({ _source }) => eventOf(_source ?? {}));
}

/** Time in the order asked for; equal times by id, ascending in both orders. */
function sortBy(order: Order): estypes.Sort {
  return [
    { '@timestamp': { order: order === 'newest' ? 'desc' : 'asc', format: 'epoch_millis' } },
    { 'event.id': 'asc' },
  ];
}

function encodeCursor({ sort }: Hit): string {
  return Buffer.from(JSON.stringify(sort)).toString('base64url');
}

function decodeCursor(cursor: string): [string, string] {
  try {
    const [timeMs, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (/^\d{1,16}$/.test(String(timeMs)) && typeof id === 'string' && rest.length === 0) return [String(timeMs), id];
  } catch {
    // Told below, as every other cursor that is none.
  }
  throw elasticsearchError('ELASTICSEARCH_CURSOR_INVALID');
}
