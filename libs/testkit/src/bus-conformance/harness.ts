import type { Batch, Bus, BusRecord, ConsumeOptions, OutRecord, Subscription, TopicSpec } from '@fleetwall/core';
import { it } from '@jest/globals';

/** A bus with fresh or shared storage; topic names of the suite are unique, so it may be a broker that lives on. */
export interface BusUnderTest {
  bus: Bus;
  /** Closes the bus and opens another over the same storage; needed unless the suite is told `volatile`. */
  reopen?: () => Promise<Bus>;
  /** Closes what is open and removes what was created. */
  destroy: () => Promise<void>;
}

export interface BusConformanceOptions {
  /** How long a test waits for what must happen; 30,000 when absent. */
  deadlineMs?: number;
  /** Nothing outlives a close: tests that reopen are skipped by name. */
  volatile?: boolean;
}

/** What one subscription was told, in order. */
export interface Recorder {
  subscription: Subscription;
  batches: Batch[];
  records: BusRecord[];
  errors: unknown[];
  /** Partitions held now: between onAssigned and onRevoked. */
  held: Set<string>;
}

let count = 0;

/** What the tests share: unique names, waiting with a deadline, and subscriptions that end with the test. */
export class Harness {
  private current: BusUnderTest | undefined;
  private opened: Bus | undefined;
  private readonly ends: (() => Promise<void>)[] = [];
  readonly deadlineMs: number;
  private readonly isVolatile: boolean;

  constructor(
    private readonly create: () => Promise<BusUnderTest>,
    options: BusConformanceOptions,
  ) {
    this.deadlineMs = options.deadlineMs ?? 30_000;
    this.isVolatile = options.volatile ?? false;
  }

  async open(): Promise<void> {
    this.current = await this.create();
    this.opened = this.current.bus;
  }

  get bus(): Bus {
    return this.opened as Bus;
  }

  /** A test that closes and opens again. */
  itReopens(name: string, test: () => Promise<void>): void {
    if (this.isVolatile) it.skip(`${name} (nothing of this bus outlives a close)`, test);
    else it(name, test, this.deadlineMs * 2);
  }

  async reopen(): Promise<void> {
    if (!this.current?.reopen)
      throw new Error('this bus cannot be reopened: give `reopen`, or say that it is volatile');
    this.opened = await this.current.reopen();
  }

  /** A bus of its own, for tests that close it. */
  createAnother(): Promise<BusUnderTest> {
    return this.create();
  }

  async destroy(): Promise<void> {
    await this.current?.destroy();
  }

  /** Stops what the test began. */
  async endTest(): Promise<void> {
    await Promise.all(this.ends.splice(0).map((end) => end()));
  }

  atEnd(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  uniqueName(word: string): string {
    return `conformance.${word}.${process.pid}-${Date.now().toString(36)}-${++count}`;
  }

  async topic(spec: Partial<TopicSpec> = {}): Promise<string> {
    const name = this.uniqueName('topic');
    await this.bus.declare([{ partitions: 1, ...spec, name }]);
    return name;
  }

  /** Consumes and writes down all it is told; callbacks given take the place of the recorder's own. */
  async consume(
    options: Omit<ConsumeOptions, 'onBatch'> & { onBatch?: (batch: Batch) => Promise<void> },
  ): Promise<Recorder> {
    const recorder = { batches: [], records: [], errors: [], held: new Set() } as unknown as Recorder;
    recorder.subscription = await this.bus.consume({
      ...options,
      onAssigned: async (assignments) => {
        const positions = await options.onAssigned?.(assignments);
        for (const { topic, partition } of assignments) recorder.held.add(`${topic}/${partition}`);
        return positions;
      },
      onRevoked: async (partitions) => {
        await options.onRevoked?.(partitions);
        for (const { topic, partition } of partitions) recorder.held.delete(`${topic}/${partition}`);
      },
      onBatch: async (batch) => {
        await options.onBatch?.(batch);
        recorder.batches.push(batch);
        recorder.records.push(...batch.records);
      },
      onError: (error) => {
        recorder.errors.push(error);
        options.onError?.(error);
      },
    });
    this.atEnd(() => recorder.subscription.stop());
    return recorder;
  }

  /** Reads the topic as it is now. */
  async readAll(topic: string, from?: Map<number, number>): Promise<BusRecord[]> {
    const records: BusRecord[] = [];
    const follower = await this.bus.follow({
      topic,
      onRecord: (record) => {
        records.push(record);
      },
      ...(from && { from }),
    });
    await this.within(follower.caughtUp, 'the follower to catch up');
    await follower.stop();
    return records;
  }

  /** Polls until it holds; fails by name at the deadline. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const endMs = Date.now() + this.deadlineMs;
    while (!holds()) {
      if (Date.now() > endMs) throw new Error(`waited ${this.deadlineMs} ms in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`waited ${this.deadlineMs} ms in vain for ${what}`)), this.deadlineMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** `count` records, key `<prefix><i % keys>`, value the number. */
export function numbered(count: number, keys = 1, prefix = 'key-'): OutRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: `${prefix}${i % keys}`, value: Buffer.from(String(i)) }));
}

export function numbersOf(records: readonly BusRecord[]): number[] {
  return records.map((record) => Number(record.value.toString()));
}

/** Values by key, in the order of reading. */
export function byKey(records: readonly BusRecord[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { key, value } of records) values.set(key, [...(values.get(key) ?? []), value.toString()]);
  return values;
}
