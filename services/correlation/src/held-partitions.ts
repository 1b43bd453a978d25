import { type Assignment, type Batch, type OutRecord, type Position, TOPICS } from '@fleetwall/core';
import type { CountingPlan, RuleStats } from '@fleetwall/detection';
import { PartitionCounter, type PartitionCounterOptions, type PartitionStats } from './partition-counter.js';

/** Of the counters, what is the same for all partitions. */
export type HeldPartitionsOptions = Omit<PartitionCounterOptions, 'partition' | 'committed'> & {
  /** Resolves when the alerts are durable. */
  send: (alerts: OutRecord[]) => Promise<void>;
};

/** The partitions of observations that this instance counts at the moment. */
export class HeldPartitions {
  readonly #options: HeldPartitionsOptions;
  readonly #counters = new Map<number, PartitionCounter>();
  #plans: readonly CountingPlan[];
  #ticking = false;

  constructor(options: HeldPartitionsOptions) {
    this.#options = options;
    this.#plans = options.plans;
  }

  /** Rebuilds their windows; answers where to read on. */
  async restore(assignments: readonly Assignment[]): Promise<Position[]> {
    return Promise.all(
      assignments.map(async ({ topic, partition, committed }) => {
        const counter = new PartitionCounter({ ...this.#options, plans: this.#plans, partition, committed });
        const offset = await counter.restore();
        // They may have changed meanwhile.
        counter.use(this.#plans);
        this.#counters.set(partition, counter);
        return { topic, partition, offset };
      }),
    );
  }

  /** Saved and let go of, also when the broker gave them to somebody else already: what was counted is as good there. */
  async release(partitions: readonly { partition: number }[]): Promise<void> {
    await Promise.all(
      partitions.map(async ({ partition }) => {
        const counter = this.#counters.get(partition);
        this.#counters.delete(partition);
        await counter?.save();
        await this.#options.snapshots.release(partition);
      }),
    );
  }

  /** One after the other, so that only one of them takes up room twice. */
  use(plans: readonly CountingPlan[]): void {
    this.#plans = plans;
    for (const counter of this.#counters.values()) counter.use(plans);
  }

  async count({ partition, records }: Batch): Promise<void> {
    const counter = this.#counters.get(partition);
    if (!counter) throw new Error(`partition ${partition} of ${TOPICS.observations} is not assigned`);
    await counter.count(records, this.#options.send);
  }

  /** Lets time pass where the log has been read to its end. One at a time. */
  async tick(nowMs: number): Promise<void> {
    if (this.#ticking || this.#counters.size === 0) return;
    this.#ticking = true;
    try {
      for (const { partition, high } of await this.#options.bus.ranges(TOPICS.observations)) {
        await this.#counters.get(partition)?.tick(nowMs, high, this.#options.send);
      }
    } finally {
      this.#ticking = false;
    }
  }

  ruleStats(): Record<string, RuleStats>[] {
    return [...this.#counters.values()].map((counter) => counter.ruleStats());
  }

  partitionStats(): (PartitionStats & { partition: number })[] {
    return [...this.#counters].map(([partition, { stats }]) => ({ partition, ...stats }));
  }
}
