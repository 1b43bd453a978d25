import { encodeEvent, type FleetEvent, type OutRecord } from '@fleetwall/core';
import { type LogReport, SegmentLog } from '@fleetwall/embedded';
import type { Bookmarks } from './inputs/input.js';

/** What is needed to read on after a restart, durable with the events it covers. */
export interface SpoolState {
  bookmarks: Record<string, Bookmarks>;
  assembler: string;
}

export interface SpoolOptions {
  directory: string;
  maxBytes: number;
  maxAgeMs: number;
  onReport: (report: LogReport) => void;
}

export interface SpooledBatch {
  events: string[];
  /** Offset after the last of them. */
  next: number;
}

const SEGMENT_BYTES = 16 << 20;
const MAX_BATCH_EVENTS = 1_000;
const MAX_BATCH_BYTES = 1 << 20;

/** Events on this host that the centre has not acknowledged: a segment log, bounded by bytes and age. */
export class Spool {
  readonly #log: SegmentLog;

  static async open({ directory, maxBytes, maxAgeMs, onReport }: SpoolOptions): Promise<Spool> {
    return new Spool(
      await SegmentLog.open({ directory, maxBytes, retentionMs: maxAgeMs, segmentBytes: SEGMENT_BYTES, onReport }),
    );
  }

  private constructor(log: SegmentLog) {
    this.#log = log;
  }

  get state(): SpoolState | undefined {
    const { state } = this.#log;
    return state ? (JSON.parse(state.toString('utf8')) as SpoolState) : undefined;
  }

  /** Events not acknowledged yet. */
  get waiting(): number {
    return this.#log.next - this.#log.low;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  /** First offset that was not acknowledged. */
  get low(): number {
    return this.#log.low;
  }

  /** Resolves when events and state are durable. */
  async append(events: readonly FleetEvent[], state: SpoolState | undefined): Promise<void> {
    const records = events.map(
      (event): OutRecord => ({ key: event['event.module'], value: Buffer.from(encodeEvent(event)) }),
    );
    await this.#log.append(records, state ? Buffer.from(JSON.stringify(state)) : undefined);
  }

  /** The next events from the offset on; waits for some, and answers none only when `signal` ends the wait. */
  async read(from: number, signal: AbortSignal): Promise<SpooledBatch> {
    await this.#log.wait(from, signal);
    const { records, nextOffset } = await this.#log.read(from, MAX_BATCH_EVENTS, MAX_BATCH_BYTES);
    return { events: records.map(({ value }) => value.toString('utf8')), next: nextOffset };
  }

  /** The centre has everything below the offset. */
  async acknowledge(next: number): Promise<void> {
    await this.#log.trimBefore(next);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}
