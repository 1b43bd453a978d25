import type { FleetEvent } from './event.js';
import type { Query } from './query.js';

export interface TimeRange {
  /** Inclusive, milliseconds since 1970 UTC. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

export interface BulkResult {
  created: number;
  /** Already there by `event.id`; nothing was changed. */
  duplicates: number;
  /** Never to be stored as they are; the caller sends them to the dead letters. */
  rejected: { event: FleetEvent; reason: string }[];
}

/** Which events a read is about. */
export interface EventScope {
  query: Query;
  range: TimeRange;
  /** Aborted, nobody wants the answer any more: the store stops working on it, and the read fails with an error of the store. */
  signal?: AbortSignal | undefined;
}

export interface SearchRequest extends EventScope {
  order: 'newest' | 'oldest';
  /** 1 to 10,000. */
  limit: number;
  /** Opaque, from the page before. */
  cursor?: string;
}

export interface SearchPage {
  events: FleetEvent[];
  /** Absent on the last page. */
  cursor?: string;
}

/** Port. Every adapter passes `eventStoreConformance` of the testkit. */
export interface EventStore {
  /** Durable when it resolves. Creates only: an event whose `event.id` is there stays as it was, on any day. */
  bulk(events: FleetEvent[]): Promise<BulkResult>;
  search(request: SearchRequest): Promise<SearchPage>;
  /** Every match in time order, streamed in bounded memory; equal times in order of `event.id`. */
  scan(request: { query: Query; range: TimeRange; order: 'newest' | 'oldest' }): AsyncIterable<FleetEvent>;
  /** Counts per bucket that starts at a multiple of `bucketMs`; empty buckets are left out. */
  histogram(request: EventScope & { bucketMs: number }): Promise<{ startMs: number; count: number }[]>;
  /** The most frequent values, most frequent first, ties by value. A list counts each of its elements. */
  top(request: EventScope & { field: string; limit: number }): Promise<{ value: string; count: number }[]>;
  byId(ids: string[]): Promise<FleetEvent[]>;
  count(request: EventScope): Promise<number>;
  /**
   * Removes every match for good: neither a search nor the store's files have it afterwards. Answers how many. What comes
   * again later is stored again. Resolves when it is durable; repeating it is harmless.
   */
  erase(request: { query: Query; range: TimeRange }): Promise<number>;
  /**
   * UTC days of the range, oldest first, of which events that were stored cannot be read any more: answers about the range
   * lack them, and an erasure does not reach them.
   */
  missingDays(range: TimeRange): string[];
  /** Drops whole UTC days that ended at or before the time, also what cannot be read of them; answers their names (`2026-11-22`). */
  dropDaysBefore(timeMs: number): Promise<string[]>;
  close(): Promise<void>;
}
