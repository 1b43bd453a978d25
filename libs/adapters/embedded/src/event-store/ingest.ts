import { DuckDBDataChunk } from '@duckdb/node-api';
import type { BulkResult, Clock, FleetEvent } from '@fleetwall/core';
import { reasonToReject } from './admit.js';
import { TABLE_COLUMNS } from './columns.js';
import type { Database } from './database.js';
import { dayOf } from './day.js';
import type { DayFiles } from './day-files.js';
import { asStoreError, eventStoreError } from './errors.js';
import { eventRow } from './event-row.js';
import { KnownIds } from './known-ids.js';

/**
 * A commit costs milliseconds of CPU however small it is, so small ones are rare: after an empty one the next waits this
 * long, after one of `PAYING_EVENTS` or more it begins at once.
 */
const LONGEST_PAUSE_MS = 200;
const PAYING_EVENTS = 1_000;
/** Calls of the same moment share a commit even after a pause. */
const GATHER_MS = 5;
const COMMIT_EVENTS = 2_000;
/** Rows handed over in one go, so that nobody else waits long for the thread. At most 2,048. */
const CHUNK_ROWS = 200;
/** So that clock nonsense, which may fall on any of thousands of days, does not fill the disk with files. */
const MAX_NEW_DAYS_PER_BULK = 64;

interface Bulk {
  events: { event: FleetEvent; day: string }[];
  result: BulkResult;
  error?: unknown;
  resolve: (result: BulkResult) => void;
  reject: (error: unknown) => void;
}

interface Entry {
  id: string;
  event: FleetEvent;
  bulk: Bulk;
}

/**
 * The writer: bulks wait for the next commit, which they share. A commit writes each day in a transaction of its own
 * (DuckDB allows one file a transaction); a bulk resolves when all of its days are durable. When a day fails, the bulks
 * with events of that day fail, and may simply be repeated: what is stored already counts as a duplicate then.
 */
export class Ingest {
  readonly #database: Database;
  readonly #files: DayFiles;
  readonly #clock: Clock;
  readonly #known = new KnownIds();
  #queue: Bulk[] = [];
  #queuedEvents = 0;
  #timer: NodeJS.Timeout | undefined;
  #nextCommitMs = 0;
  #committing: Promise<void> | undefined;
  #closed = false;

  constructor(database: Database, files: DayFiles, clock: Clock) {
    this.#database = database;
    this.#files = files;
    this.#clock = clock;
  }

  bulk(events: FleetEvent[]): Promise<BulkResult> {
    if (this.#closed) return Promise.reject(eventStoreError('EVENT_STORE_CLOSED'));
    const { admitted, result } = this.#admit(events);
    if (admitted.length === 0) return Promise.resolve(result);
    return new Promise((resolve, reject) => {
      this.#queue.push({ events: admitted, result, resolve, reject });
      this.#queuedEvents += admitted.length;
      this.#schedule();
    });
  }

  /** Commits what waits; takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#queue.length > 0 || this.#committing) await (this.#committing ?? this.#commit());
  }

  /** Forgets what it knows of a day whose file is gone. */
  forget(day: string): void {
    this.#known.forget(day);
  }

  #admit(events: FleetEvent[]): { admitted: Bulk['events']; result: BulkResult } {
    const result: BulkResult = { created: 0, duplicates: 0, rejected: [] };
    const nowMs = this.#clock();
    const admitted: Bulk['events'] = [];
    for (const event of events) {
      const reason = reasonToReject(event, nowMs);
      if (reason) result.rejected.push({ event, reason });
      else admitted.push({ event, day: dayOf(event['@timestamp']) });
    }
    const newDays = [...new Set(admitted.map(({ day }) => day))].filter((day) => !this.#files.has(day)).sort();
    // The newest days stay: nonsense is mostly old.
    const refused = new Set(newDays.slice(0, Math.max(0, newDays.length - MAX_NEW_DAYS_PER_BULK)));
    if (refused.size === 0) return { admitted, result };
    const reason = `a bulk may open at most ${MAX_NEW_DAYS_PER_BULK} new days`;
    for (const { event, day } of admitted) if (refused.has(day)) result.rejected.push({ event, reason });
    return { admitted: admitted.filter(({ day }) => !refused.has(day)), result };
  }

  #schedule(): void {
    if (this.#committing || this.#closed) return;
    if (this.#queuedEvents >= COMMIT_EVENTS) {
      void this.#commit();
    } else {
      const delayMs = Math.max(GATHER_MS, this.#nextCommitMs - Date.now());
      this.#timer ??= setTimeout(() => void this.#commit(), delayMs);
    }
  }

  #commit(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bulks = this.#takeBulks();
    const events = bulks.reduce((sum, bulk) => sum + bulk.events.length, 0);
    this.#nextCommitMs = Date.now() + LONGEST_PAUSE_MS * Math.max(0, 1 - events / PAYING_EVENTS);
    this.#committing = this.#write(bulks).finally(() => {
      this.#committing = undefined;
      if (this.#queue.length > 0) this.#schedule();
    });
    return this.#committing;
  }

  #takeBulks(): Bulk[] {
    let events = 0;
    let bulks = 0;
    for (const bulk of this.#queue) {
      if (events >= COMMIT_EVENTS) break;
      events += bulk.events.length;
      bulks++;
    }
    this.#queuedEvents -= events;
    return this.#queue.splice(0, bulks);
  }

  async #write(bulks: Bulk[]): Promise<void> {
    const days = new Map<string, Entry[]>();
    for (const bulk of bulks) {
      for (const { event, day } of bulk.events) {
        const entries = days.get(day) ?? [];
        days.set(day, entries);
        entries.push({ id: event['event.id'] as string, event, bulk });
      }
    }
    for (const [day, entries] of days) {
      try {
        await this.#writeDay(day, entries);
      } catch (error) {
        this.#known.forget(day);
        for (const { bulk } of entries) bulk.error ??= error;
      }
    }
    for (const { result, error, resolve, reject } of bulks) {
      if (error === undefined) resolve(result);
      else reject(asStoreError(error));
    }
  }

  async #writeDay(day: string, entries: Entry[]): Promise<void> {
    // A second time when the file turns out to be damaged and is set aside.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (!this.#files.has(day)) {
        this.#known.forget(day);
        await this.#files.create(day);
      }
      const written = await this.#files.use(day, async (catalog) => {
        const fresh = await this.#newEntries(day, catalog, entries);
        if (fresh.length > 0) await this.#insert(catalog, fresh);
        return fresh;
      });
      if (!written) continue;
      this.#known.add(
        day,
        written.map(({ id }) => id),
      );
      const created = new Set(written);
      for (const entry of entries) {
        if (created.has(entry)) entry.bulk.result.created++;
        else entry.bulk.result.duplicates++;
      }
      return;
    }
    throw new Error(`the file of ${day} is damaged again right after it was made`);
  }

  async #newEntries(day: string, catalog: string, entries: Entry[]): Promise<Entry[]> {
    const first = new Map<string, Entry>();
    for (const entry of entries) if (!first.has(entry.id)) first.set(entry.id, entry);
    const stored = await this.#known.stored(this.#database.writer, day, catalog, [...first.keys()]);
    return [...first.values()].filter(({ id }) => !stored.has(id));
  }

  async #insert(catalog: string, entries: Entry[]): Promise<void> {
    const { writer } = this.#database;
    await writer.run('BEGIN');
    try {
      const appender = await writer.createAppender('events', 'main', catalog);
      try {
        for (let at = 0; at < entries.length; at += CHUNK_ROWS) {
          if (at > 0) await new Promise((resolve) => setImmediate(resolve));
          appender.appendDataChunk(chunkOf(entries.slice(at, at + CHUNK_ROWS)));
        }
      } finally {
        appender.closeSync();
      }
      await writer.run('COMMIT');
    } catch (error) {
      await writer.run('ROLLBACK').catch(() => {});
      throw error;
    }
  }
}

function chunkOf(entries: Entry[]): DuckDBDataChunk {
  const rows = entries.map(({ event }) => eventRow(event));
  const chunk = DuckDBDataChunk.create(
    TABLE_COLUMNS.map(({ type }) => type),
    rows.length,
  );
  for (let column = 0; column < TABLE_COLUMNS.length; column++) {
    chunk.setColumnValues(
      column,
      rows.map((row) => row[column] ?? null),
    );
  }
  return chunk;
}
