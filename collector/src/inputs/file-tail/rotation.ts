import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { HEAD_BYTES } from '../line-ids.js';
import { type ByteSource, FileSource, GzipSource } from './byte-source.js';
import { type Generation, type Head, headOf, identityOf, sameIdentity } from './generation.js';
import type { Location } from './tracked.js';

/** File times come from a clock that ticks every few milliseconds, and so may lie behind ours. */
const FILE_CLOCK_SLACK_MS = 50;
const MOST_STATS = 5_000;

interface Sibling extends Location {
  stat: BigIntStats;
}

/** A rotated file found again: `sameFile` renamed, else a copy or its compressed form. */
export interface Found extends Location {
  sameFile: boolean;
}

/**
 * Looks beside the configured path for what became of a generation: first the file itself under another name, then a copy or a
 * compressed copy, known by the beginning and by the bytes before the offset. Rejects when the directory cannot be read.
 */
export async function findGeneration(generation: Generation): Promise<Found | undefined> {
  const siblings = await siblingsOf(generation.path);
  const isIt = ({ stat }: Sibling) => sameIdentity(identityOf(stat), generation.identity);
  const renamed = siblings.find(isIt) ?? (await othersIn(generation.path, siblings)).find(isIt);
  if (renamed !== undefined && (await holds(renamed, generation))) return { ...renamed, sameFile: true };
  if (generation.head.length === 0) return undefined;
  for (const sibling of siblings) {
    if (sibling !== renamed && (await holds(sibling, generation))) return { ...sibling, sameFile: false };
  }
  return undefined;
}

/** A rotated file that was written and rotated without ever having been seen at its first path. */
export interface Missed extends Location {
  stat: BigIntStats;
}

/**
 * Rotated files of a path, oldest first, that were written after the end of `last` was reached and are none of
 * `known`: while the collector was down, or slow, the log was rotated more than once.
 */
export async function findMissed(last: Generation, known: Generation[], found: Location[]): Promise<Missed[]> {
  const heads = new Set([...known, last].flatMap(({ head, previous }) => [head, ...previous]).map(nameOfHead));
  const missed: Missed[] = [];
  for (const sibling of await siblingsOf(last.path)) {
    const identity = identityOf(sibling.stat);
    const isKnown =
      sibling.stat.size === 0n ||
      Number(sibling.stat.mtimeMs) < last.endReachedMs - FILE_CLOCK_SLACK_MS ||
      identity.birth < last.identity.birth ||
      found.some(({ path }) => path === sibling.path) ||
      [...known, last].some((generation) => sameIdentity(generation.identity, identity));
    if (isKnown) continue;
    const beginning = await beginningOf(sibling);
    if (beginning === undefined) continue;
    const lengths = new Set([...known, last].flatMap(({ head, previous }) => [head, ...previous]).map((h) => h.length));
    if ([...lengths].some((length) => length > 0 && heads.has(nameOfHead(headOf(beginning.subarray(0, length))))))
      continue;
    missed.push(sibling);
  }
  return missed.sort((a, b) => Number(a.stat.mtimeNs - b.stat.mtimeNs));
}

function nameOfHead({ length, hash }: Head): string {
  return `${length} ${hash}`;
}

/** Files that rotation could have made of `path` (`auth.log.1`, `auth-20261122.log.gz` …), the newest first. */
async function siblingsOf(path: string): Promise<Sibling[]> {
  const directory = posix.dirname(path);
  const name = posix.basename(path);
  const stem = name.includes('.', 1) ? name.slice(0, name.lastIndexOf('.')) : name;
  const isSibling = (other: string) =>
    other !== name &&
    other.startsWith(stem) &&
    (other.startsWith(`${name}`) || /^[.-]\d/.test(other.slice(stem.length)));
  const siblings = await statAll(directory, (await readdir(directory)).filter(isSibling));
  return siblings.sort((a, b) => Number(b.stat.mtimeNs - a.stat.mtimeNs));
}

async function othersIn(path: string, known: Sibling[]): Promise<Sibling[]> {
  const directory = posix.dirname(path);
  const names = new Set([posix.basename(path), ...known.map((sibling) => posix.basename(sibling.path))]);
  return statAll(
    directory,
    (await readdir(directory)).filter((name) => !names.has(name)),
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

/** Undefined when the file cannot be read (then it is no candidate). */
async function withSource<T>(sibling: Sibling, use: (source: ByteSource) => Promise<T>): Promise<T | undefined> {
  let source: ByteSource | undefined;
  try {
    source = sibling.compressed ? new GzipSource(sibling.path) : await FileSource.open(sibling.path);
    return await use(source);
  } catch {
    return undefined;
  } finally {
    await source?.close();
  }
}
