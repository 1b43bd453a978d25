import {
  type Bus,
  type BusRecord,
  type Clock,
  type ConsumeOptions,
  coreError,
  type Follower,
  type FollowOptions,
  type OutRecord,
  type PartitionRange,
  type Position,
  type Subscription,
  type TopicSpec,
} from '@fleetwall/core';
import { MemoryGroup, Signal } from './memory-group.js';

/**
 * The bus as arrays, for tests: nothing is durable, nothing expires and nothing is compacted. Everything else is as the
 * port says, and it passes the same conformance suite as the real ones.
 */
export function createMemoryBus(clock: Clock = Date.now): Bus {
  return new MemoryBus(clock);
}

class MemoryBus implements Bus {
  private readonly topics = new Map<string, BusRecord[][]>();
  private readonly groups = new Map<string, MemoryGroup>();
  private readonly stops = new Set<() => Promise<void>>();
  private readonly changed = new Signal();
  private closed = false;

  constructor(private readonly clock: Clock) {}

  async declare(topics: TopicSpec[]): Promise<void> {
    this.refuseWhenClosed();
    for (const { name, partitions } of topics) {
      const actual = this.topics.get(name)?.length;
      if (actual === undefined)
        this.topics.set(
          name,
          Array.from({ length: partitions }, () => []),
        );
      else if (actual !== partitions) {
        throw coreError('BUS_TOPIC_MISMATCH', { topic: name, actual, expected: partitions });
      }
    }
  }

  async publish(topic: string, records: OutRecord[]): Promise<Position[]> {
    const partitions = this.partitions(topic);
    const timestampMs = this.clock();
    const places = records.map(({ key, partition }) => partition ?? placeOf(key, partitions.length));
    for (const partition of places) {
      if (!partitions[partition]) throw coreError('BUS_PARTITION_UNKNOWN', { topic, partition });
    }
    const positions = records.map((record, i) => {
      const partition = places[i] as number;
      const log = partitions[partition] as BusRecord[];
      const offset = log.length;
      log.push({ ...record, value: Buffer.from(record.value), topic, partition, offset, timestampMs });
      return { topic, partition, offset };
    });
    this.changed.fire();
    return positions;
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    for (const topic of options.topics) this.partitions(topic);
    let group = this.groups.get(options.group);
    if (!group) {
      group = new MemoryGroup(this.topics, this.changed);
      this.groups.set(options.group, group);
    }
    const subscription = group.join(options);
    return { ...subscription, stop: this.stopper(subscription.stop) };
  }

  async follow(options: FollowOptions): Promise<Follower> {
    let stopped = false;
    const chosen = [...this.partitions(options.topic).entries()].filter(
      ([partition]) => options.partitions?.includes(partition) ?? true,
    );
    const readers = chosen.map(([partition, log]) => {
      let next = options.from?.get(partition) ?? 0;
      const high = log.length;
      let reached = () => {};
      const caughtUp = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const read = async () => {
        while (!stopped) {
          if (next >= high) reached();
          const record = log[next];
          if (!record) await this.changed.wait();
          else if (await delivered(options, record)) next++;
          else await this.changed.wait(10);
        }
        reached();
      };
      return { caughtUp, ended: read() };
    });
    const stop = this.stopper(async () => {
      stopped = true;
      this.changed.fire();
      await Promise.all(readers.map((reader) => reader.ended));
    });
    const caughtUp = Promise.all(readers.map((reader) => reader.caughtUp)).then(() => undefined);
    return { caughtUp, stop };
  }

  async ranges(topic: string): Promise<PartitionRange[]> {
    return this.partitions(topic).map((log, partition) => ({ topic, partition, low: 0, high: log.length }));
  }

  async offsetsAt(topic: string, timeMs: number): Promise<Position[]> {
    return this.partitions(topic).map((log, partition) => {
      const found = log.findIndex((record) => record.timestampMs >= timeMs);
      return { topic, partition, offset: found < 0 ? log.length : found };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.stops].map((stop) => stop()));
  }

  /** Makes a stop idempotent and lets `close` find it. */
  private stopper(stopOnce: () => Promise<void>): () => Promise<void> {
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= stopOnce().finally(() => this.stops.delete(stop));
      return stopping;
    };
    this.stops.add(stop);
    return stop;
  }

  private partitions(topic: string): BusRecord[][] {
    this.refuseWhenClosed();
    const partitions = this.topics.get(topic);
    if (!partitions) throw coreError('BUS_TOPIC_UNKNOWN', { topic });
    return partitions;
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw coreError('BUS_CLOSED');
  }
}

async function delivered(options: FollowOptions, record: BusRecord): Promise<boolean> {
  try {
    await options.onRecord(record);
    return true;
  } catch (error) {
    options.onError?.(error);
    return false;
  }
}

/** Any stable hash will do here. */
function placeOf(key: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % partitions;
}
