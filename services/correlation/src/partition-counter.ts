import { type AlertChange, type Bus, type BusRecord, type OutRecord, TOPICS } from '@fleetwall/core';
import { Counter, type CountingPlan, type Observation, ObservationDecoder, type RuleStats } from '@fleetwall/detection';
import { AlertVersions } from './alert-versions.js';
import { alertsOfGoneRules } from './gone-rules.js';
import type { SnapshotOffer, SnapshotStore } from './snapshot-store.js';
import { UnsentAlerts } from './unsent-alerts.js';

export interface PartitionCounterOptions {
  bus: Bus;
  partition: number;
  plans: readonly CountingPlan[];
  seed: readonly [number, number, number];
  /** Room for the windows of this partition. */
  maxWindowBytes: number;
  snapshots: SnapshotStore;
  snapshotEveryMs: number;
  /** Offset up to which alerts were published: below it the counter folds in silence. */
  committed: number;
  onNotice: (text: string) => void;
}

export interface PartitionStats {
  /** From the assignment until everything committed was counted again. */
  restoreMs: number;
  /** Records of observations that were read again for it. */
  restoredObservations: number;
  /** Offset in the observations up to which they are counted. */
  counted: number;
  /** Observations, or records of them, that are none. */
  undecodable: number;
  /** Of the last snapshot; 0 when there is none yet. */
  snapshotBytes: number;
  /** Milliseconds since 1970 UTC; 0 when there is none yet. */
  snapshotAtMs: number;
}

/** Key of the record by which an instance says that it counts this partition from here on. */
const CLAIM_KEY = 'claim';
/** By the observations' own clock, so that episodes end at the same place of the log however often it is read. */
const TICK_MS = 1_000;

/**
 * The windows of one partition of observations. They are a fold over its log: a snapshot carries the offset it reaches,
 * what follows is read again, silently up to the commit.
 */
export class PartitionCounter {
  readonly stats: PartitionStats = {
    restoreMs: 0,
    restoredObservations: 0,
    counted: 0,
    undecodable: 0,
    snapshotBytes: 0,
    snapshotAtMs: 0,
  };
  readonly #options: PartitionCounterOptions;
  readonly #versions = new AlertVersions();
  readonly #decoder = new ObservationDecoder();
  readonly #beganMs = performance.now();
  #plans: readonly CountingPlan[];
  #counter: Counter;
  #next = 0;
  #claimedAt = Number.POSITIVE_INFINITY;
  #tickedMs = 0;
  /** Open alerts of rules that are no more: nobody else would ever say that they are over. */
  #parting: AlertChange[] = [];
  readonly #unsent = new UnsentAlerts();
  #publishing: Promise<void> = Promise.resolve();
  /** Offset and time (monotonic) of the last snapshot. */
  #saved = { offset: 0, atMs: performance.now() };
  /** While a snapshot is being written nothing may change what is in it. */
  #saving: Promise<void> | undefined;
  #folding = false;
  /** While records are read again whose alerts were published before. */
  #isSilent = false;

  constructor(options: PartitionCounterOptions) {
    this.#options = options;
    this.#plans = options.plans;
    this.#counter = this.#fresh();
  }

  /**
   * Takes the newest snapshot that is whole and not beyond the commit, and says in the log that this instance counts
   * from now on. Answers the offset to read from.
   */
  async restore(): Promise<number> {
    const { bus, snapshots, partition, committed, onNotice } = this.#options;
    for await (const offer of snapshots.newestFirst(partition)) {
      if (offer.offset > committed) {
        onNotice(
          `snapshot of partition ${partition} reaches offset ${offer.offset}, beyond the commit ${committed}: passed over`,
        );
      } else if (await this.#restoreFrom(offer)) break;
    }
    if (this.#next >= committed) this.#restored();
    const claim = { key: CLAIM_KEY, value: Buffer.from(JSON.stringify({ pid: process.pid })), partition };
    const [position] = await bus.publish(TOPICS.observations, [claim]);
    this.#claimedAt = position?.offset as number;
    return this.#next;
  }

  /**
   * Counts records that were not counted yet, and publishes what they lead to. A batch that comes again, because
   * publishing failed, counts nothing twice.
   */
  async count(records: readonly BusRecord[], send: (alerts: OutRecord[]) => Promise<void>): Promise<void> {
    // What came before this batch is committed by now, so a snapshot is not beyond the commit.
    await this.#saveIfDue();
    await this.#saving;
    this.#folding = true;
    try {
      for (const record of records) if (record.offset >= this.#next) this.#fold(record);
      await this.#publish(send);
    } finally {
      this.#folding = false;
    }
  }

  /**
   * Lets time pass, but only for who has read the log to its end: an instance that lost the partition without knowing
   * finds the claim of its successor unread, and one that lags behind does not call over what goes on.
   *
   * @param high the end of the log
   */
  async tick(nowMs: number, high: number, send: (alerts: OutRecord[]) => Promise<void>): Promise<void> {
    if (this.#saving || this.#folding || this.#next <= this.#claimedAt || this.#next < high) return;
    for (const change of this.#parting.splice(0)) this.#queue(change);
    this.#isSilent = false;
    this.#counter.tick(nowMs);
    await this.#publish(send);
    await this.#saveIfDue();
  }

  /**
   * Counts by these plans from the next record on. Rules that count as before keep what they counted and told; the others
   * start anew, and their open alerts will be told as over. A snapshot that is being written goes on with the old ones.
   */
  use(plans: readonly CountingPlan[]): void {
    if (JSON.stringify(plans) === JSON.stringify(this.#plans)) return;
    const parts = [...this.#counter.snapshot()];
    const successor = this.#fresh(plans);
    const { restored } = successor.restore(parts);
    this.#plans = plans;
    this.#counter = successor;
    this.#parting.push(...alertsOfGoneRules(parts, restored));
  }

  save(): Promise<void> {
    this.#saving ??= this.#write().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  ruleStats(): Record<string, RuleStats> {
    return this.#counter.stats();
  }

  async #restoreFrom(offer: SnapshotOffer): Promise<boolean> {
    const { partition, onNotice } = this.#options;
    try {
      const parts = await offer.load();
      if (!parts) return false;
      const { restored, fresh } = this.#counter.restore(parts);
      if (fresh.length > 0) onNotice(`rules that start counting anew: ${fresh.join(', ')}`);
      this.#parting = alertsOfGoneRules(parts, restored);
      this.#next = offer.offset;
      this.#saved.offset = offer.offset;
      return true;
    } catch (error) {
      onNotice(
        `snapshot of partition ${partition} at offset ${offer.offset} is not usable: ${(error as Error).message}`,
      );
      this.#counter = this.#fresh();
      return false;
    }
  }

  #fold({ key, value, offset, partition }: BusRecord): void {
    const { committed } = this.#options;
    this.#versions.moveTo(offset);
    this.#isSilent = offset < committed;
    if (key !== CLAIM_KEY) this.#countAll(value, `${partition}/${offset}`, offset);
    if (this.#isSilent) this.stats.restoredObservations++;
    this.#next = offset + 1;
    this.stats.counted = this.#next;
    if (this.#next === committed) this.#restored();
  }

  /** What cannot be counted would fail in the same way for ever, and keep all others waiting. */
  #countAll(value: Buffer, place: string, offset: number): void {
    const attempt = (act: () => void) => {
      try {
        act();
      } catch (error) {
        this.stats.undecodable++;
        this.#options.onNotice(`observation at ${place} cannot be counted: ${(error as Error).message}`);
      }
    };
    let observations: Observation[] = [];
    attempt(() => {
      observations = this.#decoder.decode(value);
    });
    for (const observation of observations) attempt(() => this.#countOne(observation, offset));
  }

  /** A rule that was taken away and put back has the same alerts again: they are not over. */
  #onChange(change: AlertChange): void {
    if (this.#parting.length > 0) this.#parting = this.#parting.filter(({ id }) => id !== change.id);
    if (!this.#isSilent) this.#queue(change);
  }

  #countOne(observation: Observation, offset: number): void {
    if (observation.ingestedMs >= this.#tickedMs + TICK_MS) {
      this.#tickedMs = observation.ingestedMs;
      this.#counter.tick(observation.ingestedMs);
    }
    this.#counter.count(observation, offset);
  }

  #restored(): void {
    this.stats.restoreMs = Math.round(performance.now() - this.#beganMs);
  }

  /** Publishes the alert changes that are not durable yet; on failure they stay first in line for the next call. */
  #publish(send: (alerts: OutRecord[]) => Promise<void>): Promise<void> {
    const published = this.#publishing.then(async () => {
      const alerts = this.#unsent.take();
      if (alerts.length === 0) return;
      try {
        await send(alerts);
      } catch (error) {
        this.#unsent.putBack(alerts);
        throw error;
      }
    });
    this.#publishing = published.catch(() => undefined);
    return published;
  }

  async #saveIfDue(): Promise<void> {
    const { offset, atMs } = this.#saved;
    if (this.#next === offset || performance.now() - atMs < this.#options.snapshotEveryMs) return;
    await this.save();
  }

  /** Windows must not change while they are written out in chunks: counting waits until then. */
  async #write(): Promise<void> {
    const { snapshots, partition } = this.#options;
    const offset = this.#next;
    this.#saved = { offset, atMs: performance.now() };
    const bytes = await snapshots.save(partition, offset, this.#counter.snapshot());
    Object.assign(this.stats, { snapshotBytes: bytes, snapshotAtMs: Date.now() });
  }

  #queue(change: AlertChange): void {
    this.#unsent.add({ ...change, version: this.#versions.next(change.id) });
  }

  #fresh(plans = this.#plans): Counter {
    const { seed, maxWindowBytes } = this.#options;
    const onChange = (change: AlertChange) => this.#onChange(change);
    return new Counter({ plans, seed, maxBytes: maxWindowBytes, onChange });
  }
}
