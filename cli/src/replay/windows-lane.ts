import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed } from '@fleetwall/sources';
import type { LaneCounts, ReadTotals, ReplayLane } from './replay-file.js';
import type { StreamOptions } from './replay-stream.js';
import { eventOfRecord, type PlacedRecord, type WindowsFile } from './windows-file.js';

/** Records read at a time. */
const PIECE = 512;

export type WindowsLaneOptions = Pick<StreamOptions, 'matters' | 'add'>;

/** A file of Windows' event log on its way: records are in the order of their writing, nearly that of their time. */
export class WindowsLane implements ReplayLane {
  newestMs = Number.NEGATIVE_INFINITY;
  readonly counts: LaneCounts = { lines: 0, events: 0, known: 0 };
  readonly #records: AsyncGenerator<PlacedRecord>;
  readonly #index: number;
  readonly #options: WindowsLaneOptions;
  /** A stamp beyond the file's own time does not move the clock. */
  readonly #latestMs: number;

  constructor(file: WindowsFile, index: number, options: WindowsLaneOptions) {
    this.#records = file.records();
    this.#index = index;
    this.#options = options;
    this.#latestMs = file.modifiedMs + 86_400_000;
  }

  async next(totals: ReadTotals): Promise<boolean> {
    for (let i = 0; i < PIECE; i++) {
      const { value, done } = await this.#records.next();
      if (done) return false;
      totals.lines++;
      this.counts.lines++;
      this.#read(value, totals);
    }
    return true;
  }

  readKept(): FleetEvent {
    throw new Error('no record is kept unread');
  }

  #read({ number, record }: PlacedRecord, totals: ReadTotals): void {
    const event = eventOfRecord(record);
    if (isUnparsed(event)) {
      if (event.unparsed !== 'unknown-program') this.counts.known++;
      totals.unparsed.add(event);
      return;
    }
    this.counts.known++;
    this.counts.events++;
    totals.events++;
    const timeMs = event['@timestamp'];
    if (timeMs < totals.firstMs) totals.firstMs = timeMs;
    if (timeMs <= this.#latestMs) {
      if (timeMs > this.newestMs) this.newestMs = timeMs;
      if (timeMs > totals.lastMs) totals.lastMs = timeMs;
    }
    if (!this.#options.matters(event)) return;
    this.#options.add({ timeMs, event, kept: undefined, file: this.#index, offset: number });
  }
}
