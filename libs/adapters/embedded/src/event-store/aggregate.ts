import type { EventScope } from '@fleetwall/core';
import { columnOf } from './columns.js';
import { type CompiledQuery, compileQuery } from './compile-query.js';
import { eventStoreError } from './errors.js';
import { daysIn, type ReadContext, readDay, whereInRange } from './search.js';

const MAX_BUCKETS = 50_000;
const MAX_TOP = 10_000;

export async function countEvents(context: ReadContext, { query, range, signal }: EventScope): Promise<number> {
  const where = whereInRange(compileQuery(query), range);
  const counts = await Promise.all(
    daysIn(context.files, range).map((day) =>
      readDay(
        context,
        day,
        async (reader, catalog) => {
          const rows = await reader.rows(`SELECT count(*) FROM ${catalog}.events WHERE ${where.sql}`, where.parameters);
          return Number(rows[0]?.[0]);
        },
        signal,
      ),
    ),
  );
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** Fails with EVENT_STORE_QUERY_REFUSED when more than 50,000 buckets hold something. */
export async function histogram(
  context: ReadContext,
  { query, range, signal, bucketMs }: EventScope & { bucketMs: number },
): Promise<{ startMs: number; count: number }[]> {
  if (!Number.isSafeInteger(bucketMs) || bucketMs < 1) {
    throw refused('the bucket is not a whole number of milliseconds');
  }
  const where = whereInRange(compileQuery(query), range);
  const bucket = `$${where.parameters.length + 1}::BIGINT`;
  const sums = new Map<number, number>();
  const addDay = async (day: string) => {
    const rows = await readDay(
      context,
      day,
      (reader, catalog) =>
        reader.rows(
          `SELECT timestamp // ${bucket} AS bucket, count(*) FROM ${catalog}.events WHERE ${where.sql}
           GROUP BY bucket LIMIT ${MAX_BUCKETS + 1}`,
          [...where.parameters, BigInt(bucketMs)],
        ),
      signal,
    );
    for (const [number, count] of rows ?? []) {
      const startMs = Number(number) * bucketMs;
      sums.set(startMs, (sums.get(startMs) ?? 0) + Number(count));
    }
    if (sums.size > MAX_BUCKETS) throw refused(`it has more than ${MAX_BUCKETS} buckets`);
  };
  await Promise.all(daysIn(context.files, range).map(addDay));
  return [...sums].map(([startMs, count]) => ({ startMs, count })).sort((a, b) => a.startMs - b.startMs);
}

/**
 * Counts day by day into a temporary table, since a value that is rare on each day may be frequent in all; DuckDB moves
 * the table to disk when it grows beyond the memory limit.
 */
export async function topValues(
  context: ReadContext,
  { query, range, signal, field, limit }: EventScope & { field: string; limit: number },
): Promise<{ value: string; count: number }[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TOP) {
    throw refused(`the limit is not a whole number of 1 to ${MAX_TOP}`);
  }
  const where = whereInRange(compileQuery(query), range);
  const { database, files } = context;
  return database.read(async (reader) => {
    await reader.rows('CREATE OR REPLACE TEMP TABLE top_counts (value VARCHAR, events BIGINT)');
    try {
      for (const day of daysIn(files, range)) {
        await files.use(day, (catalog) => {
          const values = valuesOf(field, catalog, where);
          return reader.rows(
            `INSERT INTO top_counts SELECT value, count(*) FROM (${values.sql}) WHERE value IS NOT NULL GROUP BY value`,
            values.parameters,
          );
        });
      }
      const rows = await reader.rows(
        `SELECT ':' || value, sum(events)::BIGINT AS total FROM top_counts
         GROUP BY value ORDER BY total DESC, value LIMIT ${limit}`,
      );
      return rows.map(([value, count]) => ({ value: (value as string).slice(1), count: Number(count) }));
    } finally {
      await reader.rows('DROP TABLE IF EXISTS temp.top_counts').catch(() => {});
    }
  }, signal);
}

/** SQL for the values of a field, as text, each at most once per event. */
function valuesOf(field: string, catalog: string, where: CompiledQuery): CompiledQuery {
  const from = `FROM ${catalog}.events WHERE ${where.sql}`;
  const column = columnOf(field);
  if (column?.kind === 'list') {
    return { sql: `SELECT unnest(list_distinct(${column.name})) AS value ${from}`, parameters: where.parameters };
  }
  if (column) return { sql: `SELECT ${column.name}::VARCHAR AS value ${from}`, parameters: where.parameters };
  const parameters = [...where.parameters, `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`];
  const pointer = `$${parameters.length}::VARCHAR`;
  const scalars = ['texts', 'numbers', 'flags'].map((name) => `json_extract_string(${name}, ${pointer})`).join(', ');
  const list = `list_distinct(CAST(json_extract(lists, ${pointer}) AS VARCHAR[]))`;
  return {
    sql: `SELECT coalesce(${scalars}) AS value ${from} UNION ALL SELECT unnest(${list}) AS value ${from}`,
    parameters,
  };
}

function refused(reason: string): Error {
  return eventStoreError('EVENT_STORE_QUERY_REFUSED', { reason });
}
