import type { BusRecord } from '@fleetwall/core';
import type { KafkaMessage } from 'kafkajs';

/** A record as the bus hands it over. A missing key is '', a missing value (the removal of a key) is empty. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): BusRecord {
  const record: BusRecord = {
    topic,
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key?.toString() ?? '',
    value: message.value ?? Buffer.alloc(0),
  };
  const headers = Object.entries(message.headers ?? {});
  if (headers.length > 0) record.headers = Object.fromEntries(headers.map(([name, text]) => [name, textOf(text)]));
  return record;
}

/** A header may be there several times in Kafka; the last one counts. */
function textOf(header: Buffer | string | (Buffer | string)[] | undefined): string {
  return (Array.isArray(header) ? header.at(-1) : header)?.toString() ?? '';
}
