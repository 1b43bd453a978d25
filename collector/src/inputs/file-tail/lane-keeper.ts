import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '@fleetwall/core';
import type { InputStats } from '../input.js';
import { HEAD_BYTES } from '../line-ids.js';
import { type Problems, reasonOf } from '../problems.js';
import { Generation, type Identity, identityOf, sameIdentity } from './generation.js';
import { beginsLikeOneOf, type Found, findGeneration, rotatedSince } from './rotation.js';
import type { SourceCache } from './source-cache.js';
import { type Lane, type Location, type Tracked, track } from './tracked.js';

export interface LaneKeeperParts {
  sources: SourceCache;
  stats: InputStats;
  problems: Problems;
  clock: Clock;
  /** Whether a lane has its turn now, and so must not be changed by another one. */
  isBusy: (lane: Lane) => boolean;
}

/** Of a generation that is still to be looked for. */
const NOWHERE: Location = { path: '', compressed: false };

interface Owner {
  lane: Lane;
  tracked: Tracked;
}

/** Decides which generations a lane has: what is new at its path, what was rotated away and where it is now. */
export class LaneKeeper {
  /** Who reads a file, by inode and birth; copies are nobody's. */
  private readonly owners = new Map<string, Owner>();

  constructor(private readonly parts: LaneKeeperParts) {}

  /** Looks at the path. Rejects never; what is wrong becomes a problem. */
  async check(lane: Lane): Promise<void> {
    const { problems } = this.parts;
    let found: BigIntStats | undefined;
    try {
      found = await stat(lane.path, { bigint: true });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        this.tellUnreadable(lane, error);
        // Until the path can be looked at, nobody knows which generation is still there.
        if (lane.resumed) for (const tracked of lane.tracked) tracked.pending = false;
        return;
      }
    }
    if (found !== undefined && !found.isFile()) {
      lane.retry = true;
      problems.report(lane.path, 'FILE_NOT_REGULAR', { path: lane.path, what: kindOf(found) });
      found = undefined;
    } else if (lane.retry) {
      lane.retry = false;
      problems.clear(lane.path, 'FILE_NOT_REGULAR');
    }
    if (found === undefined) this.readableAgain(lane);
    if (lane.resumed) await this.afterResume(lane, found);
    await this.bind(lane, found);
  }

  /** A generation was truncated: what was not read of it may be in a copy, and the file begins anew. */
  async truncated(lane: Lane, old: Tracked): Promise<void> {
    const { stats, clock } = this.parts;
    stats.truncations++;
    const rest = (await findGeneration(old.generation).catch(() => undefined))?.rest;
    const fresh = track(old.generation.truncated(clock()), old.location, 'current', clock());
    if (rest === undefined) lane.noteFinished(old);
    const copies = rest === undefined ? [] : [track(old.generation, rest, 'copy', clock())];
    lane.tracked = lane.tracked.flatMap((tracked) => (tracked === old ? [...copies, fresh] : [tracked]));
    this.own(lane, fresh);
    lane.note(fresh);
    await this.addMissed(lane, old.generation, fresh);
  }

  /** A rotated generation is no longer where it was. */
  async relocate(lane: Lane, tracked: Tracked): Promise<void> {
    let found: Found;
    try {
      found = await findGeneration(tracked.generation);
    } catch (error) {
      this.tellUnreadable(lane, error);
      tracked.pending = false;
      return;
    }
    const { rest, successor } = found;
    if (successor !== undefined) {
      this.parts.stats.truncations++;
      const next = track(tracked.generation.truncated(this.parts.clock()), successor, 'rotated', this.parts.clock());
      this.add(lane, next, lane.tracked[lane.tracked.indexOf(tracked) + 1]);
    }
    if (rest === undefined) return this.giveUp(lane, tracked);
    tracked.location = rest;
    tracked.pending = true;
    if (!rest.sameFile) {
      tracked.role = 'copy';
      tracked.finishing = true;
    }
  }

  /** Nothing more will be read of a generation, though something may be left. */
  async giveUp(lane: Lane, tracked: Tracked): Promise<void> {
    const { stats, problems } = this.parts;
    const { generation } = tracked;
    const size = lane.seen && sameIdentity(lane.seen.identity, generation.identity) ? lane.seen.size : undefined;
    if (size === undefined || size > generation.offset) {
      stats.lostBytes += Math.max(0, (size ?? 0) - generation.offset);
      problems.mention(lane.path, 'FILE_REST_LOST', { path: lane.path });
    }
    await this.finish(lane, tracked);
  }

  /** A generation was read to its end. */
  async finish(lane: Lane, tracked: Tracked): Promise<void> {
    lane.tracked = lane.tracked.filter((other) => other !== tracked);
    lane.noteFinished(tracked);
    const key = ownerKey(tracked.generation.identity);
    if (this.owners.get(key)?.tracked === tracked) this.owners.delete(key);
    lane.emptySinceMs = this.parts.clock();
    await this.parts.sources.drop(tracked);
  }

  /** Something of the lane cannot be read; it is tried again with every sweep. */
  tellUnreadable(lane: Lane, error: unknown): void {
    lane.retry = true;
    lane.unreadable = true;
    this.parts.problems.report(lane.path, 'FILE_UNREADABLE', { path: lane.path, reason: reasonOf(error) });
  }

  /** Something of the lane was read, or there is nothing to read. */
  readableAgain(lane: Lane): void {
    if (!lane.unreadable) return;
    lane.unreadable = false;
    this.parts.problems.clear(lane.path, 'FILE_UNREADABLE', 'FILE_COMPRESSED_DAMAGED');
  }

  isOwned(identity: Identity): boolean {
    return this.owners.has(ownerKey(identity));
  }

  /** Generations of one path known from bookmarks, oldest first. Where they are now is found out in the lane's turns. */
  resume(lane: Lane, generations: Generation[]): void {
    for (const generation of generations) {
      const tracked = track(generation, NOWHERE, 'rotated', this.parts.clock());
      lane.tracked.push(tracked);
      lane.rememberFinished(generation.previous);
      this.own(lane, tracked);
    }
    lane.resumed = true;
  }

  /** The generation that is at the path still, if there is one, is the current one again. */
  private async afterResume(lane: Lane, found: BigIntStats | undefined): Promise<void> {
    lane.resumed = false;
    if (found === undefined) return;
    const current = lane.tracked.findLast(({ generation }) => sameIdentity(generation.identity, identityOf(found)));
    if (current === undefined) return;
    current.role = 'current';
    current.location = { path: lane.path, compressed: false };
    lane.tracked = [...lane.tracked.filter((tracked) => tracked !== current), current];
    // A generation of which nothing was read cannot tell that it was truncated in the meantime; its copies do.
    if (current.generation.head.length === 0) await this.addMissed(lane, current.generation, current);
  }

  /** Makes what is at the path the current generation, and what was there before a rotated one. */
  private async bind(lane: Lane, found: BigIntStats | undefined): Promise<void> {
    const identity = found && identityOf(found);
    const old = lane.current;
    if (old !== undefined && identity !== undefined && sameIdentity(old.generation.identity, identity)) {
      old.pending = true;
    } else {
      const last = lane.tracked.at(-1)?.generation;
      if (old !== undefined) await this.detach(lane, old);
      const fresh = identity && (await this.adopt(lane, identity));
      await this.addMissed(lane, last, fresh);
    }
    if (found !== undefined && identity !== undefined) {
      lane.seen = { identity, size: Number(found.size), modifiedNs: found.mtimeNs };
    }
  }

  private async detach(lane: Lane, old: Tracked): Promise<void> {
    this.parts.stats.renames++;
    old.role = 'rotated';
    old.quietSinceMs = this.parts.clock();
    old.pending = true;
    if (!this.parts.sources.has(old)) await this.relocate(lane, old);
  }

  /** The generation of the file that is now at the path; undefined when another lane reads it (a link to the same file). */
  private async adopt(lane: Lane, identity: Identity): Promise<Tracked | undefined> {
    const owner = this.owners.get(ownerKey(identity));
    if (owner !== undefined) return this.takeFrom(owner, lane, identity);
    const generation = new Generation(lane.path, identity, 0);
    generation.endReachedMs = this.parts.clock();
    const fresh = track(generation, { path: lane.path, compressed: false }, 'current', this.parts.clock());
    this.add(lane, fresh);
    return fresh;
  }

  /** A file that was renamed from one configured path to another goes on where it was, in the other lane. */
  private async takeFrom(owner: Owner, lane: Lane, identity: Identity): Promise<Tracked | undefined> {
    const { tracked } = owner;
    if (owner.lane !== lane && ((await leadsTo(owner.lane.path, identity)) || this.parts.isBusy(owner.lane))) {
      lane.retry = true;
      return undefined;
    }
    owner.lane.tracked = owner.lane.tracked.filter((other) => other !== tracked);
    tracked.role = 'current';
    tracked.finishing = false;
    tracked.pending = true;
    tracked.location = { path: lane.path, compressed: false };
    lane.tracked.push(tracked);
    this.own(lane, tracked);
    return tracked;
  }

  /** Adds what was rotated away behind `last`, the newest known one until now, without ever being seen at the path. */
  private async addMissed(lane: Lane, last: Generation | undefined, fresh: Tracked | undefined): Promise<void> {
    // When the directory cannot be read, the next rotation looks again: `last` then still is what it is now.
    const candidates = await rotatedSince(lane.path, last?.endReachedMs ?? lane.emptySinceMs, last).catch(() => []);
    if (candidates.length === 0) return;
    // After the candidates were read: what was compressed into one of them can be known again only now.
    for (const tracked of lane.tracked) if (tracked.generation.head.length === 0) await this.learnHead(tracked);
    const heads = [...lane.finishedHeads, ...lane.tracked.map(({ generation }) => generation.head)];
    for (const candidate of candidates) {
      const { identity, path, compressed } = candidate;
      if (this.isOwned(identity) || beginsLikeOneOf(candidate, heads)) continue;
      const generation = new Generation(lane.path, identity, 0);
      const tracked = track(generation, { path, compressed }, compressed ? 'copy' : 'rotated', this.parts.clock());
      this.parts.stats.renames++;
      this.add(lane, tracked, fresh);
    }
  }

  /** So that a generation not read yet is known again in its compressed form. */
  private async learnHead(tracked: Tracked): Promise<void> {
    const { sources } = this.parts;
    try {
      const opened = await sources.acquire(tracked);
      if ('changed' in opened) return;
      const head = Buffer.alloc(HEAD_BYTES);
      tracked.generation.learnHead(head.subarray(0, await opened.source.read(head, 0)), false);
    } catch {
      // It fails again, and is told, when it is read.
    } finally {
      sources.release(tracked);
    }
  }

  /** Puts a generation into a lane, before another one or at the end; its bookmark goes with the next batch. */
  private add(lane: Lane, tracked: Tracked, before?: Tracked): void {
    const index = before === undefined ? -1 : lane.tracked.indexOf(before);
    lane.tracked.splice(index < 0 ? lane.tracked.length : index, 0, tracked);
    this.own(lane, tracked);
    lane.note(tracked);
  }

  private own(lane: Lane, tracked: Tracked): void {
    this.owners.set(ownerKey(tracked.generation.identity), { lane, tracked });
  }
}

function ownerKey({ inode, birth }: Identity): string {
  return `${inode}-${birth}`;
}

async function leadsTo(path: string, identity: Identity): Promise<boolean> {
  try {
    return sameIdentity(identityOf(await stat(path, { bigint: true })), identity);
  } catch {
    return false;
  }
}

function kindOf(found: BigIntStats): string {
  if (found.isDirectory()) return 'directory';
  if (found.isFIFO()) return 'named pipe (FIFO)';
  if (found.isSocket()) return 'socket';
  return 'device';
}
