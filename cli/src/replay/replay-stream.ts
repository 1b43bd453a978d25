import type { FleetEvent } from '@fleetwall/core';
import {
  cutShort,
  isUnparsed,
  LineSkimmer,
  type Outline,
  type Source,
  type TrustedProxies,
  type Unparsed,
} from '@fleetwall/sources';
import type { OrderedEvent } from './event-order.js';
import { type KeptLine, KeptLines, textOf } from './kept-lines.js';
import type { LineChunk, LogFile } from './log-file.js';
import type { LaneCounts, ReadTotals, ReplayLane } from './replay-file.js';

/** What a replay does with a line by its outline: count it, keep it in case it is asked for, or read it. */
export type Use = 'count' | 'keep' | 'read';

export interface StreamOptions {
  zone: string;
  fromYear?: number;
  /** Log sources of the operator's own. */
  custom: readonly Source[];
  /** Proxies whose `X-Forwarded-For` is believed. */
  trustedProxies?: TrustedProxies;
  useOf: (outline: Outline) => Use;
  /** Whether an event has to take its place in the order. */
  matters: (event: FleetEvent) => boolean;
  add: (item: OrderedEvent) => void;
}

/** A file of lines on its way through the parser. */
export class ReplayStream implements ReplayLane {
  newestMs = Number.NEGATIVE_INFINITY;
  readonly counts: LaneCounts = { lines: 0, events: 0, known: 0 };
  readonly #chunks: AsyncGenerator<LineChunk>;
  readonly #skimmer: LineSkimmer;
  readonly #index: number;
  readonly #options: StreamOptions;
  readonly #latestMs: number;
  readonly #uses = new Map<Outline, Use>();
  readonly #kept = new KeptLines();

  constructor(file: LogFile, index: number, options: StreamOptions) {
    const { zone, fromYear, custom, trustedProxies } = options;
    this.#chunks = file.chunks();
    this.#index = index;
    this.#options = options;
    this.#latestMs = fromYear === undefined ? file.modifiedMs + 86_400_000 : Number.POSITIVE_INFINITY;
    const year = fromYear === undefined ? { nowMs: () => file.modifiedMs } : { from: fromYear };
    this.#skimmer = new LineSkimmer({ zone, year, custom, trustedProxies, defaultHost: 'localhost' });
  }

  /** Reads the next chunk; false at the end. */
  async next(totals: ReadTotals): Promise<boolean> {
    const { value: chunk, done } = await this.#chunks.next();
    if (done) return false;
    while (chunk.next()) {
      totals.lines++;
      this.counts.lines++;
      this.#readLine(chunk, totals);
    }
    if (this.newestMs > totals.lastMs) totals.lastMs = this.newestMs;
    return true;
  }

  #readLine(chunk: LineChunk, totals: ReadTotals): void {
    const skimmer = this.#skimmer;
    const skimmed = skimmer.skim(chunk.bytes, chunk.start, chunk.end);
    if (skimmed !== undefined && 'unparsed' in skimmed) {
      this.#noteUnparsed(skimmed, totals);
      return;
    }
    const use = skimmed === undefined ? 'read' : this.#useOf(skimmed);
    if (use === 'read') {
      const read = skimmer.read(chunk.bytes, chunk.line());
      if (isUnparsed(read)) {
        this.#noteUnparsed(read, totals);
        return;
      }
      const event = chunk.isCut ? cutShort(read) : read;
      event['@timestamp'] = this.#note(event['@timestamp'], totals);
      if (this.#options.matters(event)) this.#add(event['@timestamp'], event, undefined, chunk.offset);
      return;
    }
    const timeMs = this.#note(skimmer.timeMs, totals);
    if (use === 'keep' && !chunk.isCut) {
      const kept = this.#kept.keep(chunk.bytes, chunk.start, chunk.end);
      this.#add(timeMs, undefined, kept, chunk.offset);
    }
  }

  /** The event of a line that was kept. */
  readKept(line: KeptLine, timeMs: number): FleetEvent {
    return this.#skimmer.readLater(textOf(line), timeMs) as FleetEvent;
  }

  #noteUnparsed(result: Unparsed, totals: ReadTotals): void {
    if (result.unparsed === 'not-relevant' || result.unparsed === 'unknown-message') this.counts.known++;
    totals.unparsed.add(result);
  }

  /** A stamp beyond the file's own time does not move the clock. */
  #note(timeMs: number, totals: ReadTotals): number {
    totals.events++;
    this.counts.events++;
    this.counts.known++;
    if (timeMs < totals.firstMs) totals.firstMs = timeMs;
    if (timeMs > this.#latestMs) return this.newestMs > 0 ? this.newestMs : this.#latestMs;
    if (timeMs > this.newestMs) this.newestMs = timeMs;
    return timeMs;
  }

  #add(timeMs: number, event: FleetEvent | undefined, kept: KeptLine | undefined, offset: number): void {
    this.#options.add({ timeMs, event, kept, file: this.#index, offset });
  }

  #useOf(outline: Outline): Use {
    let use = this.#uses.get(outline);
    if (use === undefined) {
      use = this.#options.useOf(outline);
      this.#uses.set(outline, use);
    }
    return use;
  }
}
