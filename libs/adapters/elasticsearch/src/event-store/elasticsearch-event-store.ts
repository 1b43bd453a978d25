import type { Clock, EventStore } from '@fleetwall/core';
import { type BulkStats, BulkWriter, type BulkWriterOptions } from '../bulk-writer.js';
import { Connection, type ElasticsearchConnectionOptions } from '../connection.js';
import { countEvents, histogram, topValues } from './aggregate.js';
import { eraseEvents } from './erase.js';
import { storeEvents } from './ingest.js';
import { dayOfIndex, type EventLayoutOptions, eventIndices, putTemplates } from './layout.js';
import { type QuotaOptions, TenantQuota } from './quota.js';
import { eventsById, scanEvents, searchPage } from './search.js';

export interface ElasticsearchEventStoreOptions
  extends ElasticsearchConnectionOptions,
    EventLayoutOptions,
    BulkWriterOptions {
  /** Whether this process puts the templates, which takes the right `manage_index_templates`; true when absent. */
  createTemplates?: boolean;
  /** What each tenant may store; no limit when absent. */
  quota?: QuotaOptions;
  /** Of one event as JSON, bytes; 1,000,000 when absent. Larger ones are rejected. */
  maxEventBytes?: number;
  /**
   * Events older than this are rejected; 400 when absent. Every day has an index of its own, and a cluster takes only so
   * many: a wrong clock must not fill it.
   */
  oldestDays?: number;
  /** Judges times; the system's clock when absent. */
  clock?: Clock;
}

export interface ElasticsearchEventStore extends EventStore {
  readonly bulkStats: BulkStats;
}

/**
 * The event store of a cluster: an index for each kind of event and day. Fails with ELASTICSEARCH_UNREACHABLE,
 * _DENIED or _VERSION.
 */
export async function createElasticsearchEventStore(
  options: ElasticsearchEventStoreOptions,
): Promise<ElasticsearchEventStore> {
  const connection = new Connection(options);
  try {
    await connection.checkServer();
    if (options.createTemplates ?? true) await putTemplates(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const ingest = {
    writer: new BulkWriter(connection, options),
    clock: options.clock ?? Date.now,
    prefix: connection.prefix,
    maxEventBytes: options.maxEventBytes ?? 1_000_000,
    oldestDays: options.oldestDays ?? 400,
    quota: options.quota && new TenantQuota(connection, options.quota),
  };
  return {
    bulkStats: ingest.writer.stats,
    bulk: (events) => storeEvents(ingest, events),
    search: (request) => searchPage(connection, request),
    scan: (request) => scanEvents(connection, request),
    histogram: (request) => histogram(connection, request),
    top: (request) => topValues(connection, request),
    byId: (ids) => eventsById(connection, ids),
    count: (request) => countEvents(connection, request),
    erase: (request) => eraseEvents(connection, ingest.writer, request),
    // A search that a shard does not answer fails.
    missingDays: () => [],
    dropDaysBefore: (timeMs) => dropDays(connection, timeMs),
    close: () => connection.close(),
  };
}

async function dropDays(connection: Connection, timeMs: number): Promise<string[]> {
  const { indices } = await connection.run('list its indices', (client) =>
    client.indices.resolveIndex({ name: eventIndices(connection.prefix) }),
  );
  const days = new Set<string>();
  for (const { name } of indices) {
    const named = dayOfIndex(name);
    if (!named || named.endMs > timeMs) continue;
    await connection.run(`delete ${name}`, (client) =>
      client.indices.delete({ index: name, ignore_unavailable: true }),
    );
    days.add(named.day);
  }
  return [...days].sort();
}
