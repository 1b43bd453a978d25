import {
  type Bus,
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
import type { Admin, Kafka, RetryOptions } from 'kafkajs';
import { atMost } from './backoff.js';
import { createClient, DISCONNECT_PATIENCE_MS, type KafkaConnection, SHORT_RETRY } from './client.js';
import type { MemberClient } from './consumer-session.js';
import { explained } from './errors.js';
import { TopicFollower } from './follower.js';
import { GroupConsumer } from './group-consumer.js';
import { OffsetReader } from './offsets.js';
import { OwnSockets } from './own-sockets.js';
import { Publisher } from './publisher.js';
import { TopicCatalogue } from './topics.js';

export interface KafkaBusOptions extends KafkaConnection {
  /** Copies of each partition of topics that `declare` creates; 3, or as many as there are brokers, when absent. */
  replicationFactor?: number;
  /** After how long without a sign the group gives a consumer's partitions to others; 15,000 when absent. */
  sessionTimeoutMs?: number;
  /** After how long without progress, with something to read, a consumer is restarted; 30,000 when absent. */
  stallTimeoutMs?: number;
}

/**
 * The bus over Apache Kafka 3.9 or newer. Throws KAFKA_UNREACHABLE or KAFKA_DENIED when no broker lets it in; later on
 * it rides out lost connections by itself.
 */
export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const bus = new KafkaBus(options);
  await bus.open();
  return bus;
}

interface Stoppable {
  stop(): Promise<void>;
}

class KafkaBus implements Bus {
  private readonly sockets: OwnSockets;
  private readonly client: Kafka;
  private readonly admin: Admin;
  private readonly topics: TopicCatalogue;
  private readonly offsets: OffsetReader;
  private readonly publishers: { log: Publisher; compacted: Publisher };
  private readonly readers = new Set<Stoppable>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: KafkaBusOptions) {
    this.sockets = new OwnSockets(options.socketFactory);
    this.client = this.newClient();
    this.admin = this.client.admin();
    this.topics = new TopicCatalogue(this.admin, options.replicationFactor);
    this.offsets = new OffsetReader(this.client);
    this.publishers = { log: new Publisher(this.client, true), compacted: new Publisher(this.client, false) };
  }

  async open(): Promise<void> {
    const probe = this.newClient(SHORT_RETRY).admin();
    try {
      await this.explain('connect', () => probe.connect());
      await this.explain('connect', () => this.admin.connect());
    } finally {
      await probe.disconnect();
    }
  }

  declare(topics: TopicSpec[]): Promise<void> {
    return this.explain('declare topics', () => this.topics.declare(topics));
  }

  publish(topic: string, records: OutRecord[]): Promise<Position[]> {
    return this.explain(`publish to ${topic}`, async () => {
      const info = await this.topics.get(topic);
      const publisher = info.compacted ? this.publishers.compacted : this.publishers.log;
      return publisher.publish(topic, info, records);
    });
  }

  consume(options: ConsumeOptions): Promise<Subscription> {
    return this.explain(`consume as ${options.group}`, async () => {
      for (const topic of options.topics) await this.topics.get(topic);
      return this.register(
        new GroupConsumer(options, {
          createClient: () => this.newMemberClient(),
          sessionTimeoutMs: this.options.sessionTimeoutMs ?? 15_000,
          stallTimeoutMs: this.options.stallTimeoutMs ?? 30_000,
          ranges: (topic) => this.offsets.ranges(topic),
          committed: (group, topics) => this.fetchCommitted(group, topics),
          explain: (error) => explained(error, `consume as ${options.group}`, this.options.brokers),
        }),
      );
    });
  }

  follow(options: FollowOptions): Promise<Follower> {
    return this.explain(`follow ${options.topic}`, async () => {
      await this.topics.get(options.topic);
      const ranges = await this.offsets.ranges(options.topic);
      const chosen = ranges.filter(({ partition }) => options.partitions?.includes(partition) ?? true);
      return this.register(new TopicFollower(this.client, options, chosen));
    });
  }

  ranges(topic: string): Promise<PartitionRange[]> {
    return this.explain(`look at ${topic}`, async () => {
      await this.topics.get(topic);
      return this.offsets.ranges(topic);
    });
  }

  offsetsAt(topic: string, timeMs: number): Promise<Position[]> {
    return this.explain(`look at ${topic}`, async () => {
      await this.topics.get(topic);
      return this.offsets.at(topic, timeMs);
    });
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.readers].map((reader) => reader.stop()));
      await Promise.all([this.publishers.log.close(), this.publishers.compacted.close()]);
      const rest = Promise.all([this.offsets.close(), this.admin.disconnect()]);
      await atMost(DISCONNECT_PATIENCE_MS, rest).finally(() => this.sockets.cut());
    })();
    return this.closing;
  }

  private newClient(retry?: RetryOptions, sockets = this.sockets): Kafka {
    const { replicationFactor, sessionTimeoutMs, stallTimeoutMs, ...connection } = this.options;
    return createClient({ ...connection, socketFactory: sockets.factory }, retry);
  }

  private newMemberClient(): MemberClient {
    const sockets = new OwnSockets(this.sockets.factory);
    return { client: this.newClient(undefined, sockets), sockets };
  }

  /** Hands out a reader that `close` stops; a bus closed meanwhile stops it at once. */
  private register<T extends Stoppable>(reader: T): T {
    if (this.closing) {
      void reader.stop();
      throw coreError('BUS_CLOSED');
    }
    this.readers.add(reader);
    const stop = reader.stop.bind(reader);
    reader.stop = () => stop().finally(() => this.readers.delete(reader));
    return reader;
  }

  private async fetchCommitted(groupId: string, topics: string[]): Promise<Position[]> {
    const answers = await this.admin.fetchOffsets({ groupId, topics });
    return answers.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
    );
  }

  private async explain<T>(operation: string, run: () => Promise<T>): Promise<T> {
    if (this.closing) throw coreError('BUS_CLOSED');
    try {
      return await run();
    } catch (error) {
      throw explained(error, operation, this.options.brokers);
    }
  }
}
