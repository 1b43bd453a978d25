import type { BusRecord, OutRecord } from './bus.js';

/** Brokers refuse larger records; a letter must always find a place. */
const MAX_VALUE_BYTES = 1_000_000;
const MAX_REASON_LENGTH = 500;

/**
 * What goes to the topic `fleetwall.dead-letter` when a record can never be processed: its own key and bytes, unchanged, with
 * headers that say where it was (`topic`, `partition`, `offset`) and why it is here (`reason`, at most 500 characters).
 * Of a value over 1,000,000 bytes only the beginning is kept; the header `bytes` then says how long it was.
 */
export function deadLetterOf(record: BusRecord, reason: string): OutRecord {
  const { topic, partition, offset, key, value } = record;
  const headers: Record<string, string> = {
    topic,
    partition: String(partition),
    offset: String(offset),
    reason: reason.slice(0, MAX_REASON_LENGTH),
  };
  if (value.length <= MAX_VALUE_BYTES) return { key, value, headers };
  return { key, value: value.subarray(0, MAX_VALUE_BYTES), headers: { ...headers, bytes: String(value.length) } };
}
