import { coreError, type OutRecord, type Position } from '@fleetwall/core';
import kafkajs, { type Kafka, type Message, type Producer, type RecordMetadata } from 'kafkajs';
import { atMost } from './backoff.js';
import { DISCONNECT_PATIENCE_MS } from './client.js';
import { kafkaError } from './errors.js';
import { partitionOf } from './partitioner.js';
import type { TopicInfo } from './topics.js';

/** Brokers refuse batches over max.message.bytes, 1,048,588 by default; the rest is for the batch header and framing. */
const MAX_RECORD_BYTES = 1_047_000;
/** What goes out at once, over all topics: large enough that the cost of a request hardly counts any more. */
const MAX_SEND_BYTES = 1_000_000;
/** Lengths and deltas around one record, at most (record format v2). */
const RECORD_OVERHEAD_BYTES = 32;

/** One `publish` call. */
interface Call {
  topic: string;
  messages: (Message & { partition: number; bytes: number })[];
  positions: Position[];
  /** The first message that no send has taken yet. */
  next: number;
  failed: boolean;
  resolve: (positions: Position[]) => void;
  reject: (error: unknown) => void;
}

/** Messages `from` to `to` (exclusive) of a call. */
interface Slice {
  call: Call;
  from: number;
  to: number;
}

/**
 * Packs the records of concurrent calls into few large sends. One send is under way at a time, and what is published
 * meanwhile makes up the next: no call waits for a timer, and batches grow with the load. It also keeps the order of
 * calls, which several sends in flight would not after a retry.
 */
export class Publisher {
  private readonly calls: Call[] = [];
  private producer: Producer | undefined;
  private draining: Promise<void> | undefined;
  private closed = false;

  /**
   * @param idempotent a retried send is written once. Not for compacted topics: there the last batch of an idempotent
   *   producer is kept when all its records are gone, and kafkajs reads an empty batch at the end of a segment for ever.
   */
  constructor(
    private readonly client: Kafka,
    private readonly idempotent: boolean,
  ) {}

  publish(topic: string, { partitions, compacted }: TopicInfo, records: readonly OutRecord[]): Promise<Position[]> {
    if (records.length === 0) return Promise.resolve([]);
    const messages = records.map((record) => toMessage(topic, record, partitions, compacted));
    return new Promise((resolve, reject) => {
      if (this.closed) throw coreError('BUS_CLOSED');
      this.calls.push({ topic, messages, positions: [], next: 0, failed: false, resolve, reject });
      this.draining ??= this.drain().finally(() => {
        this.draining = undefined;
      });
    });
  }

  /** Sends what has been published, then lets go of the connections. */
  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
    if (this.producer) await atMost(DISCONNECT_PATIENCE_MS, this.producer.disconnect());
  }

  private async drain(): Promise<void> {
    // Calls made in the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.calls.length > 0) {
      const slices = this.takeSend();
      try {
        place(slices, await this.send(slices));
      } catch (error) {
        await this.dropProducer();
        for (const { call } of slices) {
          call.failed = true;
          call.reject(error);
        }
      }
      while (this.calls[0] && (this.calls[0].failed || this.calls[0].next === this.calls[0].messages.length)) {
        this.calls.shift();
      }
    }
  }

  /** The next records in the order of calls, up to the size of a send, one record at least. */
  private takeSend(): Slice[] {
    const slices: Slice[] = [];
    let bytes = 0;
    for (const call of this.calls) {
      const from = call.next;
      while (call.next < call.messages.length) {
        bytes += (call.messages[call.next] as Call['messages'][number]).bytes;
        if (bytes > MAX_SEND_BYTES && (slices.length > 0 || call.next > from)) break;
        call.next++;
      }
      if (call.next > from) slices.push({ call, from, to: call.next });
      if (call.next < call.messages.length) break;
    }
    return slices;
  }

  private async send(slices: readonly Slice[]): Promise<RecordMetadata[]> {
    const byTopic = new Map<string, Message[]>();
    for (const { call, from, to } of slices) {
      const messages = byTopic.get(call.topic);
      if (messages) for (let i = from; i < to; i++) messages.push(call.messages[i] as Message);
      else byTopic.set(call.topic, call.messages.slice(from, to));
    }
    const producer = await this.connected();
    return producer.sendBatch({
      acks: -1,
      compression: kafkajs.CompressionTypes.Snappy,
      topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
    });
  }

  private async connected(): Promise<Producer> {
    if (this.producer) return this.producer;
    const producer = this.client.producer({
      idempotent: this.idempotent,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition as number,
    });
    this.producer = producer;
    await producer.connect();
    return producer;
  }

  /**
   * After a failed send, nobody knows what was written. kafkajs would give its sequence numbers to the next records, and
   * a broker that had written the failed ones would take those for repetitions and acknowledge them unwritten. A new
   * producer has an id of its own.
   */
  private async dropProducer(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

function toMessage(topic: string, record: OutRecord, partitions: number, compacted: boolean): Call['messages'][number] {
  const key = Buffer.from(record.key);
  let bytes = key.length + record.value.length + RECORD_OVERHEAD_BYTES;
  for (const [name, text] of Object.entries(record.headers ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text) + 10;
  }
  if (bytes > MAX_RECORD_BYTES) {
    throw kafkaError('KAFKA_RECORD_TOO_LARGE', { topic, bytes, limit: MAX_RECORD_BYTES });
  }
  // Kafka removes a key whose value is null, not one whose value is empty.
  const value = compacted && record.value.length === 0 ? null : record.value;
  const headers = record.headers && { headers: record.headers };
  const partition = record.partition ?? partitionOf(key, partitions);
  if (!(partition >= 0 && partition < partitions)) throw coreError('BUS_PARTITION_UNKNOWN', { topic, partition });
  return { key, value, partition, bytes, ...headers };
}

/** Gives every record its offset: the records of a partition follow the base offset in the order sent. */
function place(slices: readonly Slice[], written: readonly RecordMetadata[]): void {
  const next = new Map<string, number>();
  for (const { topicName, partition, baseOffset } of written) {
    next.set(`${topicName}/${partition}`, Number(baseOffset));
  }
  for (const { call, from, to } of slices) {
    const { topic } = call;
    for (let i = from; i < to; i++) {
      const { partition } = call.messages[i] as Call['messages'][number];
      const name = `${topic}/${partition}`;
      const offset = next.get(name);
      // kafkajs can lose a partition whose leader moved to a broker that had already answered, and say nothing of it.
      if (offset === undefined)
        throw kafkaError('KAFKA_FAILED', { operation: `write to ${name}`, reason: 'no answer' });
      next.set(name, offset + 1);
      call.positions.push({ topic, partition, offset });
    }
  }
  for (const { call, to } of slices) if (to === call.messages.length) call.resolve(call.positions);
}
