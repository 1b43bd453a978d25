import { mkdirSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Clock, EventStore, FleetwallError } from '@fleetwall/core';
import { countEvents, histogram, topValues } from './aggregate.js';
import { Database } from './database.js';
import { DAY_MS, dayStartMs, overlapsRange } from './day.js';
import { DayFiles } from './day-files.js';
import { eraseEvents } from './erase.js';
import { Ingest } from './ingest.js';
import { eventsById, scanEvents, searchPage } from './search.js';

export interface DuckDbEventStoreOptions {
  /** Made when it does not exist. One process at a time. */
  directory: string;
  /** Buffers of DuckDB, MB, at least 64; 200 when absent. The process needs about as much again. */
  memoryLimitMb?: number;
  /** Threads of DuckDB; when absent 2, or 1 on a single core. */
  threads?: number;
  /** Longest time of one read, milliseconds; 60,000 when absent. */
  queryTimeoutMs?: number;
  /** Judges times too far ahead; the system's clock when absent. */
  clock?: Clock;
  /** Told when a day cannot be read and was set aside; a warning of the process when absent. */
  onDamaged?: (error: FleetwallError) => void;
}

/**
 * The event store of a single machine: one DuckDB file per event day in a directory. Fails with EVENT_STORE_LOCKED when
 * another process has it open.
 */
export async function createDuckDbEventStore(options: DuckDbEventStoreOptions): Promise<EventStore> {
  mkdirSync(options.directory, { recursive: true });
  const directory = realpathSync(options.directory);
  const onDamaged = options.onDamaged ?? ((error) => process.emitWarning(error.message, { code: error.code }));
  const database = await Database.open({
    directory,
    memoryLimitMb: Math.max(64, options.memoryLimitMb ?? 200),
    threads: options.threads ?? Math.min(2, availableParallelism()),
    queryTimeoutMs: options.queryTimeoutMs ?? 60_000,
  });
  const files = new DayFiles(directory, database, (day, error) => {
    ingest.forget(day);
    onDamaged(error);
  });
  const ingest = new Ingest(database, files, options.clock ?? Date.now);
  const context = { database, files };
  let closing: Promise<void> | undefined;
  const close = async () => {
    await ingest.close();
    await database.stopReads();
    await files.close();
    database.close();
  };

  return {
    bulk: (events) => ingest.bulk(events),
    search: (request) => searchPage(context, request),
    scan: (request) => scanEvents(context, request),
    histogram: (request) => histogram(context, request),
    top: (request) => topValues(context, request),
    byId: (ids) => eventsById(context, ids),
    count: (request) => countEvents(context, request),
    erase: (request) => eraseEvents(context, request, (day) => ingest.forget(day)),
    missingDays: (range) => files.damaged().filter((day) => overlapsRange(day, range)),
    async dropDaysBefore(timeMs) {
      const all = new Set([...files.days(), ...files.damaged()]);
      const old = [...all].sort().filter((day) => dayStartMs(day) + DAY_MS <= timeMs);
      for (const day of old) {
        await files.drop(day);
        ingest.forget(day);
      }
      return old;
    },
    close: () => (closing ??= close()),
  };
}
