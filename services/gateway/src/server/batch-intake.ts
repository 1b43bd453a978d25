import { setTimeout as delay } from 'node:timers/promises';
import { type BatchFrame, decodeBatchFrame, type EventBatch } from '@fleetwall/protocol';
import { BatchWindow } from './batch-window.js';
import { inflateBatch } from './inflate.js';
import type { GatewayLimits } from './limits.js';
import type { ReadingGate } from './reading-gate.js';
import type { ServerStats } from './server-stats.js';

export interface BatchIntakeOptions {
  limits: GatewayLimits;
  stats: ServerStats;
  gate: ReadingGate;
  /** The connection is gone. */
  signal: AbortSignal;
  /** Resolves when the events are durable. */
  publish: (batch: EventBatch) => Promise<void>;
  /** Everything up to the sequence is durable. */
  acknowledge: (sequence: number) => void;
  /** Reading is to stop, and go on. */
  pause: () => void;
  resume: () => void;
  /** The connection cannot go on. */
  fail: (error: unknown) => void;
  onError: (error: unknown) => void;
}

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** The batches of one connection: inflate -> wait for the turn -> publish -> acknowledge. */
export class BatchIntake {
  readonly #options: BatchIntakeOptions;
  readonly #window: BatchWindow;
  /** Batches are published in the order in which they came, though they inflate side by side. */
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: BatchIntakeOptions) {
    const { windowBatches, windowBytes } = options.limits;
    this.#options = options;
    this.#window = new BatchWindow({ batches: windowBatches, bytes: windowBytes });
  }

  /** Batches that are not acknowledged. */
  get underWay(): number {
    return this.#window.underWay;
  }

  /** @throws what a batch that may not be there closes the connection with */
  take(frame: Buffer): void {
    const { gate, stats, pause, resume } = this.#options;
    const batch = decodeBatchFrame(frame);
    this.#window.begin(batch);
    const bytes = frame.length + batch.rawBytes;
    if (!gate.add(bytes, resume)) {
      stats.pausedForMemory++;
      pause();
    }
    void this.#carry(batch).finally(() => gate.remove(bytes));
  }

  /** What is being published becomes durable, but is not acknowledged any more. */
  stop(): void {
    this.#stopped = true;
    this.#options.gate.forget(this.#options.resume);
  }

  async #carry(batch: BatchFrame): Promise<void> {
    const { acknowledge, fail } = this.#options;
    const { sequence } = batch;
    const inflated = inflateBatch(batch);
    // Looked at when its turn comes; before that, its failure is nobody's surprise.
    inflated.catch(() => undefined);
    let published: Promise<void> = Promise.resolve();
    this.#turn = this.#turn.then(async () => {
      const events = await inflated;
      if (!this.#stopped) published = this.#publish({ sequence, events });
    });
    // What comes after a batch that cannot be read is not published: the collector sends it again.
    this.#turn.catch(() => undefined);
    try {
      await this.#turn;
      await published;
      const durable = this.#stopped ? undefined : this.#window.end(sequence);
      if (durable !== undefined) acknowledge(durable);
    } catch (error) {
      fail(error);
    }
  }

  /** Goes on trying as long as the collector is there: while the bus is away, its window fills and it waits. */
  async #publish(batch: EventBatch): Promise<void> {
    const { publish, stats, onError, signal } = this.#options;
    for (let pauseMs = MIN_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      try {
        await publish(batch);
        return;
      } catch (error) {
        stats.failedPublishes++;
        onError(error);
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
