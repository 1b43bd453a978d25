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
import { PartitionCounter } from './partition-counter.js';
import type { SnapshotStore } from './snapshot-store.js';

export interface CorrelationOptions {
  bus: Bus;
  clock: Clock;
  rules: RuleSet;
  snapshots: SnapshotStore;
  /** Secret numbers of this installation. */
  seed: readonly [number, number, number];
  /** Room for all windows. */
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
  readonly #partitions = new Map<number, PartitionCounter>();
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CorrelationOptions) {
    this.#options = options;
    this.plans = planCorrelations(options.rules.correlations);
    this.#matcher = new Matcher(options.rules.rules);
    this.#observer = new Observer(this.plans);
  }

  async start(): Promise<void> {
    const { bus, onError } = this.#options;
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
    for (const counter of this.#partitions.values()) await counter.save();
  }

  counterStats(): Record<string, RuleStats>[] {
    return [...this.#partitions.values()].map((counter) => counter.stats());
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
    counter.fold(records);
    await this.#publish(counter);
    await counter.saveIfDue(this.#options.clock());
  }

  async #restore(assignments: Assignment[]): Promise<Position[]> {
    const positions: Position[] = [];
    for (const { topic, partition, committed } of assignments) {
      const counter = new PartitionCounter({ ...this.#options, partition, plans: this.plans, committed });
      const offset = await counter.restore();
      this.#partitions.set(partition, counter);
      positions.push({ topic, partition, offset });
    }
    return positions;
  }

  async #release(partitions: readonly { partition: number }[]): Promise<void> {
    for (const { partition } of partitions) {
      await this.#partitions.get(partition)?.save();
      this.#partitions.delete(partition);
    }
  }

  async #tick(): Promise<void> {
    for (const counter of this.#partitions.values()) {
      counter.tick(this.#options.clock());
      await this.#publish(counter);
    }
  }

  #publish(counter: PartitionCounter): Promise<void> {
    return counter.publish(async (alerts) => {
      await this.#options.bus.publish(TOPICS.alerts, alerts);
      this.stats.alertChanges += alerts.length;
    });
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
