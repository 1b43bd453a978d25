import { join } from 'node:path';
import {
  type Bus,
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
import { type LogReport, lockDirectory } from '../segment-log/index.js';
import { Commits } from './commits.js';
import { followTopic } from './follower.js';
import { Group } from './group.js';
import { partitionOf } from './murmur2.js';
import { Topics } from './topics.js';

export interface EmbeddedBusOptions {
  /** Created when missing; used by one process at a time. */
  directory: string;
  clock?: Clock;
  /** Size of the files of each partition; 64 MiB when absent. */
  segmentBytes?: number;
  /** How long an empty record stays in a compacted topic, so that those who were away learn of the removal; a day when absent. */
  keepEmptyMs?: number;
  /** How often retention and compaction are looked at; a minute when absent. */
  housekeepingMs?: number;
  /** Told what a partition lost or gave up. */
  onReport?: (report: LogReport & { topic: string; partition: number }) => void;
  /** Told of background work that failed and is tried again. */
  onError?: (error: unknown) => void;
}

/**
 * The bus of one process on its own disk: partitions are segment logs, groups live in this process, committed offsets in
 * a log of their own. Fails with LOG_LOCKED when another process has the directory.
 *
 * ```
 * directory/lock
 * directory/commits/         segment log of committed offsets
 * directory/topics/<name>/topic.json
 * directory/topics/<name>/<partition>/   segment log
 * ```
 */
export async function createEmbeddedBus(options: EmbeddedBusOptions): Promise<Bus> {
  const { directory, clock = Date.now, onReport = () => {}, onError = () => {} } = options;
  const unlock = await lockDirectory(directory);
  try {
    const topics = await Topics.open({
      directory: join(directory, 'topics'),
      clock,
      segmentBytes: options.segmentBytes ?? 64 << 20,
      keepEmptyMs: options.keepEmptyMs ?? 86_400_000,
      onReport,
      onError,
    });
    const commits = await Commits.open(join(directory, 'commits'), clock, () => topics.syncDerived(), onError);
    commits.limit(({ topic, partition }) => topics.find(topic)?.logs[partition]?.next);
    return new EmbeddedBus(topics, commits, unlock, options.housekeepingMs ?? 60_000);
  } catch (error) {
    await unlock();
    throw error;
  }
}

class EmbeddedBus implements Bus {
  private readonly groups = new Map<string, Group>();
  private readonly stops = new Set<() => Promise<void>>();
  private readonly housekeeper: NodeJS.Timeout;
  private declaring: Promise<void> = Promise.resolve();
  private housekeeping: Promise<void>;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly topics: Topics,
    private readonly commits: Commits,
    private readonly unlock: () => Promise<void>,
    housekeepingMs: number,
  ) {
    this.housekeeping = topics.keepHouse();
    this.housekeeper = setInterval(() => {
      this.housekeeping = this.housekeeping.then(() => topics.keepHouse());
    }, housekeepingMs);
    this.housekeeper.unref();
  }

  async declare(topics: TopicSpec[]): Promise<void> {
    this.refuseWhenClosed();
    this.declaring = this.declaring
      .catch(() => {})
      .then(async () => {
        for (const spec of topics) await this.topics.declare(spec);
      });
    return this.declaring;
  }

  async publish(topic: string, records: OutRecord[]): Promise<Position[]> {
    this.refuseWhenClosed();
    const { logs } = this.topics.get(topic);
    const places = records.map(({ key, partition }) => partition ?? partitionOf(key, logs.length));
    for (const partition of places) {
      if (!logs[partition]) throw coreError('BUS_PARTITION_UNKNOWN', { topic, partition });
    }
    const shares: OutRecord[][] = logs.map(() => []);
    places.forEach((partition, i) => {
      shares[partition]?.push(records[i] as OutRecord);
    });
    // No await before this: the order of calls is the order of appends.
    const appends = logs.map((log, i) => (shares[i]?.length ? log.append(shares[i]) : 0));
    const firsts = await Promise.all(appends);
    return places.map((partition) => ({ topic, partition, offset: (firsts[partition] as number)++ }));
  }

  async consume(options: ConsumeOptions): Promise<Subscription> {
    this.refuseWhenClosed();
    for (const topic of options.topics) this.topics.get(topic);
    let group = this.groups.get(options.group);
    if (!group) {
      group = new Group(this.topics, this.commits);
      this.groups.set(options.group, group);
    }
    const subscription = group.join(options);
    return { ...subscription, stop: this.tracked(subscription.stop) };
  }

  async follow(options: FollowOptions): Promise<Follower> {
    this.refuseWhenClosed();
    const follower = followTopic(this.topics.get(options.topic).logs, options);
    return { ...follower, stop: this.tracked(follower.stop) };
  }

  async ranges(topic: string): Promise<PartitionRange[]> {
    this.refuseWhenClosed();
    return this.topics.get(topic).logs.map((log, partition) => ({ topic, partition, low: log.low, high: log.next }));
  }

  async offsetsAt(topic: string, timeMs: number): Promise<Position[]> {
    this.refuseWhenClosed();
    const { logs } = this.topics.get(topic);
    const offsets = await Promise.all(logs.map((log) => log.offsetAt(timeMs)));
    return offsets.map((offset, partition) => ({ topic, partition, offset }));
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      clearInterval(this.housekeeper);
      await this.declaring.catch(() => {});
      await Promise.all([...this.stops].map((stop) => stop()));
      await this.housekeeping;
      // A commit makes durable what it speaks of: the topics must still be open.
      await this.commits.close();
      await this.topics.close();
      await this.unlock();
    })();
    return this.closing;
  }

  /** Lets `close` find what is to be stopped, until it has been. */
  private tracked(stop: () => Promise<void>): () => Promise<void> {
    const stopTracked = async () => {
      await stop();
      this.stops.delete(stopTracked);
    };
    this.stops.add(stopTracked);
    return stopTracked;
  }

  private refuseWhenClosed(): void {
    if (this.closing) throw coreError('BUS_CLOSED');
  }
}
