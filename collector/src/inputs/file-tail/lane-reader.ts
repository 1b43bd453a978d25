import type { Clock } from '@fleetwall/core';
import type { Delivery } from '../delivery.js';
import type { InputStats, RawLine } from '../input.js';
import { HEAD_BYTES } from '../line-ids.js';
import { type Problems, reasonOf } from '../problems.js';
import type { TurnResult } from '../round-robin.js';
import { FileSource } from './byte-source.js';
import { TAIL_BYTES } from './generation.js';
import type { LaneKeeper } from './lane-keeper.js';
import { type Piece, readPiece, TURN_BYTES } from './reading.js';
import type { SourceCache } from './source-cache.js';
import type { Lane, Tracked } from './tracked.js';

const IDLE: TurnResult = { more: false, pauseMs: 0 };
/** A moment before looking again, should a file system contradict itself for good. */
const RETRY_MS = 5;
/** A file that cannot be read to its end is given up after so long, if it is one that nobody writes any more. */
const GIVE_UP_MS = 60_000;

export interface LaneReaderParts {
  keeper: LaneKeeper;
  sources: SourceCache;
  delivery: Delivery;
  stats: InputStats;
  problems: Problems;
  clock: Clock;
  maxLineBytes: number;
  /** Bytes per second for each lane; undefined: as fast as the sink takes them. */
  maxReadBytesPerSecond: number | undefined;
}

/** One turn of a lane: look whether the path still is what it was, read one piece, hand it over. */
export class LaneReader {
  private readonly buffers: Buffer[] = [];

  constructor(private readonly parts: LaneReaderParts) {}

  /** Never rejects. */
  async turn(lane: Lane): Promise<TurnResult> {
    let tracked: Tracked | undefined;
    try {
      tracked = await this.nextOf(lane);
      if (tracked !== undefined) return await this.read(lane, tracked);
      await this.handOver(lane, []);
      return IDLE;
    } catch (error) {
      if (tracked !== undefined) await this.failed(lane, tracked, error);
      return { more: this.hasMore(lane), pauseMs: RETRY_MS };
    }
  }

  private async nextOf(lane: Lane): Promise<Tracked | undefined> {
    if (lane.needsCheck) {
      lane.needsCheck = false;
      await this.parts.keeper.check(lane);
    }
    return lane.tracked.find(({ pending }) => pending);
  }

  private async read(lane: Lane, tracked: Tracked): Promise<TurnResult> {
    const { sources, clock } = this.parts;
    const opened = await sources.acquire(tracked);
    if ('changed' in opened) return this.changed(lane, tracked, opened.changed);
    // Before the read: what is written from here on wakes the lane again.
    tracked.pending = false;
    const readMs = clock();
    const { maxLineBytes } = this.parts;
    const buffer = this.buffers.pop() ?? Buffer.alloc(TAIL_BYTES + Math.max(TURN_BYTES, maxLineBytes + 2));
    let piece: Piece | 'rewritten';
    try {
      const final = tracked.finishing;
      piece = await readPiece(tracked.generation, opened.source, buffer, { maxLineBytes, final, readMs });
    } finally {
      this.buffers.push(buffer);
      sources.release(tracked);
    }
    if (piece === 'rewritten') return this.changed(lane, tracked, 'rewritten');
    tracked.failingSinceMs = undefined;
    this.parts.keeper.readableAgain(lane);
    this.count(tracked, piece);
    if (piece.consumed > 0) tracked.quietSinceMs = readMs;
    if (!piece.atEnd) tracked.pending = true;
    else tracked.generation.endReachedMs = readMs;
    if (piece.consumed > 0) lane.note(tracked);
    if (piece.atEnd && tracked.finishing) await this.parts.keeper.finish(lane, tracked);
    if (piece.lines.length > 0) await this.handOver(lane, piece.lines);
    return { more: this.hasMore(lane), pauseMs: this.pauseAfter(lane, piece) };
  }

  private count({ generation: { framing } }: Tracked, { consumed }: Piece): void {
    const { stats } = this.parts;
    stats.bytes += consumed;
    stats.skippedBytes += framing.skippedBytes;
    stats.nulBytes += framing.nulBytes;
    framing.skippedBytes = 0;
    framing.nulBytes = 0;
  }

  private hasMore(lane: Lane): boolean {
    return lane.needsCheck || lane.tracked.some(({ pending }) => pending) || Object.keys(lane.change).length > 0;
  }

  private pauseAfter(lane: Lane, piece: Piece): number {
    const rate = this.parts.maxReadBytesPerSecond;
    const rest = lane.takeTurn(this.parts.clock());
    const forRate = rate === undefined ? 0 : Math.ceil((piece.consumed / rate) * 1000);
    return Math.max(piece.atEnd ? rest : 0, forRate);
  }

  private async handOver(lane: Lane, lines: RawLine[]): Promise<void> {
    const bookmarks = lane.change;
    if (lines.length === 0 && Object.keys(bookmarks).length === 0) return;
    lane.change = {};
    await this.parts.delivery.deliver({ lines, bookmarks });
  }

  private async changed(lane: Lane, tracked: Tracked, how: 'replaced' | 'rewritten'): Promise<TurnResult> {
    const { keeper, sources } = this.parts;
    await sources.drop(tracked);
    if (tracked.role !== 'current') await keeper.relocate(lane, tracked);
    else if (how === 'replaced') await keeper.check(lane);
    else if (!(await this.cutAtItsEnd(tracked))) await keeper.truncated(lane, tracked);
    return { more: true, pauseMs: how === 'replaced' || tracked.role !== 'current' ? RETRY_MS : 0 };
  }

  /**
   * Whether a file has only lost its end (somebody cut it): then reading goes on at its new end, and what is before is
   * not read, and not counted, a second time.
   */
  private async cutAtItsEnd({ generation, location }: Tracked): Promise<boolean> {
    if (!generation.hasTellingHead) return false;
    const file = await FileSource.open(location.path);
    try {
      const size = Number(file.stat.size);
      const head = Buffer.alloc(HEAD_BYTES);
      if (size >= generation.offset || !generation.beginsLike(head.subarray(0, await file.read(head, 0)))) return false;
      const before = Buffer.alloc(Math.min(TAIL_BYTES, size));
      await file.read(before, size - before.length);
      generation.framing.skipping = false;
      generation.advanceTo(size, before);
      this.parts.stats.truncations++;
      return true;
    } finally {
      await file.close();
    }
  }

  private async failed(lane: Lane, tracked: Tracked, error: unknown): Promise<void> {
    const { problems, sources, keeper, clock } = this.parts;
    tracked.pending = false;
    await sources.drop(tracked);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      if (tracked.role === 'current') lane.needsCheck = true;
      else await keeper.relocate(lane, tracked);
      return;
    }
    tracked.failingSinceMs ??= clock();
    keeper.tellUnreadable(lane, error);
    if (tracked.location.compressed) {
      problems.report(lane.path, 'FILE_COMPRESSED_DAMAGED', { path: tracked.location.path, reason: reasonOf(error) });
    }
    if (tracked.role === 'copy' && clock() - tracked.failingSinceMs > GIVE_UP_MS) await keeper.giveUp(lane, tracked);
  }
}
