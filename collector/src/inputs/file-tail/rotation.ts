import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { HEAD_BYTES } from '../line-ids.js';
import { type ByteSource, FileSource, GzipSource } from './byte-source.js';
import { listDirectory } from './directory-listing.js';
import { type Generation, type Head, headOf, type Identity, identityOf, sameIdentity } from './generation.js';
import type { Location } from './tracked.js';

/** File times come from a clock that ticks every few milliseconds, and so may lie behind ours. */
export const FILE_CLOCK_SLACK_MS = 50;
const MOST_STATS = 5_000;
/** In a directory where names change all the time, the last look counts. */
const MOST_LOOKS = 20;

interface Sibling extends Location {
  stat: BigIntStats;
}

export interface Found {
  /** The file itself under another name (`sameFile`), or a copy, or its compressed form. */
  rest: (Location & { sameFile: boolean }) | undefined;
  /** The file itself under another name, but truncated before it was renamed. */
  successor: Location | undefined;
}

/**
 * Looks beside the configured path for what became of a generation: first the file itself, then a copy or a compressed
 * copy, known by the beginning and by the bytes before the offset. Rejects when the directory cannot be read.
 */
export function findGeneration(generation: Generation): Promise<Found> {
  return lookUntilSettled(posix.dirname(generation.path), () => lookFor(generation));
}

async function lookFor(generation: Generation): Promise<Found> {
  const siblings = await siblingsOf(generation.path);
  const isIt = ({ stat }: Sibling) => sameIdentity(identityOf(stat), generation.identity);
  const renamed = siblings.find(isIt) ?? (await othersIn(generation.path, siblings)).find(isIt);
  if (renamed !== undefined && (await holds(renamed, generation))) {
    return { rest: { ...renamed, sameFile: true }, successor: undefined };
  }
  for (const sibling of generation.head.length === 0 ? [] : siblings) {
    if (sibling !== renamed && (await holds(sibling, generation))) {
      return { rest: { ...sibling, sameFile: false }, successor: renamed };
    }
  }
  return { rest: undefined, successor: renamed };
}

/**
 * Looks again while names in the directory change: a rotation renames one file after the other (`.2` to `.3`, then `.1` to
 * `.2`), and who looks in its midst sees a file under two names, or under none, or opens another one than it was told of.
 */
async function lookUntilSettled<T>(directory: string, look: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const before = (await stat(directory, { bigint: true })).mtimeNs;
    const found = await look();
    const after = (await stat(directory, { bigint: true })).mtimeNs;
    // Two changes within a tick of the clock leave the same time behind.
    const isSettled = before === after && Date.now() - Number(after / 1_000_000n) > FILE_CLOCK_SLACK_MS;
    if (isSettled || tries === MOST_LOOKS) return found;
    await new Promise((resolve) => setTimeout(resolve, FILE_CLOCK_SLACK_MS));
  }
}

/** A rotated file that was perhaps written and rotated without ever having been seen at its first path. */
export interface Candidate extends Location {
  identity: Identity;
  /** Its first bytes, up to 1 KiB. */
  beginning: Buffer;
}

/** Rotated files of `path`, oldest first, that were created after `last` and written at or after `sinceMs`. */
export function rotatedSince(path: string, sinceMs: number, last: Generation | undefined): Promise<Candidate[]> {
  return lookUntilSettled(posix.dirname(path), () => candidatesOf(path, sinceMs, last));
}

async function candidatesOf(path: string, sinceMs: number, last: Generation | undefined): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  const siblings = await siblingsOf(path);
  for (const sibling of siblings.reverse()) {
    const identity = identityOf(sibling.stat);
    if (Number(sibling.stat.mtimeMs) < sinceMs - FILE_CLOCK_SLACK_MS) continue;
    if (last !== undefined && identity.birth < last.identity.birth) continue;
    const beginning = await beginningOf(sibling);
    if (beginning !== undefined) candidates.push({ ...sibling, identity, beginning });
  }
  return candidates;
}

/** Whether a candidate begins like one of the generations that are read, or were. */
export function beginsLikeOneOf({ beginning }: Candidate, heads: Head[]): boolean {
  return heads.some((head) => head.length > 0 && beginsWith(beginning, head));
}

function beginsWith(bytes: Buffer, head: Head): boolean {
  return bytes.length >= head.length && headOf(bytes.subarray(0, head.length)).hash === head.hash;
}

/** Files that rotation could have made of `path` (`auth.log.1`, `auth-20261122.log.gz` …), the newest first. */
async function siblingsOf(path: string): Promise<Sibling[]> {
  const directory = posix.dirname(path);
  const name = posix.basename(path);
  const stem = name.includes('.', 1) ? name.slice(0, name.lastIndexOf('.')) : name;
  const isSibling = (other: string) =>
    other !== name && other.startsWith(stem) && (other.startsWith(name) || /^[.-]\d/.test(other.slice(stem.length)));
  const siblings = await statAll(directory, (await listDirectory(directory)).filter(isSibling));
  return siblings.sort((a, b) => Number(b.stat.mtimeNs - a.stat.mtimeNs));
}

async function othersIn(path: string, known: Sibling[]): Promise<Sibling[]> {
  const directory = posix.dirname(path);
  const names = new Set([posix.basename(path), ...known.map((sibling) => posix.basename(sibling.path))]);
  return statAll(
    directory,
    (await listDirectory(directory)).filter((name) => !names.has(name)),
  );
}

async function statAll(directory: string, names: string[]): Promise<Sibling[]> {
  const siblings: Sibling[] = [];
  for (const name of names.slice(0, MOST_STATS)) {
    const path = posix.join(directory, name);
    try {
      const found = await stat(path, { bigint: true });
      if (found.isFile()) siblings.push({ path, stat: found, compressed: name.endsWith('.gz') });
    } catch {
      // Gone since it was listed, or out of reach: not what is looked for.
    }
  }
  return siblings;
}

/** Whether a file holds what was read of a generation, at the same place. */
async function holds(sibling: Sibling, generation: Generation): Promise<boolean> {
  if (!sibling.compressed && sibling.stat.size < BigInt(generation.offset)) return false;
  return (
    (await withSource(sibling, async (source) => {
      const head = Buffer.alloc(generation.head.length);
      if ((await source.read(head, 0)) < head.length || !generation.beginsLike(head)) return false;
      const tail = Buffer.alloc(generation.tail.length);
      const read = await source.read(tail, generation.offset - tail.length);
      return generation.continuesAfter(tail.subarray(0, read));
    })) ?? false
  );
}

function beginningOf(sibling: Sibling): Promise<Buffer | undefined> {
  return withSource(sibling, async (source) => {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, await source.read(head, 0));
  });
}

/** Undefined when the file cannot be read, or is another one by now (then it is no candidate). */
async function withSource<T>(sibling: Sibling, use: (source: ByteSource) => Promise<T>): Promise<T | undefined> {
  let source: ByteSource | undefined;
  try {
    if (sibling.compressed) {
      source = new GzipSource(sibling.path);
    } else {
      const file = await FileSource.open(sibling.path);
      source = file;
      if (!sameIdentity(identityOf(file.stat), identityOf(sibling.stat))) return undefined;
    }
    return await use(source);
  } catch {
    return undefined;
  } finally {
    await source?.close();
  }
}
