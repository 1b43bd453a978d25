import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Clock } from '@fleetwall/core';
import { Delivery } from '../delivery.js';
import {
  type BookmarkChange,
  type Bookmarks,
  emptyStats,
  type Input,
  type InputStats,
  type LineSink,
} from '../input.js';
import { lineLimit } from '../line-ids.js';
import { Problems, reasonOf } from '../problems.js';
import { RoundRobin } from '../round-robin.js';
import { DirectoryWatch, type WatchEvent } from './directory-watch.js';
import { Generation, identityOf, sameIdentity } from './generation.js';
import { type Expansion, expandAll, Glob, normalisePath } from './glob.js';
import { LaneKeeper } from './lane-keeper.js';
import { LaneReader } from './lane-reader.js';
import { FILE_CLOCK_SLACK_MS } from './rotation.js';
import { SourceCache } from './source-cache.js';
import { Lane } from './tracked.js';

/** Key of the bookmark that says when the first start was; no generation has a key without hyphens. */
const ORIGIN = 'origin';
const LANES_AT_ONCE = 8;
const BOOKMARKS_A_BATCH = 256;
const STATS_AT_ONCE = 64;
const MAX_FORMER_PATHS = 10_000;
const SWEEP_MS = 1_000;
const SOON_MS = 10;
const LONGEST_SWEEP_MS = 10_000;
/** Sweeps take at most this part of the time: with very many files they become rarer. */
const DUTY_BESIDE_WATCHES = 1 / 50;
const DUTY_ALONE = 1 / 20;

export interface FileTailOptions {
  /** `files` when absent; unique among inputs. */
  name?: string;
  /** Paths and patterns, see {@link Glob}. */
  paths: string[];
  /** See {@link lineLimit}. */
  maxLineBytes?: number;
  /** Of what a file holds at the first start, at most so many bytes from its end; all of it when absent. */
  historyMaxBytes?: number;
  /** Files held open at once, 256 when absent. More are read all the same, by opening and closing. */
  maxOpenFiles?: number;
  /** How long a rotated file is read on after its last growth, 60 s when absent. */
  lateWritesMs?: number;
  /** Bytes per second of each path, so that catching up leaves the machine to its work; unlimited when absent. */
  maxReadBytesPerSecond?: number;
  clock?: Clock;
}

/**
 * Follows log files: any number, through rotation of every kind. A line is read exactly once if its file, a renamed or
 * compressed form of it, or a copy in the same directory lasts until it is read. What nobody can prevent: lines written
 * between a `copytruncate` rotation's copy and its truncation are lost (logrotate's manual says so).
 */
export class FileTail implements Input {
  readonly name: string;
  readonly finished: Promise<void>;
  private finish: () => void = () => {};
  private readonly totals = emptyStats();
  private readonly lanes = new Map<string, Lane>();
  /** By directory, the lanes with generations that are no longer at their path. */
  private readonly rotatedIn = new Map<string, Set<Lane>>();
  private readonly formerPaths = new Set<string>();
  private failedDirectories = new Set<string>();
  private readonly globs: Glob[];
  private readonly clock: Clock;
  private readonly maxLineBytes: number;
  private readonly problems: Problems;
  private readonly sources: SourceCache;
  private readonly turns: RoundRobin<Lane>;
  private readonly keeper: LaneKeeper;
  private readonly watch: DirectoryWatch;
  private reader: LaneReader | undefined;
  private delivery: Delivery | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private sweepTimer: NodeJS.Timeout | undefined;
  private nextSweepMs = 0;
  private lastSweepTookMs = 0;
  private started = false;
  private stopped = false;

  constructor(private readonly options: FileTailOptions) {
    this.name = options.name ?? 'files';
    this.finished = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.clock = options.clock ?? Date.now;
    this.maxLineBytes = lineLimit(options.maxLineBytes);
    this.globs = options.paths.map((path) => new Glob(normalisePath(path)));
    this.problems = new Problems(this.clock);
    this.sources = new SourceCache(options.maxOpenFiles ?? 256, this.problems);
    this.turns = new RoundRobin(LANES_AT_ONCE, (lane) => this.turn(lane));
    const { sources, problems, clock, totals } = this;
    const isBusy = (lane: Lane) => this.turns.isRunning(lane);
    this.keeper = new LaneKeeper({ sources, problems, clock, stats: totals, isBusy });
    this.watch = new DirectoryWatch((...event) => this.onEvent(...event), problems);
  }

  async start(bookmarks: Bookmarks, sink: LineSink): Promise<void> {
    const { keeper, sources, problems, clock, totals } = this;
    this.delivery = new Delivery(sink, totals);
    this.reader = new LaneReader({
      keeper,
      sources,
      problems,
      clock,
      stats: totals,
      delivery: this.delivery,
      maxLineBytes: this.maxLineBytes,
      maxReadBytesPerSecond: this.options.maxReadBytesPerSecond,
    });
    this.resume(bookmarks);
    if (bookmarks[ORIGIN] === undefined) await this.startFirst(this.delivery);
    if (!this.stopped) await this.sweep();
    this.started = true;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.sweepTimer);
    this.watch.close();
    await this.delivery?.stop();
    await this.sweeping;
    await this.turns.stop();
    await this.sources.close();
    this.finish();
  }

  stats(): InputStats {
    return { ...this.totals, streams: this.lanes.size, openFiles: this.sources.size, problems: this.problems.list() };
  }

  /** Takes up what bookmarks tell of, as far as it is still configured. */
  private resume(bookmarks: Bookmarks): void {
    const byPath = new Map<string, Generation[]>();
    for (const [key, bookmark] of Object.entries(bookmarks)) {
      if (key === ORIGIN) continue;
      const generation = Generation.from(bookmark);
      if (!this.isConfigured(generation.path)) continue;
      byPath.set(generation.path, [...(byPath.get(generation.path) ?? []), generation]);
    }
    for (const [path, generations] of byPath) {
      generations.sort((a, b) => Number(a.identity.birth - b.identity.birth) || a.ordinal - b.ordinal);
      this.keeper.resume(this.lane(path), generations);
    }
  }

  /** Notes for every file how long it is now: all that is history. Durable before the first line, so that it stays history. */
  private async startFirst(delivery: Delivery): Promise<void> {
    const expansion = await this.expand();
    let change: BookmarkChange = {};
    for (const path of expansion.files) {
      const lane = this.lane(path);
      if (lane.tracked.length > 0) continue;
      const generation = await this.historyOf(path);
      if (generation === undefined) continue;
      this.keeper.resume(lane, [generation]);
      change[generation.key] = generation.bookmark();
      if (Object.keys(change).length < BOOKMARKS_A_BATCH) continue;
      if (!(await delivery.deliver({ lines: [], bookmarks: change }))) return;
      change = {};
    }
    await delivery.deliver({ lines: [], bookmarks: { ...change, [ORIGIN]: { firstStartMs: this.clock() } } });
  }

  private async historyOf(path: string): Promise<Generation | undefined> {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    if (!found?.isFile() || this.keeper.isOwned(identityOf(found))) return undefined;
    const generation = new Generation(path, identityOf(found), 0);
    const size = Number(found.size);
    generation.historyUntil = size;
    generation.endReachedMs = this.clock();
    if (size > (this.options.historyMaxBytes ?? size)) {
      // From the byte before: if that is a line end, nothing is passed over.
      generation.offset = size - this.options.historyMaxBytes! - 1;
      generation.framing.skipping = true;
      generation.directives = undefined;
    }
    return generation;
  }

  private lane(path: string): Lane {
    let lane = this.lanes.get(path);
    if (lane === undefined) {
      // What was written just before the start may look a little older than it is, and must not be read as missed.
      lane = new Lane(path, this.clock() + (this.started ? 0 : FILE_CLOCK_SLACK_MS));
      this.lanes.set(path, lane);
    }
    return lane;
  }

  private isConfigured(path: string): boolean {
    return this.globs.some((glob) => glob.matches(path));
  }

  private expand(): Promise<Expansion> {
    return expandAll(this.globs, (path) => this.lanes.has(path) || this.formerPaths.has(path));
  }

  /** A path that is gone; its rotated files may still be there, and are not new ones. */
  private forget(lane: Lane): void {
    this.lanes.delete(lane.path);
    this.formerPaths.add(lane.path);
    if (this.formerPaths.size > MAX_FORMER_PATHS) this.formerPaths.delete(this.formerPaths.values().next().value!);
  }

  private async turn(lane: Lane) {
    const result = await this.reader!.turn(lane);
    const directory = posix.dirname(lane.path);
    if (lane.hasRotated) {
      const lanes = this.rotatedIn.get(directory) ?? new Set();
      this.rotatedIn.set(directory, lanes.add(lane));
    } else {
      const lanes = this.rotatedIn.get(directory);
      if (lanes?.delete(lane) && lanes.size === 0) this.rotatedIn.delete(directory);
    }
    return result;
  }

  private onEvent(directory: string, event: WatchEvent, name: string | undefined): void {
    if (name === undefined) {
      this.sweepSoon();
      return;
    }
    const path = posix.join(directory, name);
    const lane = this.lanes.get(path);
    if (lane !== undefined) {
      const current = lane.current;
      if (event === 'appeared' || current === undefined) lane.needsCheck = true;
      else current.pending = true;
      this.turns.wake(lane);
    } else if (event === 'appeared' && this.isConfigured(path)) {
      this.sweepSoon();
    }
    // An unknown name may be the new one of a rotated file that is still written.
    for (const other of lane === undefined ? (this.rotatedIn.get(directory) ?? []) : []) {
      other.wakeAll();
      this.turns.wake(other);
    }
  }

  private sweepSoon(): void {
    const earliest = Math.max(SOON_MS, this.lastSweepTookMs);
    this.scheduleSweep(Math.min(this.nextSweepMs, performance.now() + earliest));
  }

  private scheduleSweep(atMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.sweepTimer);
    this.nextSweepMs = atMs;
    this.sweepTimer = setTimeout(() => void this.sweep(), Math.max(0, atMs - performance.now()));
  }

  /** Looks at everything. One at a time. */
  private async sweep(): Promise<void> {
    await this.sweeping;
    this.sweeping = this.sweepOnce().catch((error) => {
      this.problems.mention(this.name, 'FILE_UNREADABLE', { path: this.name, reason: reasonOf(error) });
    });
    await this.sweeping;
  }

  private async sweepOnce(): Promise<void> {
    const startMs = performance.now();
    clearTimeout(this.sweepTimer);
    const { files, directories, failures } = await this.expand();
    for (const path of files) this.lane(path);
    this.tellFailures(failures);
    await this.watch.follow(directories);
    const lanes = [...this.lanes.values()];
    for (let from = 0; from < lanes.length && !this.stopped; from += STATS_AT_ONCE) {
      await Promise.all(lanes.slice(from, from + STATS_AT_ONCE).map((lane) => this.look(lane, files.has(lane.path))));
    }
    this.lastSweepTookMs = performance.now() - startMs;
    const duty = this.watch.isComplete ? DUTY_BESIDE_WATCHES : DUTY_ALONE;
    const everyMs = Math.min(LONGEST_SWEEP_MS, Math.max(SWEEP_MS, this.lastSweepTookMs / duty));
    this.scheduleSweep(startMs + everyMs);
    if (this.stopped) this.watch.close();
  }

  private tellFailures(failures: Map<string, unknown>): void {
    for (const path of this.failedDirectories) if (!failures.has(path)) this.problems.clear(path, 'FILE_UNREADABLE');
    for (const [path, error] of failures)
      this.problems.report(path, 'FILE_UNREADABLE', { path, reason: reasonOf(error) });
    this.failedDirectories = new Set(failures.keys());
  }

  /** Wakes a lane if its file is not what it was, or if it has something to wait for. */
  private async look(lane: Lane, isListed: boolean): Promise<void> {
    const found = await stat(lane.path, { bigint: true }).catch(() => undefined);
    const now = this.clock();
    const lateWritesMs = this.options.lateWritesMs ?? 60_000;
    for (const tracked of lane.tracked) {
      if (tracked.role === 'current') continue;
      tracked.pending = true;
      if (now - tracked.quietSinceMs > lateWritesMs) tracked.finishing = true;
    }
    const seen = lane.seen;
    const identity = found && identityOf(found);
    if (lane.retry || lane.needsCheck || !found?.isFile() || !seen || !sameIdentity(identity!, seen.identity)) {
      if (!found && !seen && !lane.retry && lane.tracked.length === 0) {
        if (!isListed && Object.keys(lane.change).length === 0 && !this.turns.isRunning(lane)) this.forget(lane);
        return;
      }
      if (!found) lane.seen = undefined;
      lane.needsCheck = true;
      lane.wakeAll();
    } else if (found.mtimeNs !== seen.modifiedNs || Number(found.size) !== seen.size) {
      lane.seen = { identity: seen.identity, size: Number(found.size), modifiedNs: found.mtimeNs };
      if (lane.current !== undefined) lane.current.pending = true;
      else lane.needsCheck = true;
    } else if (!lane.hasRotated) {
      return;
    }
    this.turns.wake(lane);
  }
}
