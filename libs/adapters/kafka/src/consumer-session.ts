import type { TopicPartition } from '@fleetwall/core';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { cooperativeAssigner, partitionsOf } from './assigner.js';
import { atMost } from './backoff.js';
import { DISCONNECT_PATIENCE_MS, RETRY } from './client.js';
import type { OwnSockets } from './own-sockets.js';

/** How long a fetch may wait at the broker. Also how late a partition may come back after a pause, and a stop may be. */
const MAX_WAIT_MS = 250;
const HEARTBEAT_MS = 1_000;
/** How long a member may take to finish its batches when the group rebalances, before it loses everything. */
const REBALANCE_TIMEOUT_MS = 60_000;
/** Batches of different partitions are handed over at the same time, up to this many. */
const CONCURRENT_PARTITIONS = 64;
/** A member that is in the middle of joining can leave properly only afterwards. */
const JOIN_PATIENCE_MS = 5_000;

/** A client of one member of a group, and its connections. */
export interface MemberClient {
  client: Kafka;
  sockets: OwnSockets;
}

export interface SessionOptions extends MemberClient {
  group: string;
  topics: string[];
  /** One member gets everything. */
  exclusive: boolean;
  /** A member that is silent for so long is thrown out of the group, and others get its partitions. */
  sessionTimeoutMs: number;
  /** What this member holds, read at every join. */
  claim: () => { member: string; holds: TopicPartition[] };
  /** Called at every (re)join, before anything is fetched in the new generation: must not wait. */
  onJoined: (member: string, partitions: TopicPartition[]) => void;
  onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** Records that are not shown (control records) were passed; `next` is the offset after them. */
  onSkipped: (partition: TopicPartition, next: number) => void;
}

/**
 * One kafkajs consumer from its start until it crashes or is stopped. kafkajs would restart a crashed consumer by
 * itself, but not always (kafkajs#659, #1720); here it never does, and whoever has the session makes a new one.
 */
export class ConsumerSession {
  /** Resolves with the reason when the consumer is no more. */
  readonly ended: Promise<unknown>;
  /** When it last gave a sign of life: a join, a fetch, a heartbeat, a batch. */
  lastSignMs = Date.now();
  private end: (reason: unknown) => void = () => undefined;
  private readonly consumer: Consumer;
  private joined = false;
  private over = false;
  private rejoinWanted = false;
  private starting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SessionOptions) {
    this.ended = new Promise((resolve) => {
      this.end = (reason) => {
        this.over = true;
        resolve(reason);
      };
    });
    this.consumer = options.client.consumer({
      groupId: options.group,
      partitionAssigners: [cooperativeAssigner(options.claim, options.exclusive)],
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      readUncommitted: true,
      retry: { ...RETRY, restartOnFailure: async () => false },
    });
    this.listen();
  }

  start(): void {
    const run = async () => {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: this.options.topics, fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachBatch: this.options.onBatch,
      });
    };
    this.starting = run().catch((error) => this.end(error));
  }

  /** Leaves the group if it can, and lets go of the connections. */
  async stop(): Promise<void> {
    await atMost(JOIN_PATIENCE_MS, this.starting);
    this.over = true;
    await atMost(
      DISCONNECT_PATIENCE_MS,
      this.consumer.disconnect().catch(() => undefined),
    );
    this.options.sockets.cut();
    this.end(undefined);
  }

  /** Ends it from outside: the watchdog's way. */
  abandon(reason: unknown): void {
    this.end(reason);
  }

  /** Joins the group again, at the next fetch: tells it that something has been given up. */
  rejoin(): void {
    this.rejoinWanted = true;
  }

  get isActive(): boolean {
    return this.joined && !this.over;
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    if (this.isActive) this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  setFetching({ topic, partition }: TopicPartition, fetching: boolean): void {
    if (!this.isActive) return;
    if (fetching) this.consumer.resume([{ topic, partitions: [partition] }]);
    else this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  /** Fenced by the broker: fails when the member has lost its place in the group. */
  async commit(positions: { topic: string; partition: number; offset: number }[]): Promise<void> {
    if (!this.isActive || positions.length === 0) return;
    await this.consumer.commitOffsets(positions.map((position) => ({ ...position, offset: String(position.offset) })));
  }

  private listen(): void {
    const { events } = this.consumer;
    const sign = () => {
      this.lastSignMs = Date.now();
    };
    this.consumer.on(events.FETCH, sign);
    this.consumer.on(events.HEARTBEAT, sign);
    this.consumer.on(events.START_BATCH_PROCESS, sign);
    this.consumer.on(events.CRASH, ({ payload }) => this.end(payload.error));
    this.consumer.on(events.GROUP_JOIN, ({ payload }) => {
      sign();
      if (this.over) return;
      this.joined = true;
      this.options.onJoined(payload.memberId, partitionsOf(payload.memberAssignment));
    });
    this.consumer.on(events.END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      sign();
      if (batchSize === 0) this.options.onSkipped({ topic, partition }, Number(lastOffset) + 1);
    });
    // kafkajs joins again only when a request says so. A listener that throws fails the fetch with its error, and this
    // one is what a broker answers when the group rebalances.
    this.consumer.on(events.FETCH_START, () => {
      if (!this.rejoinWanted) return;
      this.rejoinWanted = false;
      throw Object.assign(new Error('partitions were given up'), { type: 'REBALANCE_IN_PROGRESS' });
    });
  }
}
