import type { BusRecord, ConsumeOptions, TopicPartition } from '@fleetwall/core';
import type { SegmentLog } from '../segment-log/index.js';
import type { Commits } from './commits.js';
import { retryUntilAborted } from './retry.js';

const DEFAULT_MAX_BATCH = 500;
const MAX_BATCH_BYTES = 4 << 20;

/** One partition in the hands of one member, from onAssigned to onRevoked. */
export class PartitionConsumer implements TopicPartition {
  private readonly ending = new AbortController();
  private readonly gate: Gate;
  /** Whether onAssigned succeeded, so that onRevoked is owed. */
  isAssigned = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly log: SegmentLog,
    private readonly commits: Commits,
    private readonly options: ConsumeOptions,
    gate: Gate,
  ) {
    this.gate = gate;
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Next offset that the group has not finished. */
  get committed(): number {
    return this.commits.get(this.options.group, this);
  }

  start(offset: number): void {
    this.running = this.run(offset);
  }

  /** Resolves when the batch under way is finished, or its pause before the next try cut short. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run(offset: number): Promise<void> {
    const { log, signal } = this;
    const { onError = () => {} } = this.options;
    let at = offset;
    const step = async () => {
      await this.gate.passage(signal);
      if (signal.aborted) return;
      at = await this.batch(at);
    };
    while (!signal.aborted) {
      if (at >= log.next) await log.wait(at, signal);
      else await retryUntilAborted(signal, step, onError);
    }
  }

  /** Hands over one batch and commits it; answers where the next begins. */
  private async batch(at: number): Promise<number> {
    const { topic, partition } = this;
    const { group, maxBatch = DEFAULT_MAX_BATCH, onBatch } = this.options;
    const { records, nextOffset } = await this.log.read(at, maxBatch, MAX_BATCH_BYTES);
    if (records.length > 0) {
      const batch = records.map(({ offset, timestampMs, key, value, headers }): BusRecord => {
        const record: BusRecord = { topic, partition, offset, timestampMs, key, value };
        if (headers) record.headers = headers;
        return record;
      });
      await onBatch({ topic, partition, records: batch });
    }
    this.commits.set(group, this, nextOffset);
    return nextOffset;
  }
}

/** Holds back new batches while a subscription is paused. */
export class Gate {
  private opened: Promise<void> | undefined;
  private open = () => {};

  pause(): void {
    this.opened ??= new Promise((resolve) => {
      this.open = resolve;
    });
  }

  resume(): void {
    this.open();
    this.opened = undefined;
  }

  /** Resolves when the gate is open, or the signal aborts. */
  async passage(signal: AbortSignal): Promise<void> {
    while (this.opened && !signal.aborted) {
      const { opened } = this;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        opened.then(resolve);
      });
    }
  }
}
