import type { Query, TimeRange } from '@fleetwall/core';
import { compileQuery } from './compile-query.js';
import type { Database } from './database.js';
import { asStoreError } from './errors.js';
import { daysIn, type ReadContext, readDay, whereInRange } from './search.js';

/**
 * Writes each day that has a match anew, without it: a deleted row would stay in the file. Whoever uses the day meanwhile
 * waits.
 *
 * @param onErased told of each day, whose ids are known no more
 */
export async function eraseEvents(
  context: ReadContext & { database: Database },
  { query, range }: { query: Query; range: TimeRange },
  onErased: (day: string) => void,
): Promise<number> {
  const where = whereInRange(compileQuery(query), range);
  let erased = 0;
  for (const day of daysIn(context.files, range)) {
    const found = await readDay(context, day, async (reader, catalog) => {
      const [row] = await reader.rows(`SELECT count(*) FROM ${catalog}.events WHERE ${where.sql}`, where.parameters);
      return Number(row?.[0] ?? 0);
    });
    if (!found) continue;
    erased += await rewrite(context, day, where.sql, where.parameters);
    onErased(day);
  }
  return erased;
}

async function rewrite(
  { database, files }: ReadContext & { database: Database },
  day: string,
  sql: string,
  parameters: ReturnType<typeof compileQuery>['parameters'],
): Promise<number> {
  try {
    let erased = 0;
    await files.rewrite(day, async (from, to) => {
      const countIn = async (catalog: string) =>
        Number((await database.admin.runAndReadAll(`SELECT count(*) FROM ${catalog}.events`)).getRows()[0]?.[0]);
      await database.admin.run(
        `INSERT INTO ${to}.events SELECT * FROM ${from}.events WHERE ((${sql}) IS NOT TRUE) ORDER BY rowid`,
        parameters,
      );
      erased = (await countIn(from)) - (await countIn(to));
    });
    return erased;
  } catch (error) {
    throw asStoreError(error);
  }
}
