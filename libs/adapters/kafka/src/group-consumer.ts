import type {
  Assignment,
  ConsumeOptions,
  PartitionRange,
  Position,
  Subscription,
  TopicPartition,
} from '@fleetwall/core';
import type { EachBatchPayload } from 'kafkajs';
import { nameOf } from './assigner.js';
import { atMost, pause, pauseAfterMs, unlessAborted } from './backoff.js';
import { ConsumerSession, type MemberClient } from './consumer-session.js';
import { isRebalance, kafkaError } from './errors.js';
import { HeldPartition } from './held-partition.js';
import { toRecord } from './records.js';

const DEFAULT_MAX_BATCH = 500;
const TICK_MS = 1_000;
/** A commit that does not get through is given up: the records come again, to whoever has the partition next. */
const COMMIT_PATIENCE_MS = 10_000;
/** A join may rightly wait for the batches of other members, so silence is judged later than missing progress. */
const SILENCE_ALLOWANCE_MS = 70_000;

export interface GroupConsumerOptions {
  createClient: () => MemberClient;
  sessionTimeoutMs: number;
  /** Restarts the consumer when there was something to read and nothing was read for so long. */
  stallTimeoutMs: number;
  ranges: (topic: string) => Promise<PartitionRange[]>;
  /** The group's next offsets of all partitions of the topics; below 0 where it has none. */
  committed: (group: string, topics: string[]) => Promise<Position[]>;
  explain: (error: unknown) => unknown;
}

/**
 * A member of a consumer group that keeps every promise of the port:
 *
 * - Partitions move cooperatively (assigner.ts). What is gained is not fetched before `onAssigned` has succeeded; what is
 *   lost is finished, committed and told to `onRevoked` while no other member may have it.
 * - `lifecycle` runs those steps one after the other, while partitions that stay are read on.
 * - A member that the broker throws out (silent for the session timeout) learns of it late. Meanwhile another member has
 *   its partitions, and the batch under way is handed over twice; the broker refuses the late commit, so that nothing
 *   is skipped. `onRevoked` then comes after the fact: this window cannot be closed from here.
 */
export class GroupConsumer implements Subscription {
  private readonly held = new Map<string, HeldPartition>();
  private assigned = new Set<string>();
  private member = '';
  private session: ConsumerSession;
  private lifecycle: Promise<void> = Promise.resolve();
  private paused = false;
  private recommitting: Promise<unknown> | undefined;
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | undefined;
  private readonly running: Promise<void>;

  constructor(
    private readonly options: ConsumeOptions,
    private readonly settings: GroupConsumerOptions,
  ) {
    this.session = this.newSession();
    this.running = this.run();
  }

  pause(): void {
    this.paused = true;
    this.applyGates();
  }

  resume(): void {
    this.paused = false;
    this.applyGates();
  }

  stop(): Promise<void> {
    this.stopped ??= this.leave();
    return this.stopped;
  }

  private async leave(): Promise<void> {
    this.stopping.abort();
    this.applyGates();
    await this.enqueue(async () => this.giveUp([...this.held.values()]));
    await this.session.stop();
    await this.running;
  }

  /** A session at a time; after each that ends by itself, everything it held is forfeited. */
  private async run(): Promise<void> {
    const ticking = setInterval(() => this.tick(), TICK_MS);
    for (let failures = 1; !this.stopping.signal.aborted; failures++) {
      const begunMs = Date.now();
      this.session.start();
      const reason = await this.session.ended;
      if (this.stopping.signal.aborted) break;
      this.report(reason);
      this.forfeit();
      const old = this.session;
      this.session = this.newSession();
      await old.stop();
      if (Date.now() - begunMs > this.settings.stallTimeoutMs) failures = 1;
      await pause(pauseAfterMs(failures), this.stopping.signal);
    }
    clearInterval(ticking);
  }

  private newSession(): ConsumerSession {
    return new ConsumerSession({
      ...this.settings.createClient(),
      group: this.options.group,
      topics: this.options.topics,
      exclusive: this.options.exclusive ?? false,
      sessionTimeoutMs: this.settings.sessionTimeoutMs,
      claim: () => ({ member: this.member, holds: [...this.held.values()] }),
      onJoined: (member, partitions) => this.onJoined(member, partitions),
      onBatch: (payload) => this.onBatch(payload),
      onSkipped: (partition, next) => this.held.get(nameOf(partition))?.moveTo(next),
    });
  }

  /** Sorts a new assignment into what stays, what goes and what came. Runs before anything is fetched under it. */
  private onJoined(member: string, partitions: TopicPartition[]): void {
    if (member !== this.member) this.forfeit();
    this.member = member;
    this.assigned = new Set(partitions.map(nameOf));
    const lost: HeldPartition[] = [];
    for (const [name, held] of this.held) {
      if (!this.assigned.has(name) && !held.leaving) lost.push(held);
      // kafkajs would go on at the last commit, which may lie behind what was handed over.
      else if (held.isReady || held.retry) this.session.seek(held, held.position as number);
    }
    for (const held of lost) held.leaving = true;
    const gained = partitions.filter((partition) => !this.held.has(nameOf(partition)));
    const taken = gained.map((partition) => this.take(partition));
    this.applyGates();
    if (lost.length > 0) void this.enqueue(() => this.release(lost));
    if (taken.length > 0) void this.enqueue(() => this.begin(taken, 1));
  }

  private take({ topic, partition }: TopicPartition): HeldPartition {
    const held = new HeldPartition(topic, partition);
    this.held.set(nameOf(held), held);
    return held;
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.lifecycle = this.lifecycle.then(step).catch((error) => this.report(error));
    return this.lifecycle;
  }

  /** Asks where to start, and starts. Tried again behind whatever else is to be done, until it succeeds. */
  private async begin(gained: readonly HeldPartition[], attempt: number): Promise<void> {
    const wanted = gained.filter((held) => !held.leaving);
    if (wanted.length === 0 || this.stopping.signal.aborted) return;
    try {
      const starts = await this.startPositions(wanted);
      for (const held of wanted) {
        held.told = true;
        held.moveTo(starts.get(nameOf(held)) as number);
        this.session.seek(held, held.position as number);
      }
      this.applyGates();
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.report(error);
      void pause(pauseAfterMs(attempt), this.stopping.signal).then(() =>
        this.enqueue(() => this.begin(wanted, attempt + 1)),
      );
    }
  }

  private async startPositions(wanted: readonly HeldPartition[]): Promise<Map<string, number>> {
    const topics = [...new Set(wanted.map(({ topic }) => topic))];
    const reads = Promise.all([
      this.settings.committed(this.options.group, topics),
      Promise.all(topics.map((topic) => this.settings.ranges(topic))),
    ]);
    const [offsets, ranges] = await unlessAborted(reads, this.stopping.signal);
    const committed = new Map(offsets.map((position) => [nameOf(position), position.offset]));
    const assignments = wanted.map((held): Assignment => {
      held.committed = Math.max(committed.get(nameOf(held)) ?? 0, 0);
      return { topic: held.topic, partition: held.partition, committed: held.committed };
    });
    const asked = new Map(
      ((await this.options.onAssigned?.(assignments)) ?? []).map((position) => [nameOf(position), position.offset]),
    );
    const start = ({ committed, ...partition }: Assignment) => {
      const range = ranges.flat().find((each) => nameOf(each) === nameOf(partition));
      const offset = asked.get(nameOf(partition)) ?? committed;
      return Math.min(Math.max(offset, range?.low ?? 0), range?.high ?? offset);
    };
    return new Map(assignments.map((assignment) => [nameOf(assignment), start(assignment)]));
  }

  /** Gives up what another member is to have, then joins again so that it gets it. */
  private async release(lost: readonly HeldPartition[]): Promise<void> {
    await this.giveUp(lost);
    // A later join may have given some of them back before they were given up.
    const again = lost.filter((held) => this.assigned.has(nameOf(held)) && !held.forfeited);
    if (again.length > 0) {
      const taken = again.map((held) => this.take(held));
      void this.enqueue(() => this.begin(taken, 1));
    }
    if (again.length < lost.length) this.session.rejoin();
  }

  private async giveUp(partitions: readonly HeldPartition[]): Promise<void> {
    await Promise.all(partitions.map((held) => held.underWay));
    for (const held of partitions) clearTimeout(held.retry);
    await atMost(COMMIT_PATIENCE_MS, this.commit(partitions)).catch((error) => this.report(error));
    const owed = partitions.filter((held) => held.told);
    for (const held of owed) held.told = false;
    try {
      if (owed.length > 0) {
        await this.options.onRevoked?.(owed.map(({ topic, partition }) => ({ topic, partition })));
      }
    } catch (error) {
      this.report(error);
    }
    for (const held of partitions) if (this.held.get(nameOf(held)) === held) this.held.delete(nameOf(held));
  }

  /** The place in the group is lost. */
  private forfeit(): void {
    const lost = [...this.held.values()];
    this.held.clear();
    this.assigned.clear();
    this.member = '';
    for (const held of lost) {
      held.leaving = true;
      held.forfeited = true;
    }
    if (lost.length > 0) void this.enqueue(() => this.giveUp(lost));
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const held = this.held.get(nameOf({ topic, partition }));
    if (!held || !this.mayRead(held) || held.underWay) return;
    const work = this.handOver(held, payload);
    held.underWay = work.then(
      () => undefined,
      () => undefined,
    );
    try {
      await work;
    } catch (error) {
      if (!isRebalance(error)) this.report(error);
      throw error;
    } finally {
      held.underWay = undefined;
    }
  }

  /** Slice by slice; a rebalance ends it after the slice under way, whose commit is then still accepted. */
  private async handOver(held: HeldPartition, payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale } = payload;
    const size = this.options.maxBatch ?? DEFAULT_MAX_BATCH;
    let broken: unknown;
    const beating = setInterval(() => {
      heartbeat().catch((error) => {
        broken ??= error;
      });
    }, TICK_MS);
    try {
      for (let at = 0; at < batch.messages.length; at += size) {
        if (broken || !this.mayRead(held) || !isRunning() || isStale()) break;
        const messages = batch.messages.slice(at, at + size);
        const records = messages.map((message) => toRecord(held.topic, held.partition, message));
        try {
          await this.options.onBatch({ topic: held.topic, partition: held.partition, records });
        } catch (error) {
          this.tryLater(held, error);
          break;
        }
        await this.advance(held, String(messages.at(-1)?.offset), payload);
      }
    } finally {
      clearInterval(beating);
    }
    if (broken) throw broken;
  }

  private async advance(held: HeldPartition, last: string, payload: EachBatchPayload): Promise<void> {
    held.failures = 0;
    held.moveTo(Number(last) + 1);
    if (!held.leaving) payload.resolveOffset(last);
    // The group was joined again meanwhile, and the position of that time is still to be sought.
    if (payload.isStale()) this.session.seek(held, held.position as number);
    if (!held.isDirty) return;
    const offset = held.position as number;
    const { topic, partition } = held;
    await payload.commitOffsetsIfNecessary({
      topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
    });
    held.committed = offset;
  }

  /** The other partitions are read on meanwhile. */
  private tryLater(held: HeldPartition, error: unknown): void {
    held.failures++;
    held.retry = setTimeout(() => {
      held.retry = undefined;
      held.lastProgressMs = Date.now();
      this.applyGates();
    }, pauseAfterMs(held.failures));
    this.applyGates();
    this.report(error);
  }

  private mayRead(held: HeldPartition): boolean {
    return held.isReady && !this.paused && !this.stopping.signal.aborted;
  }

  private applyGates(): void {
    for (const held of this.held.values()) this.session.setFetching(held, this.mayRead(held));
  }

  private async commit(partitions: readonly HeldPartition[]): Promise<void> {
    const dirty = partitions.filter((held) => held.isDirty);
    const positions = dirty.map(({ topic, partition, position }) => ({ topic, partition, offset: position as number }));
    await this.session.commit(positions);
    dirty.forEach((held, i) => {
      held.committed = Math.max(held.committed, positions[i]?.offset as number);
    });
  }

  /** Commits what could not be committed at its time, and looks after the consumer. */
  private tick(): void {
    const idle = [...this.held.values()].filter((held) => !held.underWay && !held.leaving);
    this.recommitting ??= this.commit(idle)
      .catch((error) => isRebalance(error) || this.report(error))
      .finally(() => {
        this.recommitting = undefined;
      });
    const silentMs = Date.now() - this.session.lastSignMs;
    if (silentMs > this.settings.stallTimeoutMs + SILENCE_ALLOWANCE_MS) this.restart(silentMs);
    const quiet = idle.filter(
      (held) => this.mayRead(held) && Date.now() - held.lastProgressMs > this.settings.stallTimeoutMs,
    );
    if (quiet.length > 0) this.checkLag(quiet).catch((error) => this.report(error));
  }

  private async checkLag(quiet: readonly HeldPartition[]): Promise<void> {
    const session = this.session;
    // Judged again after the same time, not at every tick.
    const sinceMs = Math.min(...quiet.map((held) => held.lastProgressMs));
    const seen = quiet.map((held) => ({ held, position: held.position as number }));
    for (const { held } of seen) held.lastProgressMs = Date.now();
    const topics = [...new Set(quiet.map(({ topic }) => topic))];
    const ranges = (await Promise.all(topics.map((topic) => this.settings.ranges(topic)))).flat();
    const behind = seen.some(({ held, position }) => {
      const range = ranges.find((each) => nameOf(each) === nameOf(held));
      return range !== undefined && range.high > position && held.position === position && this.mayRead(held);
    });
    if (behind && session === this.session) this.restart(Date.now() - sinceMs);
  }

  private restart(silentMs: number): void {
    const seconds = Math.round(silentMs / 1_000);
    this.session.abandon(kafkaError('KAFKA_CONSUMER_STALLED', { group: this.options.group, seconds }));
  }

  private report(error: unknown): void {
    this.options.onError?.(this.settings.explain(error));
  }
}
