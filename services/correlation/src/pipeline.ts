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
  encodeObservations,
  Matcher,
  type Observation,
  Observer,
  planRules,
  type RuleSet,
  type RuleStats,
} from '@fleetwall/detection';
import { type RuleMode, withoutThoseOff } from '@fleetwall/response';
import { HeldPartitions } from './held-partitions.js';
import type { PartitionStats } from './partition-counter.js';
import type { SnapshotStore } from './snapshot-store.js';

export interface CorrelationOptions {
  bus: Bus;
  clock: Clock;
  rules: RuleSet;
  /** Which rules people switched off; absent: none. Asked at first, and whenever rules or switches are said to have changed. */
  modeOf?: (rule: string) => RuleMode;
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

/** One set of rules at work. */
interface Judge {
  plans: readonly CountingPlan[];
  matcher: Matcher;
  observer: Observer;
}

/**
 * Events to alerts, in two steps that meet at a topic, so that one instance owns each window:
 * consume -> match -> publish observations -> commit; consume -> count -> publish alerts -> commit.
 */
export class CorrelationPipeline {
  readonly stats: CorrelationStats = { events: 0, undecodable: 0, observations: 0, alertChanges: 0, lagMs: 0 };
  readonly #options: CorrelationOptions;
  #rules: RuleSet;
  #judge: Judge;
  /** By partition of events: who judges a batch that was begun, also when it comes again. */
  readonly #begun = new Map<string, { offset: number; judge: Judge }>();
  #held: HeldPartitions | undefined;
  #subscriptions: Subscription[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CorrelationOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#judge = judgeOf(this.#those(options.rules));
  }

  /**
   * From now on events are judged and counted by these rules; a batch that was begun is finished by the old ones. Rules
   * that count as before keep their counts. Throws CORRELATION_UNSUPPORTED; nothing is changed then.
   */
  use(rules: RuleSet): void {
    const judge = judgeOf(this.#those(rules));
    this.#held?.use(judge.plans);
    this.#rules = rules;
    this.#judge = judge;
  }

  /** People switched rules on or off: the same rules, those that are off without alerts. */
  useSwitches(): void {
    this.use(this.#rules);
  }

  #those(rules: RuleSet): RuleSet {
    const { modeOf = () => 'on' } = this.#options;
    const [plain, correlations] = [rules.rules, rules.correlations];
    return { ...rules, rules: withoutThoseOff(plain, modeOf), correlations: withoutThoseOff(correlations, modeOf) };
  }

  async start(): Promise<void> {
    const { bus, clock, onError } = this.#options;
    this.useSwitches();
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
    const observations: Observation[] = [];
    const { matcher, observer } = this.#judgeOf(`${topic}/${partition}`, records[0]?.offset as number);
    for (const { value, offset } of records) {
      try {
        const event = decodeEvent(value.toString('utf8'));
        const tenant = String(event['organization.id'] ?? 'default');
        observations.push(...observer.observe(event, matcher.match(event), tenant));
        this.stats.lagMs = this.#options.clock() - event['@timestamp'];
      } catch (error) {
        // It would fail in the same way for ever: it keeps nobody else waiting, and the indexer makes it a dead letter.
        this.stats.undecodable++;
        this.#options.onNotice(`${topic}/${partition}/${offset} is no event: ${(error as Error).message}`);
      }
    }
    if (observations.length > 0) await this.#options.bus.publish(TOPICS.observations, encodeObservations(observations));
    this.#begun.delete(`${topic}/${partition}`);
    this.stats.events += records.length;
    this.stats.observations += observations.length;
  }

  /** A batch whose observations may have gone out in part is judged by the same rules when it comes again. */
  #judgeOf(place: string, offset: number): Judge {
    const begun = this.#begun.get(place);
    if (begun?.offset === offset) return begun.judge;
    this.#begun.set(place, { offset, judge: this.#judge });
    return this.#judge;
  }

  async #newHeld(): Promise<HeldPartitions> {
    const { bus, maxWindowBytes, seed, snapshots, snapshotEveryMs, onNotice } = this.#options;
    const partitions = (await bus.ranges(TOPICS.observations)).length;
    return new HeldPartitions({
      ...{ bus, seed, snapshots, snapshotEveryMs, onNotice, plans: this.#judge.plans },
      maxWindowBytes: Math.floor(maxWindowBytes / partitions),
      send: (alerts) => this.#publish(alerts),
    });
  }

  async #publish(alerts: OutRecord[]): Promise<void> {
    await this.#options.bus.publish(TOPICS.alerts, alerts);
    this.stats.alertChanges += alerts.length;
  }
}

function judgeOf(set: RuleSet): Judge {
  const plans = planRules(set);
  return { plans, matcher: new Matcher(set.rules), observer: new Observer(plans) };
}
