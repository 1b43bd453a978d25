import {
  type Batch,
  type Bus,
  type Clock,
  decodeEvent,
  EVENT_TOPICS,
  type OutRecord,
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
import { HeldPartitions } from './held-partitions.js';
import type { PartitionStats } from './partition-counter.js';
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
}

const TICK_MS = 1_000;

/**
 * Events to alerts, in two steps that meet at a topic, so that one instance owns each window:
 * consume -> match -> publish observations -> commit; consume -> count -> publish alerts -> commit.
 */
export class CorrelationPipeline {
  readonly stats: CorrelationStats = { events: 0, undecodable: 0, observations: 0, alertChanges: 0, lagMs: 0 };
  readonly plans: readonly CountingPlan[];
  readonly #options: CorrelationOptions;
  readonly #matcher: Matcher;
  readonly #observer: Observer;
  #held: HeldPartitions | undefined;
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CorrelationOptions) {
    this.#options = options;
    this.plans = planCorrelations(options.rules.correlations);
    this.#matcher = new Matcher(options.rules.rules);
    this.#observer = new Observer(this.plans);
  }

  async start(): Promise<void> {
    const { bus, clock, onError } = this.#options;
    const held = await this.#newHeld();
    this.#held = held;
    const counting = await bus.consume({
      group: 'fleetwall-count',
      topics: [TOPICS.observations],
      maxBatch: 2_000,
      onAssigned: (assignments) => held.restore(assignments),
      onRevoked: (partitions) => held.release(partitions),
      onBatch: (batch) => held.count(batch),
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
    this.#timer = setInterval(() => void held.tick(clock()).catch(onError), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) await subscription.stop();
  }

  /** By partition that this instance holds. */
  counterStats(): Record<string, RuleStats>[] {
    return this.#held?.ruleStats() ?? [];
  }

  partitionStats(): (PartitionStats & { partition: number })[] {
    return this.#held?.partitionStats() ?? [];
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

  async #newHeld(): Promise<HeldPartitions> {
    const { bus, maxWindowBytes, seed, snapshots, snapshotEveryMs, onNotice } = this.#options;
    const partitions = (await bus.ranges(TOPICS.observations)).length;
    return new HeldPartitions({
      ...{ bus, seed, snapshots, snapshotEveryMs, onNotice, plans: this.plans },
      maxWindowBytes: Math.floor(maxWindowBytes / partitions),
      send: (alerts) => this.#publish(alerts),
    });
  }

  async #publish(alerts: OutRecord[]): Promise<void> {
    await this.#options.bus.publish(TOPICS.alerts, alerts);
    this.stats.alertChanges += alerts.length;
  }

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
