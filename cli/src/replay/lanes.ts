import { isUnparsed, LineParser, type Source } from '@fleetwall/sources';
import { LogFile } from './log-file.js';
import type { ReadTotals, ReplayFile, ReplayLane } from './replay-file.js';
import { ReplayStream, type StreamOptions } from './replay-stream.js';
import { eventOfRecord, type WindowsFile } from './windows-file.js';
import { WindowsLane } from './windows-lane.js';

/** Lines or records of a file that are looked at for its first time. */
const LOOKED_AT = 2_000;

export type LanesOptions = StreamOptions;

/** A file that waits for its time. */
interface Waiting {
  index: number;
  firstMs: number;
}

/**
 * Files side by side, read on always where time is least far. A file is opened when the others have come to its first event:
 * so a directory of years of rotated logs needs no more memory and descriptors than a few files.
 */
export class Lanes {
  readonly #files: readonly ReplayFile[];
  readonly #options: LanesOptions;
  readonly #all: (ReplayLane | undefined)[];
  #waiting: Waiting[] = [];
  #open: ReplayLane[] = [];

  constructor(files: readonly ReplayFile[], options: LanesOptions) {
    this.#files = files;
    this.#options = options;
    this.#all = files.map(() => undefined);
  }

  /** Looks when each file begins; one alone is opened as it is. Throws what reading throws. */
  async start(): Promise<void> {
    const isAlone = this.#files.length < 2;
    for (const [index, file] of this.#files.entries()) {
      this.#waiting.push({
        index,
        firstMs: isAlone ? Number.NEGATIVE_INFINITY : await firstTimeOf(file, this.#options),
      });
    }
    this.#waiting.sort((a, b) => a.firstMs - b.firstMs || a.index - b.index);
  }

  get isOver(): boolean {
    return this.#open.length === 0 && this.#waiting.length === 0;
  }

  /** No event before this time comes any more, but for disorder within a file. */
  get watermarkMs(): number {
    const [next] = this.#waiting;
    return Math.min(next?.firstMs ?? Number.POSITIVE_INFINITY, ...this.#open.map(({ newestMs }) => newestMs));
  }

  /** The lane of a file that was opened. */
  laneOf(index: number): ReplayLane {
    return this.#all[index] as ReplayLane;
  }

  /** Reads a piece of the file that is least far. */
  async next(totals: ReadTotals): Promise<void> {
    const leastMs = Math.min(...this.#open.map(({ newestMs }) => newestMs));
    while (this.#waiting.length > 0 && (this.#open.length === 0 || (this.#waiting[0] as Waiting).firstMs <= leastMs)) {
      this.#openFirst();
      if (this.#open.length === 1) break;
    }
    const lane = this.#open.reduce((least, other) => (other.newestMs < least.newestMs ? other : least));
    if (!(await lane.next(totals))) this.#open = this.#open.filter((other) => other !== lane);
  }

  #openFirst(): void {
    const { index } = this.#waiting.shift() as Waiting;
    const file = this.#files[index] as ReplayFile;
    const lane =
      file instanceof LogFile
        ? new ReplayStream(file, index, this.#options)
        : new WindowsLane(file as WindowsFile, index, this.#options);
    this.#all[index] = lane;
    this.#open.push(lane);
  }
}

/** Of the first event that tells its time; -Infinity where none of the first ones does. */
async function firstTimeOf(file: ReplayFile, { zone, fromYear, custom }: LanesOptions): Promise<number> {
  const timeMs =
    file instanceof LogFile
      ? await firstOfLines(file, zone, fromYear, custom)
      : await firstOfRecords(file as WindowsFile);
  file.readBytes = 0;
  return timeMs ?? Number.NEGATIVE_INFINITY;
}

async function firstOfLines(file: LogFile, zone: string, fromYear: number | undefined, custom: readonly Source[]) {
  const year = fromYear === undefined ? { nowMs: () => file.modifiedMs } : { from: fromYear };
  const parser = new LineParser({ zone, year, custom, defaultHost: 'localhost' });
  for await (const chunk of file.chunks()) {
    for (let looked = 0; looked < LOOKED_AT && chunk.next(); looked++) {
      const event = parser.parse(chunk.line());
      if (!isUnparsed(event)) return event['@timestamp'];
    }
    break;
  }
  return undefined;
}

async function firstOfRecords(file: WindowsFile) {
  let looked = 0;
  for await (const { record } of file.records()) {
    const event = eventOfRecord(record);
    if (!isUnparsed(event)) return event['@timestamp'];
    if (++looked === LOOKED_AT) break;
  }
  return undefined;
}
