import type { Follower, FollowOptions, PartitionRange } from '@fleetwall/core';
import type { Broker, Cluster, Kafka, KafkaMessage } from 'kafkajs';
import { pause, pauseAfterMs } from './backoff.js';
import { createCluster } from './client.js';
import { rootOf } from './errors.js';
import { offsetsOf } from './offsets.js';
import { toRecord } from './records.js';

/** How long a broker may wait for something to arrive; also how long a partition may be left out after a slow handler. */
const MAX_WAIT_MS = 250;
const MAX_BYTES_PER_PARTITION = 1_048_576;
/** The topics of this project are written without transactions. */
const READ_UNCOMMITTED = 0;

interface PartitionReader {
  partition: number;
  /** The next offset to hand over. */
  next: number;
  /** What was there at the call of `follow` ends before this offset. */
  target: number;
  /** Known to be empty from `next` to this offset. */
  emptyUpTo: number;
  /** Being handed over; not fetched meanwhile. */
  busy: Promise<void> | undefined;
}

/** What Broker.fetch of kafkajs answers, which its types leave open. */
interface FetchedPartition {
  partition: number;
  highWatermark: string;
  messages: (KafkaMessage & { isControlRecord: boolean })[];
}

/**
 * Reads all partitions by fetch requests of its own, one loop per broker, without a group: nothing to join or to clean
 * up, and an empty answer is known as such, so that it is caught up even where compaction left no record at the end.
 */
export class TopicFollower implements Follower {
  readonly caughtUp: Promise<void>;
  private readonly readers: PartitionReader[];
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private reached: () => void = () => undefined;
  private cluster: Cluster | undefined;

  constructor(
    private readonly client: Kafka,
    private readonly options: FollowOptions,
    ranges: readonly PartitionRange[],
  ) {
    this.readers = ranges.map(({ partition, low, high }) => {
      const from = options.from?.get(partition) ?? low;
      return { partition, next: Math.min(Math.max(from, low), high), target: high, emptyUpTo: 0, busy: undefined };
    });
    this.caughtUp = new Promise((resolve) => {
      this.reached = resolve;
    });
    this.checkCaughtUp();
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // Ends the fetch under way, which a broker may hold for MAX_WAIT_MS.
    await this.cluster?.disconnect().catch(() => undefined);
    await this.running;
    this.reached();
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Connects anew after whatever went wrong: leaders move, brokers restart, connections break. */
  private async run(): Promise<void> {
    for (let failures = 1; !this.stopped; failures++) {
      const begun = this.progress();
      try {
        await this.follow();
      } catch (error) {
        if (this.stopped) break;
        this.options.onError?.(error);
        await this.cluster?.disconnect().catch(() => undefined);
        if (this.progress() > begun) failures = 1;
        await pause(pauseAfterMs(failures), this.stopping.signal);
      }
    }
    await this.cluster?.disconnect().catch(() => undefined);
    await Promise.all(this.readers.map((reader) => reader.busy));
  }

  private progress(): number {
    return this.readers.reduce((sum, reader) => sum + reader.next, 0);
  }

  /** Until it fails or is stopped. One loop that fails ends all of them, so that the leaders are looked up again. */
  private async follow(): Promise<void> {
    const { topic } = this.options;
    const cluster = createCluster(this.client);
    this.cluster = cluster;
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    const failed = new AbortController();
    const partitions = this.readers.map((reader) => reader.partition);
    const loops = Object.entries(cluster.findLeaderForPartitions(topic, partitions)).map(async ([nodeId, led]) => {
      const readers = this.readers.filter((reader) => led.includes(reader.partition));
      try {
        const broker = await cluster.findBroker({ nodeId });
        while (!this.stopped && !failed.signal.aborted) await this.round(cluster, broker, readers);
      } finally {
        failed.abort();
      }
    });
    await Promise.all(loops);
  }

  /** One fetch for the partitions that are not busy, handed over; slow handlers do not hold up the others for long. */
  private async round(cluster: Cluster, broker: Broker, readers: readonly PartitionReader[]): Promise<void> {
    const ready = readers.filter((reader) => !reader.busy);
    for (const fetched of ready.length > 0 ? await this.fetch(cluster, broker, ready) : []) {
      const reader = ready.find(({ partition }) => partition === fetched.partition) as PartitionReader;
      if (fetched.messages.length > 0) {
        reader.busy = this.handOver(reader, fetched).finally(() => {
          reader.busy = undefined;
        });
      } else if (Number(fetched.highWatermark) > Math.max(reader.next, reader.emptyUpTo)) {
        await this.lookCloser(cluster, broker, reader);
      }
    }
    const busy = readers.flatMap((reader) => reader.busy ?? []);
    if (busy.length === 0) return;
    const waiting = new AbortController();
    await Promise.race([Promise.all(busy), pause(MAX_WAIT_MS, waiting.signal)]);
    waiting.abort();
  }

  /**
   * No record, and yet not the end. Either compaction removed all that was left, and a fetch of this partition alone
   * waits in vain. Or the answer is a batch without records (kept for the sake of an idempotent producer), which is
   * answered at once and hides what follows: at `next` itself there is no record then, so it moves on by one.
   */
  private async lookCloser(cluster: Cluster, broker: Broker, reader: PartitionReader): Promise<void> {
    const askedMs = performance.now();
    const [fetched] = await this.fetch(cluster, broker, [reader]);
    if (!fetched || fetched.messages.length > 0) return;
    if (performance.now() - askedMs < MAX_WAIT_MS / 2) reader.next++;
    else {
      reader.emptyUpTo = Number(fetched.highWatermark);
      if (reader.emptyUpTo >= reader.target) reader.target = reader.next;
    }
    this.checkCaughtUp();
  }

  private async fetch(
    cluster: Cluster,
    broker: Broker,
    readers: readonly PartitionReader[],
  ): Promise<FetchedPartition[]> {
    const { topic } = this.options;
    const partitions = readers.map(({ partition, next }) => ({
      partition,
      fetchOffset: String(next),
      maxBytes: MAX_BYTES_PER_PARTITION,
    }));
    try {
      const { responses } = (await broker.fetch({
        maxWaitTime: MAX_WAIT_MS,
        minBytes: 1,
        // Never the limit: a partition that is left out for lack of room would look like one that is at its end.
        maxBytes: (readers.length + 1) * MAX_BYTES_PER_PARTITION,
        isolationLevel: READ_UNCOMMITTED,
        topics: [{ topic, partitions }],
      })) as { responses: { partitions: FetchedPartition[] }[] };
      return responses.flatMap((response) => response.partitions);
    } catch (error) {
      if (rootOf(error).type !== 'OFFSET_OUT_OF_RANGE') throw error;
      await this.moveIntoRange(cluster, readers);
      return [];
    }
  }

  /** Retention removed what was next (or the topic was cut): goes on at the first record that is there. */
  private async moveIntoRange(cluster: Cluster, readers: readonly PartitionReader[]): Promise<void> {
    const low = await offsetsOf(cluster, this.options.topic, { fromBeginning: true });
    const high = await offsetsOf(cluster, this.options.topic, { fromBeginning: false });
    for (const reader of readers) {
      const first = low.get(reader.partition) ?? reader.next;
      if (reader.next < first || reader.next > (high.get(reader.partition) ?? reader.next)) reader.next = first;
    }
  }

  private async handOver(reader: PartitionReader, fetched: FetchedPartition): Promise<void> {
    for (const message of fetched.messages) {
      // A compressed batch comes whole, so it may begin before the offset that was asked for.
      const offset = Number(message.offset);
      if (offset < reader.next) continue;
      if (!message.isControlRecord) await this.deliver(reader.partition, message);
      if (this.stopped) return;
      reader.next = offset + 1;
    }
    this.checkCaughtUp();
  }

  /** Tries until it succeeds: a follower that left something out would be wrong for ever. */
  private async deliver(partition: number, message: KafkaMessage): Promise<void> {
    const record = toRecord(this.options.topic, partition, message);
    for (let failures = 1; !this.stopped; failures++) {
      try {
        return await this.options.onRecord(record);
      } catch (error) {
        this.options.onError?.(error);
        await pause(pauseAfterMs(failures), this.stopping.signal);
      }
    }
  }

  private checkCaughtUp(): void {
    if (this.readers.every((reader) => reader.next >= reader.target)) this.reached();
  }
}
