import { type DuckDBConnection, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { IdFilter } from './id-filter.js';

interface DayIds {
  filter: IdFilter;
  lastUsedMs: number;
}

/** In all days together; about 24 bytes each when full, 12 at least. */
const MAX_IDS = 3_000_000;
/** A filter that was used within this time makes no room for another. */
const KEEP_MS = 60_000;

/**
 * Which events of a group are stored already. Days that are being written keep a filter of their ids, so that the file
 * is asked only about ids that may be there; days without a filter (too many at once, or too large) ask about all.
 */
export class KnownIds {
  readonly #days = new Map<string, DayIds>();

  /** Those of the ids that are stored, exactly. Makes the day's filter on first use if there is room. */
  async stored(connection: DuckDBConnection, day: string, catalog: string, ids: string[]): Promise<Set<string>> {
    const known = this.#days.get(day) ?? (await this.#load(connection, day, catalog));
    if (known) known.lastUsedMs = Date.now();
    const perhaps = known ? ids.filter((id) => known.filter.mayHave(id)) : ids;
    if (perhaps.length === 0) return new Set();
    const result = await connection.runAndReadAll(
      `SELECT ':' || event_id FROM ${catalog}.events WHERE event_id IN (SELECT unnest($1))`,
      [listValue(perhaps)],
      [LIST(VARCHAR)],
    );
    return new Set(result.getRows().map(([id]) => (id as string).slice(1)));
  }

  /** Tells of ids about to be stored; an id too many only costs a look. */
  add(day: string, ids: string[]): void {
    const known = this.#days.get(day);
    if (!known) return;
    for (const id of ids) known.filter.add(id);
    if (this.#total() > MAX_IDS && !this.#makeRoom(0)) this.#days.delete(day);
  }

  forget(day: string): void {
    this.#days.delete(day);
  }

  async #load(connection: DuckDBConnection, day: string, catalog: string): Promise<DayIds | undefined> {
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${catalog}.events`);
    const count = Number(counted.getRows()[0]?.[0]);
    if (!this.#makeRoom(count)) return undefined;
    const filter = new IdFilter();
    const result = await connection.stream(`SELECT ':' || event_id FROM ${catalog}.events`);
    for await (const rows of result.yieldRows()) {
      for (const [id] of rows) filter.add((id as string).slice(1));
    }
    const known = { filter, lastUsedMs: Date.now() };
    this.#days.set(day, known);
    return known;
  }

  /** Lets go of filters not used lately until there is room for so many more ids. */
  #makeRoom(count: number): boolean {
    const idle = [...this.#days].sort((a, b) => a[1].lastUsedMs - b[1].lastUsedMs);
    for (const [day, { lastUsedMs }] of idle) {
      if (this.#total() + count <= MAX_IDS) break;
      if (lastUsedMs < Date.now() - KEEP_MS) this.#days.delete(day);
    }
    return this.#total() + count <= MAX_IDS;
  }

  #total(): number {
    let total = 0;
    for (const { filter } of this.#days.values()) total += filter.size;
    return total;
  }
}
