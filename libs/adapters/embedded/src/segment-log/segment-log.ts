import { basename } from 'node:path';
import type { Clock, OutRecord } from '@fleetwall/core';
import { compactSegments } from './compaction.js';
import { logError, reasonOf } from './errors.js';
import { type LogFiles, nodeFiles } from './files.js';
import { decodeRecords, FrameKind } from './frame.js';
import { lockDirectory } from './lock.js';
import { LogWriter } from './log-writer.js';
import { type ReadResult, RecentFrames } from './recent-frames.js';
import { type LogContents, recover, type TailLoss } from './recovery.js';
import type { Segment } from './segment.js';

/**
 * What the log lost or gave up.
 * - `cut`: bytes after the last whole frame, found at open (a write that was interrupted; never acknowledged).
 * - `damaged`: a frame that cannot be read; `records` is 0 when not even its header tells how many it held.
 * - `expired`: whole segments deleted by retention; `records` counts those not trimmed before.
 */
export type LogReport =
  | { type: 'cut'; bytes: number }
  | { type: 'damaged'; file: string; position: number; bytes: number; records: number }
  | { type: 'expired'; reason: 'age' | 'bytes'; records: number; bytes: number };

export interface SegmentLogOptions {
  directory: string;
  /** A segment of this size is followed by a new one; 64 MiB when absent. */
  segmentBytes?: number;
  /** Segments whose records are all older are deleted. */
  retentionMs?: number;
  /** Oldest segments are deleted while all together are larger; the active one always stays. */
  maxBytes?: number;
  clock?: Clock;
  /** Appends resolve, and readers see them, once written; durable they are only when `sync` resolves. */
  syncLater?: boolean;
  files?: LogFiles;
  /** Leave the lock file alone: the caller has locked a directory above. */
  isLocked?: boolean;
  onReport?: (report: LogReport) => void;
}

/** So that records go at most an eighth of their time too late. */
const SEGMENTS_PER_RETENTION = 8;
const RECENT_BYTES = 1 << 20;
const MAX_WINDOW_BYTES = 1 << 20;
const MIN_WINDOW_BYTES = 64 << 10;
const MAX_HINTS = 64;
const MAX_REPORTED = 10_000;

/**
 * An append-only log of records in a directory. Limits first:
 *
 * - An append that resolved is durable (fdatasync) and survives kill -9 and power loss; one that rejected left nothing
 *   for readers (though after a crash some of it may be there).
 * - Offsets grow by one with each record and are never given twice; readers see a record only when it is durable.
 * - Damage loses the frame it is in (about 16 KiB of records, or one larger record), counted and reported; the rest is read.
 * - Opening reads the last segment only. Memory is bounded: the last megabyte, 16 bytes of index per 64 KiB of file,
 *   at most 64 MiB of waiting appends.
 * - One process at a time. Reading and appending may overlap freely.
 *
 * Bytes on disk: see frame.ts.
 */
export class SegmentLog {
  private readonly recent: RecentFrames;
  private readonly writer: LogWriter;
  private readonly waiting = new Set<() => void>();
  /** Where sequential readers go on, by offset. */
  private readonly hints = new Map<number, { segment: Segment; position: number }>();
  private readonly reported = new Set<string>();
  private housekeeping: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;
  private retentionMs: number | undefined;
  /** Frames found damaged since open. */
  damagedFrames = 0;

  private constructor(
    private readonly contents: LogContents,
    private readonly options: SegmentLogOptions,
    private readonly unlock: () => Promise<void>,
  ) {
    this.recent = new RecentFrames(contents.marker, RECENT_BYTES);
    this.writer = new LogWriter(contents, {
      segmentBytes: options.segmentBytes ?? 64 << 20,
      clock: options.clock ?? Date.now,
      syncLater: options.syncLater ?? false,
      onCommit: (commit) => {
        if (commit.nextOffset > commit.firstOffset) this.recent.add(commit);
        this.wake();
      },
      onRoll: () => {
        this.enforceRetention().catch(() => {});
      },
    });
    this.setRetention(options.retentionMs);
  }

  /** Fails with LOG_LOCKED, or with the system's error when the directory cannot be read. */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const unlock = options.isLocked ? async () => {} : await lockDirectory(options.directory);
    try {
      const { contents, loss } = await recover(options.directory, options.files ?? nodeFiles);
      const log = new SegmentLog(contents, options, unlock);
      log.reportLoss(loss);
      return log;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** First offset that is still wanted. */
  get low(): number {
    return this.contents.low;
  }

  /** Offset that the next record will get; everything below is durable. */
  get next(): number {
    return this.contents.next;
  }

  /** The latest durable state that came with an append. */
  get state(): Buffer | undefined {
    return this.contents.state;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.contents.segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /**
   * Resolves with the first record's offset (the others follow by one) when all of them are durable. `state` is a small
   * opaque value of the caller, durable no earlier than the records before and with it. Appends are written in the order
   * of calls; one without records and state resolves when those before it have ended. The values must stay unchanged
   * until it returns. Rejects with LOG_WRITE_FAILED or LOG_BUSY (try again), LOG_RECORD_TOO_LARGE, LOG_CLOSED.
   */
  async append(records: readonly OutRecord[], state?: Buffer): Promise<number> {
    this.refuseWhenClosed();
    return this.writer.append(records, state);
  }

  /** Resolves when all that was appended is durable, for a log that syncs later. Rejects with LOG_WRITE_FAILED. */
  async sync(): Promise<void> {
    this.refuseWhenClosed();
    await this.writer.sync();
  }

  /**
   * At most `maxRecords` records from `fromOffset` (or the first one there is) on, one at least, fewer at the end of a
   * segment or when their bytes reach `maxBytes`; none when there is nothing yet. Rejects with LOG_READ_FAILED.
   */
  async read(fromOffset: number, maxRecords: number, maxBytes = 1 << 20): Promise<ReadResult> {
    this.refuseWhenClosed();
    let at = Math.max(fromOffset, this.low);
    while (at < this.next) {
      const hot = this.recent.read(at, maxRecords, maxBytes);
      if (hot) return hot;
      const segment = this.segmentOf(at);
      try {
        const result = await this.readSegment(segment, Math.max(at, segment.firstOffset), maxRecords, maxBytes);
        if (result.records.length > 0) return result;
        at = result.nextOffset;
      } catch (error) {
        // Trimmed or rewritten while we read.
        if (this.contents.segments.includes(segment)) {
          throw logError('LOG_READ_FAILED', { file: segment.path, reason: reasonOf(error) }, { cause: error });
        }
        at = Math.max(at, this.low);
      }
    }
    return { records: [], nextOffset: Math.max(at, fromOffset) };
  }

  /** Resolves when there is something at or after the offset, when the log closes, or when the signal aborts. */
  wait(offset: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.next <= offset && !this.closing && !signal?.aborted) return;
        this.waiting.delete(look);
        signal?.removeEventListener('abort', look);
        resolve();
      };
      this.waiting.add(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  /** The first offset whose append time is at or after the time, by scanning one segment; `next` when there is none. */
  async offsetAt(timeMs: number): Promise<number> {
    this.refuseWhenClosed();
    for (const segment of this.contents.segments.slice()) {
      const following = this.following(segment);
      if (following && (await this.beganMs(following)) < timeMs) continue;
      const end = following?.firstOffset ?? this.next;
      const found = await segment.withFrames(
        this.contents.marker,
        segment.locate(0),
        MAX_WINDOW_BYTES,
        async (frames) => {
          for (let frame = await frames.next(end); frame; frame = await frames.next(end)) {
            const { header } = frame;
            if (header && header.count > 0 && header.timestampMs >= timeMs && header.firstOffset < end) return header;
          }
          return undefined;
        },
      );
      if (found && found.firstOffset + found.count > this.low) return Math.max(found.firstOffset, this.low);
    }
    return this.next;
  }

  /**
   * Says that nothing below the offset is wanted any more; segments that hold nothing else are deleted. Remembered across
   * a reopen from the next append or the close on (a crash before that brings some back).
   */
  trimBefore(offset: number): Promise<void> {
    this.refuseWhenClosed();
    this.contents.low = Math.max(this.low, Math.min(offset, this.next));
    return this.housekeep(async () => {
      let count = 0;
      while ((this.contents.segments[count + 1]?.firstOffset ?? Number.POSITIVE_INFINITY) <= this.low) count++;
      await this.deleteOldest(count);
    });
  }

  /** Takes another retention from now on; undefined keeps records for good. */
  setRetention(retentionMs: number | undefined): void {
    this.retentionMs = retentionMs;
    this.writer.segmentMs = (retentionMs ?? Number.POSITIVE_INFINITY) / SEGMENTS_PER_RETENTION;
  }

  /** Deletes what is past the limits now; also done whenever a segment is begun. */
  enforceRetention(): Promise<void> {
    const { maxBytes = Number.POSITIVE_INFINITY, clock = Date.now } = this.options;
    const { retentionMs } = this;
    return this.housekeep(async () => {
      for (let second = this.contents.segments[1]; second; second = this.contents.segments[1]) {
        const isOld = retentionMs !== undefined && (await this.beganMs(second)) < clock() - retentionMs;
        if (!isOld && this.bytes <= maxBytes) return;
        const bytes = (this.contents.segments[0] as Segment).size;
        const records = Math.max(0, second.firstOffset - this.low);
        await this.deleteOldest(1);
        this.options.onReport?.({ type: 'expired', reason: isOld ? 'age' : 'bytes', records, bytes });
      }
    });
  }

  /**
   * If fewer than half of the records are the last of their key, rewrites all but the active segment so that only those
   * are left, and of the empty ones (which remove their key) only those younger than `keepEmptyMs`. Offsets stay. A
   * crash at any moment leaves a valid log. Memory: one map entry per key. Resolves with the bytes left of what was there
   * at the call, a measure for when to do it again.
   */
  async compact(keepEmptyMs: number): Promise<number> {
    this.refuseWhenClosed();
    const { clock = Date.now } = this.options;
    let bytes = 0;
    await this.housekeep(async () => {
      bytes = await compactSegments(this.contents, {
        emptyBeforeMs: clock() - keepEmptyMs,
        roll: () => this.writer.roll(),
        onDamage: (damage) => this.reportDamage(damage),
      });
      this.recent.clear();
    });
    return bytes;
  }

  /** Waits for appends under way, then lets go of the directory. Idempotent. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      this.wake();
      await this.writer.close();
      await this.housekeeping.catch(() => {});
      await this.unlock();
    })();
    this.wake();
    return this.closing;
  }

  private async readSegment(segment: Segment, from: number, maxRecords: number, maxBytes: number): Promise<ReadResult> {
    const end = this.following(segment)?.firstOffset ?? this.next;
    const window = Math.min(Math.max(maxBytes, MIN_WINDOW_BYTES), MAX_WINDOW_BYTES);
    const hint = this.hints.get(from);
    const start = hint?.segment === segment ? hint.position : segment.locate(from);
    return segment.withFrames(this.contents.marker, start, window, async (frames) => {
      const result: ReadResult = { records: [], nextOffset: end };
      let bytes = 0;
      for (let frame = await frames.next(from); frame; frame = await frames.next(from)) {
        if (frame.type === 'damage') {
          this.reportDamage({ ...frame, path: segment.path, records: frame.header?.count ?? 0 });
          continue;
        }
        const { header, payload, position } = frame;
        if (header.kind !== FrameKind.records) continue;
        if (header.firstOffset >= end) break;
        segment.index(header.firstOffset, position);
        if (!payload) continue;
        decodeRecords(header, payload, from, maxRecords - result.records.length, result.records);
        bytes += payload.length;
        const last = result.records.at(-1);
        if (last && (result.records.length >= maxRecords || bytes >= maxBytes)) {
          result.nextOffset = last.offset + 1;
          const isFrameDone = result.nextOffset === header.firstOffset + header.count;
          this.hint(result.nextOffset, segment, isFrameDone ? position + frame.bytes : position);
          break;
        }
      }
      return result;
    });
  }

  private hint(offset: number, segment: Segment, position: number): void {
    if (this.hints.size >= MAX_HINTS) this.hints.delete(this.hints.keys().next().value as number);
    this.hints.set(offset, { segment, position });
  }

  private segmentOf(offset: number): Segment {
    const { segments } = this.contents;
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle] as Segment).firstOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return segments[low] as Segment;
  }

  private following(segment: Segment): Segment | undefined {
    return this.contents.segments.find((other) => other.firstOffset > segment.firstOffset);
  }

  /** When the segment was begun, or the next one when that cannot be read. */
  private async beganMs(segment: Segment): Promise<number> {
    const beganMs = await segment.firstTimeMs(this.contents.marker);
    if (beganMs !== undefined) return beganMs;
    const following = this.following(segment);
    return following ? this.beganMs(following) : Number.POSITIVE_INFINITY;
  }

  private async deleteOldest(count: number): Promise<void> {
    const { contents } = this;
    if (count === 0) return;
    try {
      for (let i = 0; i < count; i++) {
        await contents.files.remove((contents.segments[0] as Segment).path);
        contents.segments.shift();
        contents.low = Math.max(contents.low, (contents.segments[0] as Segment).firstOffset);
      }
      await contents.files.syncDirectory(contents.directory);
    } catch (error) {
      const { directory } = contents;
      throw logError('LOG_WRITE_FAILED', { directory, reason: reasonOf(error) }, { cause: error });
    }
  }

  /** One at a time, in order. */
  private housekeep(task: () => Promise<void>): Promise<void> {
    const done = this.housekeeping.catch(() => {}).then(task);
    this.housekeeping = done;
    return done;
  }

  private reportLoss(loss: TailLoss): void {
    if (loss.cutBytes > 0) this.options.onReport?.({ type: 'cut', bytes: loss.cutBytes });
    for (const damage of loss.damaged) this.reportDamage(damage);
  }

  /** Once for each place, however often it is read. */
  private reportDamage(damage: { path: string; position: number; bytes: number; records: number }): void {
    const { position, bytes, records } = damage;
    const file = basename(damage.path);
    if (this.reported.has(`${file}:${position}`) || this.reported.size >= MAX_REPORTED) return;
    this.reported.add(`${file}:${position}`);
    this.damagedFrames++;
    this.options.onReport?.({ type: 'damaged', file, position, bytes, records });
  }

  private wake(): void {
    for (const look of [...this.waiting]) look();
  }

  private refuseWhenClosed(): void {
    if (this.closing) throw logError('LOG_CLOSED', { directory: this.contents.directory });
  }
}
