import type { AlertChange, BusRecord, OutRecord } from '@fleetwall/core';
import { Counter, type CountingPlan, type Observation, type RuleStats } from '@fleetwall/detection';
import type { SnapshotStore } from './snapshot-store.js';

export interface PartitionCounterOptions {
  partition: number;
  plans: readonly CountingPlan[];
  seed: readonly [number, number, number];
  maxWindowBytes: number;
  snapshots: SnapshotStore;
  snapshotEveryMs: number;
  /** Offset up to which alerts were published: below it the counter folds in silence. */
  committed: number;
  onNotice: (text: string) => void;
}

/**
 * The windows of one partition of observations. They are a fold over its log: a snapshot carries the offset it reaches,
 * what follows is read again, silently up to the commit.
 */
export class PartitionCounter {
  readonly #options: PartitionCounterOptions;
  #counter: Counter;
  #next = 0;
  #unsent: OutRecord[] = [];
  #publishing: Promise<void> = Promise.resolve();
  #savedMs = 0;
  /** While a snapshot is being written nothing may change what is in it. */
  #saving = false;

  constructor(options: PartitionCounterOptions) {
    this.#options = options;
    this.#counter = this.#fresh();
  }

  /** Takes the newest snapshot that is whole and not beyond the commit; answers the offset to read from. */
  async restore(): Promise<number> {
    const { snapshots, partition, committed, onNotice } = this.#options;
    for await (const snapshot of snapshots.newestFirst(partition)) {
      if (snapshot.offset > committed) {
        onNotice(
          `snapshot of partition ${partition} reaches offset ${snapshot.offset}, beyond the commit ${committed}: passed over`,
        );
        continue;
      }
      try {
        const { fresh } = this.#counter.restore(snapshot.parts);
        if (fresh.length > 0) onNotice(`rules that start counting anew: ${fresh.join(', ')}`);
        this.#next = snapshot.offset;
        return this.#next;
      } catch (error) {
        onNotice(
          `snapshot of partition ${partition} at offset ${snapshot.offset} is not usable: ${(error as Error).message}`,
        );
        this.#counter = this.#fresh();
      }
    }
    return 0;
  }

  /** Counts records that were not counted yet; a batch that comes again, because publishing failed, counts nothing twice. */
  fold(records: readonly BusRecord[]): void {
    for (const { offset, value } of records) {
      if (offset < this.#next) continue;
      this.#counter.count(JSON.parse(value.toString('utf8')) as Observation, offset);
      const changes = this.#counter.takeChanges();
      if (offset >= this.#options.committed) this.#queue(changes);
      this.#next = offset + 1;
    }
  }

  tick(nowMs: number): void {
    if (this.#saving || this.#next < this.#options.committed) return;
    this.#counter.tick(nowMs);
    this.#queue(this.#counter.takeChanges());
  }

  /** Publishes the alert changes that are not durable yet; on failure they stay first in line for the next call. */
  publish(send: (alerts: OutRecord[]) => Promise<void>): Promise<void> {
    const published = this.#publishing.then(async () => {
      const alerts = this.#unsent;
      if (alerts.length === 0) return;
      this.#unsent = [];
      try {
        await send(alerts);
      } catch (error) {
        this.#unsent = [...alerts, ...this.#unsent];
        throw error;
      }
    });
    this.#publishing = published.catch(() => undefined);
    return published;
  }

  async saveIfDue(nowMs: number): Promise<void> {
    if (nowMs - this.#savedMs < this.#options.snapshotEveryMs) return;
    this.#savedMs = nowMs;
    await this.save();
  }

  /** Windows must not change while they are written out in chunks: time stands still until then. */
  async save(): Promise<void> {
    const { snapshots, partition } = this.#options;
    this.#saving = true;
    try {
      await snapshots.save(partition, this.#next, this.#counter.snapshot());
    } finally {
      this.#saving = false;
    }
  }

  stats(): Record<string, RuleStats> {
    return this.#counter.stats();
  }

  #queue(changes: readonly AlertChange[]): void {
    for (const change of changes) this.#unsent.push({ key: change.id, value: Buffer.from(JSON.stringify(change)) });
  }

  #fresh(): Counter {
    const { plans, seed, maxWindowBytes } = this.#options;
    return new Counter({ plans, seed, maxBytes: maxWindowBytes });
  }
}
