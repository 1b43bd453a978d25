import type { ConsumeOptions, Position, Subscription, TopicPartition } from '@fleetwall/core';
import type { Commits } from './commits.js';
import { Gate, PartitionConsumer } from './partition-consumer.js';
import { retryUntilAborted } from './retry.js';
import { assignExclusive, assignSticky, type Candidate } from './sticky-assignment.js';
import type { Topics } from './topics.js';

/** The members of one group within this process. Changes of membership take effect one after the other. */
export class Group {
  private readonly members: Member[] = [];
  private rebalancing: Promise<void> = Promise.resolve();

  constructor(
    private readonly topics: Topics,
    private readonly commits: Commits,
  ) {}

  /** The partitions come later, when their holders have given them up. */
  join(options: ConsumeOptions): Subscription {
    const member = new Member(options, this.topics, this.commits);
    this.members.push(member);
    this.rebalance();
    let stopping: Promise<void> | undefined;
    return {
      pause: () => member.gate.pause(),
      resume: () => member.gate.resume(),
      stop: () => {
        stopping ??= this.leave(member);
        return stopping;
      },
    };
  }

  private async leave(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    member.endAll();
    this.rebalancing = this.rebalancing.then(() => member.giveUp(() => true));
    const left = this.rebalancing;
    this.rebalance();
    await left;
    await this.commits.flush().catch((error) => member.options.onError?.(error));
  }

  private rebalance(): void {
    this.rebalancing = this.rebalancing.then(async () => {
      const topics = new Map<string, number>();
      for (const topic of this.members.flatMap((member) => member.topics)) {
        topics.set(topic, this.topics.get(topic).logs.length);
      }
      const isExclusive = this.members[0]?.options.exclusive ?? false;
      const shares = isExclusive ? assignExclusive(this.members, topics) : assignSticky(this.members, topics);
      const isOther = (share: TopicPartition[]) => (held: TopicPartition) =>
        !share.some(({ topic, partition }) => topic === held.topic && partition === held.partition);
      await Promise.all([...shares].map(([member, share]) => member.giveUp(isOther(share))));
      for (const [member, share] of shares) member.take(share.filter((partition) => !member.holds(partition)));
    });
  }
}

/** One subscription and the partitions it holds. */
class Member implements Candidate {
  readonly gate = new Gate();
  private held: PartitionConsumer[] = [];
  private starting: Promise<void> = Promise.resolve();
  /** The onAssigned call under way; partitions are not given up in its midst. */
  private assigning: Promise<void> = Promise.resolve();

  constructor(
    readonly options: ConsumeOptions,
    private readonly logs: Topics,
    private readonly commits: Commits,
  ) {}

  get topics(): readonly string[] {
    return this.options.topics;
  }

  holds({ topic, partition }: TopicPartition): boolean {
    return this.held.some((held) => held.topic === topic && held.partition === partition);
  }

  /** No new batches from now on. */
  endAll(): void {
    for (const consumer of this.held) consumer.end();
  }

  take(partitions: TopicPartition[]): void {
    if (partitions.length === 0) return;
    const { options, commits, gate } = this;
    const taken = partitions.map(({ topic, partition }) => {
      const log = this.logs.get(topic).logs[partition];
      if (!log) throw new Error(`partition ${partition} of ${topic} does not exist`);
      return new PartitionConsumer(topic, partition, log, commits, options, gate);
    });
    this.held.push(...taken);
    this.starting = this.starting.then(() => this.start(taken));
  }

  /** Waits for the batches under way of the partitions chosen, then tells onRevoked. */
  async giveUp(isChosen: (partition: TopicPartition) => boolean): Promise<void> {
    const given = this.held.filter(isChosen);
    if (given.length === 0) return;
    for (const consumer of given) consumer.end();
    await this.assigning.catch(() => {});
    await Promise.all(given.map((consumer) => consumer.end()));
    this.held = this.held.filter((consumer) => !given.includes(consumer));
    const told = given.filter((consumer) => consumer.isAssigned);
    if (told.length === 0) return;
    try {
      await this.options.onRevoked?.(told.map(({ topic, partition }) => ({ topic, partition })));
    } catch (error) {
      this.options.onError?.(error);
    }
  }

  /** Tells onAssigned until it succeeds; partitions that are taken away before are left out of the next try. */
  private async start(taken: PartitionConsumer[]): Promise<void> {
    const { onAssigned, onError = () => {} } = this.options;
    for (;;) {
      const waiting = taken.filter((consumer) => !consumer.signal.aborted);
      if (waiting.length === 0) return;
      const assignments = waiting.map(({ topic, partition, committed }) => ({ topic, partition, committed }));
      let positions: Position[] = [];
      const attempt = async () => {
        positions = (await onAssigned?.(assignments)) ?? [];
        for (const consumer of waiting) consumer.isAssigned = true;
      };
      const tracked = () => {
        this.assigning = attempt();
        return this.assigning;
      };
      const isDone = await retryUntilAborted(AbortSignal.any(waiting.map((c) => c.signal)), tracked, onError);
      if (!isDone) continue;
      for (const consumer of waiting) {
        const { topic, partition } = consumer;
        const chosen = positions.find((position) => position.topic === topic && position.partition === partition);
        consumer.start(chosen?.offset ?? consumer.committed);
      }
      return;
    }
  }
}
