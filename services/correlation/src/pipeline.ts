import {
  type Assignment,
  type Batch,
  type Bus,
  type Clock,
  decodeEvent,
  EVENT_TOPICS,
  type OutRecord,
  type Position,
  type Subscription,
  TOPICS,
} from '@fleetwall/core';
import {
  type CountingPlan,
  Matcher,
  type Observation,
  Observer,
  planCorrelations,
  type RuleSet,
  type RuleStats,
  recordKeyOf,
} from '@fleetwall/detection';
import { PartitionCounter, type PartitionStats } from './partition-counter.js';
import type { SnapshotStore } from './snapshot-store.js';

export interface CorrelationOptions {
  bus: Bus;
  clock: Clock;
  rules: RuleSet;
  snapshots: SnapshotStore;
  /** Secret numbers of this installation. */
  seed: readonly [number, number, number];
  /**
   * Room for the windows of all partitions, which one instance holds when it is the last one left: each partition has
   * an equal share of it.
   */
  maxWindowBytes: number;
  snapshotEveryMs: number;
  onError: (error: unknown) => void;
  onNotice: (text: string) => void;
}

export interface CorrelationStats {
  events: number;
  undecodable: number;
  observations: number;
  alertChanges: number;
  /** Milliseconds between an event's own time and now, of the last batch. */
  lagMs: number;
  /** Partitions of observations that this instance counts. */
  partitions: number;
}

const TICK_MS = 1_000;

/**
 * Events to alerts, in two steps that meet at a topic, so that one instance owns each window:
 * consume -> match -> publish observations -> commit; consume -> count -> publish alerts -> commit.
 */
export class CorrelationPipeline {
  readonly stats: CorrelationStats = {
    events: 0,
    undecodable: 0,
    observations: 0,
    alertChanges: 0,
    lagMs: 0,
    partitions: 0,
  };
  readonly plans: readonly CountingPlan[];
  readonly #options: CorrelationOptions;
  readonly #matcher: Matcher;
  readonly #observer: Observer;
  readonly #partitions = new Map<number, PartitionCounter>();
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ticking = false;
  /** Of the observations' topic, fixed at its creation. */
  #partitionCount = 1;

  constructor(options: CorrelationOptions) {
    this.#options = options;
    this.plans = planCorrelations(options.rules.correlations);
    this.#matcher = new Matcher(options.rules.rules);
    this.#observer = new Observer(this.plans);
  }

  async start(): Promise<void> {
    const { bus, onError } = this.#options;
    this.#partitionCount = (await bus.ranges(TOPICS.observations)).length;
    const counting = await bus.consume({
      group: 'fleetwall-count',
      topics: [TOPICS.observations],
      maxBatch: 2_000,
      onAssigned: (assignments) => this.#restore(assignments),
      onRevoked: (partitions) => this.#release(partitions),
      onBatch: (batch) => this.#count(batch),
      onError,
    });
    const matching = await bus.consume({
      group: 'fleetwall-match',
      topics: [...EVENT_TOPICS],
      maxBatch: 2_000,
      onBatch: (batch) => this.#match(batch),
      onError,
    });
    this.#subscriptions = [matching, counting];
    this.#timer = setInterval(() => void this.#tick().catch(onError), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) await subscription.stop();
  }

  /** By partition that this instance holds. */
  counterStats(): Record<string, RuleStats>[] {
    return [...this.#partitions.values()].map((counter) => counter.ruleStats());
  }

  partitionStats(): (PartitionStats & { partition: number })[] {
    return [...this.#partitions].map(([partition, { stats }]) => ({ partition, ...stats }));
  }

  async #match({ topic, partition, records }: Batch): Promise<void> {
    const observations: OutRecord[] = [];
    for (const { value, offset } of records) {
      const event = this.#decode(value, `${topic}/${partition}/${offset}`);
      if (!event) continue;
      const matched = this.#matcher.match(event);
      const tenant = String(event['organization.id'] ?? 'default');
      for (const observation of this.#observer.observe(event, matched, tenant))
        observations.push(recordOf(observation));
      this.stats.lagMs = this.#options.clock() - event['@timestamp'];
    }
    if (observations.length > 0) await this.#options.bus.publish(TOPICS.observations, observations);
    this.stats.events += records.length;
    this.stats.observations += observations.length;
  }

  async #count({ partition, records }: Batch): Promise<void> {
    const counter = this.#partitions.get(partition);
    if (!counter) throw new Error(`partition ${partition} of ${TOPICS.observations} is not assigned`);
    await counter.count(records, this.#send);
  }

  async #restore(assignments: Assignment[]): Promise<Position[]> {
    const maxWindowBytes = Math.floor(this.#options.maxWindowBytes / this.#partitionCount);
    return Promise.all(
      assignments.map(async ({ topic, partition, committed }) => {
        const options = { ...this.#options, maxWindowBytes, partition, plans: this.plans, committed };
        const counter = new PartitionCounter(options);
        const offset = await counter.restore();
        this.#hold(partition, counter);
        return { topic, partition, offset };
      }),
    );
  }

  /** Saved and let go of, also when the broker gave them to somebody else already: what was counted is as good there. */
  async #release(partitions: readonly { partition: number }[]): Promise<void> {
    await Promise.all(
      partitions.map(async ({ partition }) => {
        const counter = this.#partitions.get(partition);
        this.#hold(partition, undefined);
        await counter?.save();
        await this.#options.snapshots.release(partition);
      }),
    );
  }

  #hold(partition: number, counter: PartitionCounter | undefined): void {
    if (counter) this.#partitions.set(partition, counter);
    else this.#partitions.delete(partition);
    this.stats.partitions = this.#partitions.size;
  }

  async #tick(): Promise<void> {
    if (this.#ticking || this.#partitions.size === 0) return;
    this.#ticking = true;
    try {
      const { bus, clock } = this.#options;
      for (const { partition, high } of await bus.ranges(TOPICS.observations)) {
        await this.#partitions.get(partition)?.tick(clock(), high, this.#send);
      }
    } finally {
      this.#ticking = false;
    }
  }

  readonly #send = async (alerts: OutRecord[]): Promise<void> => {
    await this.#options.bus.publish(TOPICS.alerts, alerts);
    this.stats.alertChanges += alerts.length;
  };

  #decode(value: Buffer, place: string) {
    try {
      return decodeEvent(value.toString('utf8'));
    } catch (error) {
      this.stats.undecodable++;
      this.#options.onNotice(`event at ${place} is not JSON: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function recordOf(observation: Observation): OutRecord {
  return { key: recordKeyOf(observation), value: Buffer.from(JSON.stringify(observation)) };
}
