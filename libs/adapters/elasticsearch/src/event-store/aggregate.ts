import type { estypes } from '@elastic/elasticsearch';
import type { EventScope } from '@fleetwall/core';
import type { Connection } from '../connection.js';
import { refused, textName } from './compile-query.js';
import { FIELDS, SEARCH } from './fields.js';
import { searchScope } from './search.js';
import { termPrefix } from './search-terms.js';

const MAX_BUCKETS = 50_000;
const MAX_TOP = 10_000;
/** Each day names this many of its most frequent values; with more different ones a day, the counts may be too low. */
const VALUES_OF_A_DAY = 20_000;
/** Room for values that tie with the last one, since numbers tie in another order here. */
const TIES = 1_000;

export async function countEvents(connection: Connection, scope: EventScope): Promise<number> {
  const { hits } = await searchScope(connection, 'count', scope, { size: 0, track_total_hits: true });
  return (hits.total as estypes.SearchTotalHits).value;
}

/** Fails with ELASTICSEARCH_QUERY_REFUSED when more than 50,000 buckets hold something. */
export async function histogram(
  connection: Connection,
  { bucketMs, ...scope }: EventScope & { bucketMs: number },
): Promise<{ startMs: number; count: number }[]> {
  if (!Number.isSafeInteger(bucketMs) || bucketMs < 1) {
    throw refused('the bucket is not a whole number of milliseconds');
  }
  const buckets = await aggregate<{ key: number; doc_count: number }>(connection, scope, {
    date_histogram: { field: '@timestamp', fixed_interval: `${bucketMs}ms`, min_doc_count: 1 },
  });
  if (buckets.length > MAX_BUCKETS) throw refused(`it has more than ${MAX_BUCKETS} buckets`);
  return buckets.map(({ key, doc_count }) => ({ startMs: key, count: doc_count }));
}

/** Exact as long as no day has more than 20,000 different values that match. */
export async function topValues(
  connection: Connection,
  { field, limit, ...scope }: EventScope & { field: string; limit: number },
): Promise<{ value: string; count: number }[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TOP) {
    throw refused(`the limit is not a whole number of 1 to ${MAX_TOP}`);
  }
  if (field === 'event.original') throw refused('whole lines are not counted');
  const type = FIELDS.get(field);
  const before = type ? '' : termPrefix(field);
  const buckets = await aggregate<{ key: string | number; key_as_string?: string; doc_count: number }>(
    connection,
    scope,
    {
      terms: {
        field: type ? textName(field) : SEARCH.values,
        ...(type ? {} : { include: `${literalRegex(before)}.*` }),
        size: limit + TIES,
        shard_size: VALUES_OF_A_DAY,
        order: [{ _count: 'desc' }, { _key: 'asc' }],
      },
    },
  );
  return buckets
    .map(({ key, key_as_string, doc_count }) => ({
      value: type === 'boolean' ? String(key_as_string) : String(key).slice(before.length),
      count: doc_count,
    }))
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value)))
    .slice(0, limit);
}

async function aggregate<Bucket>(
  connection: Connection,
  scope: EventScope,
  aggregation: estypes.AggregationsAggregationContainer,
): Promise<Bucket[]> {
  const { aggregations } = await searchScope(connection, 'aggregate', scope, {
    size: 0,
    track_total_hits: false,
    aggs: { all: aggregation },
  });
  return ((aggregations?.['all'] as { buckets?: Bucket[] } | undefined)?.buckets ?? []) as Bucket[];
}

/** A Lucene regular expression for the text itself. */
function literalRegex(text: string): string {
  return text.replace(/[^\p{L}\p{N}_]/gu, '\\$&');
}
