import { type Bus, FleetwallError, ingestTopicOf, type OutRecord } from '@fleetwall/core';
import type { EventBatch, Uplink } from '@fleetwall/protocol';
import { kafkaUplinkError } from './kafka/errors.js';

export interface KafkaUplinkOptions {
  /** Over Kafka, as a user that may write its own topic and nothing else. Stays open when the uplink is closed. */
  bus: Bus;
  /** That user's name under `gateway.ingest`: events go to `fleetwall.ingest.<principal>`. */
  principal: string;
  /** This host; its events stay in order, in one partition. */
  host: string;
  /** The way for everything else: blocks down, reports up. Closed with the uplink. */
  control: Uplink;
  /** Told of an event that no broker takes: it is passed over, so that it does not stop the others. */
  onTooLarge: (error: FleetwallError) => void;
}

/** Brokers refuse records of 1 MiB; the gateway takes as much. */
const MAX_EVENT_BYTES = 1_000_000;

/**
 * The uplink of a server that the operator trusts: events go straight to Kafka, blocks and reports over `control`. `send`
 * resolves when every event is durable there; sent again, an event has the same id and changes nothing.
 *
 * Rejects with INGEST_TOPIC_MISSING or INGEST_TOPIC_DENIED when nothing can be sent before somebody has changed that, and as
 * the bus does. `send` rejects in the same way, and is to be made again.
 */
export async function connectKafkaUplink(options: KafkaUplinkOptions): Promise<Uplink> {
  const { bus, principal, host, control, onTooLarge } = options;
  const topic = ingestTopicOf(principal);
  await explained(topic, bus.ranges(topic));
  return {
    send: async ({ events }: EventBatch) => {
      const records = events.flatMap((json) => recordOf(host, json, onTooLarge));
      if (records.length > 0) await explained(topic, bus.publish(topic, records));
    },
    onBlocks: (listener) => control.onBlocks(listener),
    report: (enforcement) => control.report(enforcement),
    close: () => control.close(),
  };
}

function recordOf(host: string, json: string, onTooLarge: KafkaUplinkOptions['onTooLarge']): OutRecord[] {
  const value = Buffer.from(json);
  if (value.length <= MAX_EVENT_BYTES) return [{ key: host, value }];
  onTooLarge(kafkaUplinkError('INGEST_EVENT_TOO_LARGE', { bytes: value.length, limit: MAX_EVENT_BYTES }));
  return [];
}

/** What the operator can do about it, in place of what the broker says. */
async function explained(topic: string, answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!(error instanceof FleetwallError)) throw error;
    const options = { cause: error };
    if (error.code === 'BUS_TOPIC_UNKNOWN') throw kafkaUplinkError('INGEST_TOPIC_MISSING', { topic }, options);
    if (error.code !== 'KAFKA_DENIED') throw error;
    throw kafkaUplinkError('INGEST_TOPIC_DENIED', { topic, reason: error.message }, options);
  }
}
