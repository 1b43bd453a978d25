import type { Clock, OutRecord } from '@fleetwall/core';
import { logError, reasonOf } from './errors.js';
import { type LogFile, writeDraft } from './files.js';
import { encodeMark, encodePreamble, encodeRecords, encodeState, sealFrame, type UnsealedFrame } from './frame.js';
import type { LogContents } from './recovery.js';
import { Segment } from './segment.js';

interface Append {
  frames: UnsealedFrame[];
  bytes: number;
  state: Buffer | undefined;
  /** Its commit is to be synced, though the log syncs later. */
  sync: boolean;
  resolve: (firstOffset: number) => void;
  reject: (error: unknown) => void;
}

export interface LogWriterOptions {
  segmentBytes: number;
  clock: Clock;
  /** Commits are synced only when {@link LogWriter.sync} asks: for what can be made again. */
  syncLater: boolean;
  /** Told after each commit is durable (or written, with `syncLater`), before its appends resolve. */
  onCommit: (commit: { firstOffset: number; nextOffset: number; bytes: Buffer }) => void;
  onRoll: () => void;
}

/** One commit is at most about this large, so that one large burst does not delay those who wait for its beginning. */
const COMMIT_BYTES = 1 << 20;
const MAX_PENDING_BYTES = 64 << 20;

/**
 * Group commit: one write and one fdatasync at a time; appends that come meanwhile join the next. After an error the
 * file's end is uncertain: it is cut back to the last durable byte before anything else is written, so that a failed
 * append leaves no trace and a failed fdatasync is never trusted later (Linux forgets such pages' errors).
 */
export class LogWriter {
  /** A new segment is begun when the active one's first frame is older. */
  segmentMs = Number.POSITIVE_INFINITY;
  private pending: Append[] = [];
  private pendingBytes = 0;
  private running: Promise<void> | undefined;
  private file: LogFile | undefined;
  private isEndUncertain = false;
  /** Written bytes of the active segment wait for a sync. */
  private isUnsynced = false;
  /** A segment was renamed and the directory not synced since. */
  private areNamesUncertain = false;
  private rollWanted = false;
  /** Bytes of the active segment that a roll would write again; unknown after open, then none. */
  private startBytes = 0;
  private markedLow: number;

  constructor(
    private readonly contents: LogContents,
    private readonly options: LogWriterOptions,
  ) {
    this.markedLow = contents.low;
  }

  /** Rejects with LOG_WRITE_FAILED, LOG_BUSY or LOG_RECORD_TOO_LARGE. */
  append(records: readonly OutRecord[], state: Buffer | undefined, sync = false): Promise<number> {
    return new Promise((resolve, reject) => {
      const frames = encodeRecords(records);
      if (state) frames.push(encodeState(state));
      const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
      if (this.pendingBytes > 0 && this.pendingBytes + bytes > MAX_PENDING_BYTES) {
        throw logError('LOG_BUSY', { directory: this.contents.directory, limit: MAX_PENDING_BYTES });
      }
      this.pending.push({ frames, bytes, state: state && Buffer.from(state), sync, resolve, reject });
      this.pendingBytes += bytes;
      this.running ??= Promise.resolve().then(() => this.run());
    });
  }

  /** Resolves when everything appended before is durable. Rejects with LOG_WRITE_FAILED. */
  async sync(): Promise<void> {
    await this.append([], undefined, true);
  }

  /** Begins a new segment, unless the active one has no records. */
  async roll(): Promise<void> {
    this.rollWanted = (this.contents.segments.at(-1) as Segment).firstOffset < this.contents.next;
    await this.append([], undefined);
  }

  /** Waits for the appends under way, writes a changed low offset, and closes the file. */
  async close(): Promise<void> {
    await this.sync().catch(() => {});
    await this.running;
    await this.file?.close().catch(() => {});
    this.file = undefined;
  }

  private async run(): Promise<void> {
    while (this.pending.length > 0) {
      const appends = this.take();
      try {
        const offsets = await this.commit(appends);
        appends.forEach((append, i) => {
          append.resolve(offsets[i] as number);
        });
      } catch (error) {
        this.isEndUncertain = true;
        const { directory } = this.contents;
        const failure = logError('LOG_WRITE_FAILED', { directory, reason: reasonOf(error) }, { cause: error });
        for (const append of appends) append.reject(failure);
      }
    }
    this.running = undefined;
  }

  private take(): Append[] {
    let bytes = 0;
    let count = 0;
    while (count < this.pending.length && (count === 0 || bytes < COMMIT_BYTES)) bytes += this.pending[count++]!.bytes;
    this.pendingBytes -= bytes;
    return this.pending.splice(0, count);
  }

  /** Answers the first offset of each append. */
  private async commit(appends: Append[]): Promise<number[]> {
    const { contents } = this;
    const isBarrier = appends.every((append) => append.frames.length === 0);
    const isSynced = !this.isUnsynced || !appends.some((append) => append.sync);
    if (isBarrier && isSynced && !this.rollWanted && contents.low === this.markedLow) {
      return appends.map(() => contents.next);
    }
    const nowMs = this.options.clock();
    await this.prepareFile();
    const size = appends.reduce((sum, append) => sum + append.bytes, 0);
    if (await this.needsRoll(size, nowMs)) await this.rollNow(nowMs);
    const firstOffset = contents.next;
    const low = contents.low;
    const { bytes, offsets, next } = this.seal(appends, low, nowMs);
    const active = contents.segments.at(-1) as Segment;
    if (bytes.length > 0) await this.file?.write(bytes, active.size);
    this.isUnsynced = true;
    if (!this.options.syncLater || appends.some((append) => append.sync)) await this.syncFile();
    if (next > firstOffset) active.index(firstOffset, active.size);
    active.size += bytes.length;
    contents.next = next;
    contents.state = appends.findLast((append) => append.state)?.state ?? contents.state;
    this.markedLow = low;
    this.options.onCommit({ firstOffset, nextOffset: next, bytes });
    return offsets;
  }

  private async syncFile(): Promise<void> {
    await this.file?.sync();
    this.isUnsynced = false;
  }

  /** The frames of all appends in one piece, and of a low offset that rose; `offsets` are the appends' first ones. */
  private seal(appends: Append[], low: number, nowMs: number): { bytes: Buffer; offsets: number[]; next: number } {
    const { marker } = this.contents;
    const offsets: number[] = [];
    const pieces: Buffer[] = [];
    let { next } = this.contents;
    for (const append of appends) {
      offsets.push(next);
      for (const frame of append.frames) {
        sealFrame(frame, marker, next, nowMs);
        pieces.push(frame.bytes);
        next += frame.count;
      }
    }
    if (low > this.markedLow) {
      const mark = encodeMark(next);
      sealFrame(mark, marker, low, nowMs);
      pieces.push(mark.bytes);
    }
    return { bytes: Buffer.concat(pieces), offsets, next };
  }

  /** Opens the active segment when it is not, and removes what a failed commit may have left behind its end. */
  private async prepareFile(): Promise<void> {
    const { segments, files, directory } = this.contents;
    const active = segments.at(-1) as Segment;
    this.file ??= await files.open(active.path, 'write');
    if (this.areNamesUncertain) await files.syncDirectory(directory);
    this.areNamesUncertain = false;
    if (this.isEndUncertain) await this.file.truncate(active.size);
    this.isEndUncertain = false;
  }

  private async needsRoll(bytes: number, nowMs: number): Promise<boolean> {
    const { segments, marker, next } = this.contents;
    const active = segments.at(-1) as Segment;
    if (active.size + bytes > this.options.segmentBytes && active.size > this.startBytes) return true;
    if (active.firstOffset === next) return false;
    if (this.rollWanted || this.segmentMs === Number.POSITIVE_INFINITY) return this.rollWanted;
    return ((await active.firstTimeMs(marker)) ?? nowMs) < nowMs - this.segmentMs;
  }

  /**
   * The new segment begins with the low offset and the state, so that opening needs no older one. Written beside and
   * renamed, since it has the active one's name when that holds states but no record.
   */
  private async rollNow(nowMs: number): Promise<void> {
    const { contents } = this;
    const { directory, files, marker, next, low, state, segments } = contents;
    const start = [encodeMark(next), ...(state ? [encodeState(state)] : [])];
    start.forEach((frame, i) => {
      sealFrame(frame, marker, i === 0 ? low : next, nowMs);
    });
    const bytes = Buffer.concat([encodePreamble(marker), ...start.map((frame) => frame.bytes)]);
    const segment = new Segment(files, directory, next, bytes.length);
    await writeDraft(files, `${segment.path}.tmp`, (file) => file.write(bytes, 0));
    if (this.isUnsynced) await this.syncFile();
    const previous = this.file;
    this.file = undefined;
    await previous?.close();
    this.areNamesUncertain = true;
    await files.rename(`${segment.path}.tmp`, segment.path);
    if (segments.at(-1)?.firstOffset === next) segments.pop();
    segments.push(segment);
    this.startBytes = bytes.length;
    this.rollWanted = false;
    this.markedLow = low;
    this.options.onRoll();
    await this.prepareFile();
  }
}
