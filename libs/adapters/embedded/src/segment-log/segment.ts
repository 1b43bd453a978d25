import { join } from 'node:path';
import type { LogFile, LogFiles } from './files.js';
import { PREAMBLE_BYTES } from './frame.js';
import { FrameReader } from './frame-reader.js';

const ENDING = '.log';
const DIGITS = 20;
/** Distance of index entries in the file. */
const INDEX_STEP_BYTES = 64 << 10;
const FIRST_WINDOW_BYTES = 4 << 10;

/** `00000000000000000042.log`: the first offset as 20 digits, so that names sort as offsets do. */
export function segmentName(firstOffset: number): string {
  return String(firstOffset).padStart(DIGITS, '0') + ENDING;
}

/** The first offset in a segment's name; undefined for other files. */
export function firstOffsetOf(name: string): number | undefined {
  return /^\d{20}\.log$/.test(name) ? Number(name.slice(0, DIGITS)) : undefined;
}

/**
 * One file of the log and what is known of it: its length, and a sparse index of where frames begin, which grows as the
 * file is written or read. Offsets at or above the next segment's first are not this segment's, whatever it holds (after
 * a merge that was cut short).
 */
export class Segment {
  readonly path: string;
  private readonly offsets: number[];
  private readonly positions: number[] = [PREAMBLE_BYTES];
  private beganMs: number | undefined;

  constructor(
    private readonly files: LogFiles,
    directory: string,
    readonly firstOffset: number,
    /** Durable bytes. */
    public size: number,
  ) {
    this.path = join(directory, segmentName(firstOffset));
    this.offsets = [firstOffset];
  }

  /** Remembers that a frame with this first offset begins there, if that is far enough from the last known one. */
  index(offset: number, position: number): void {
    if (position < (this.positions.at(-1) as number) + INDEX_STEP_BYTES) return;
    this.offsets.push(offset);
    this.positions.push(position);
  }

  /** The last known position of a frame that begins at or before the offset. */
  locate(offset: number): number {
    let low = 0;
    let high = this.offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.offsets[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.positions[low] as number;
  }

  /** Append time of the first frame, read once; undefined when no frame can be read. */
  async firstTimeMs(marker: Buffer): Promise<number | undefined> {
    this.beganMs ??= await this.withFrames(marker, PREAMBLE_BYTES, FIRST_WINDOW_BYTES, async (frames) => {
      for (let frame = await frames.next(); frame; frame = await frames.next()) {
        if (frame.header) return frame.header.timestampMs;
      }
      return undefined;
    });
    return this.beganMs;
  }

  /** Opens the file, lets `use` read frames from `position` to the durable end, and closes it. */
  async withFrames<T>(
    marker: Buffer,
    position: number,
    windowBytes: number,
    use: (frames: FrameReader) => Promise<T>,
  ): Promise<T> {
    const end = this.size;
    const file: LogFile = await this.files.open(this.path, 'read');
    try {
      return await use(new FrameReader(file, marker, position, end, windowBytes));
    } finally {
      // What was read is read.
      await file.close().catch(() => {});
    }
  }
}
