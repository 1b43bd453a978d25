import type { FleetEvent } from '@fleetwall/core';
import type { UnparsedCounts } from '@fleetwall/sources';
import type { KeptLine } from './kept-lines.js';

/** A file that a replay reads, whatever it holds. */
export interface ReplayFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly kind: string;
  /** Bytes of the file itself (compressed ones of a gzip file) read so far. */
  readBytes: number;
  /** What stands at each of the places that events were given with, by place. */
  linesAt(places: readonly number[]): Promise<Map<number, string>>;
}

/** What was read so far, of all files together. */
export interface ReadTotals {
  lines: number;
  events: number;
  firstMs: number;
  lastMs: number;
  unparsed: UnparsedCounts;
}

/** What was read of one file. */
export interface LaneCounts {
  /** Lines, or records. */
  lines: number;
  events: number;
  /** Those of them whose writer is known, whether they told anything or not. */
  known: number;
}

/** One file on its way through its parser. */
export interface ReplayLane {
  /** Time of the newest event so far. */
  readonly newestMs: number;
  readonly counts: LaneCounts;
  /** Reads the next piece; false at the end. */
  next(totals: ReadTotals): Promise<boolean>;
  /** The event of a line that was kept. */
  readKept(line: KeptLine, timeMs: number): FleetEvent;
}
