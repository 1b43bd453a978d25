import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SnapshotPart } from '@fleetwall/detection';

export interface Snapshot {
  /** Offset of the first observation that is not in it. */
  offset: number;
  parts: SnapshotPart[];
}

/** Where snapshots of windows are kept. */
export interface SnapshotStore {
  save(partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<void>;
  /** Whole ones only; damaged ones are passed over. */
  newestFirst(partition: number): AsyncIterable<Snapshot>;
}

const MAGIC = 'fleetwall windows 1\n';
const KEPT = 2;

/**
 * Snapshots as files `windows-<partition>-<offset>.snapshot`: the magic line, then for each part a header line
 * `<name as JSON> <bytes> <crc32>\n` and the bytes, then `end\n`. Written aside, synced and renamed, so that a name
 * stands for a whole file unless the disk fails; the checksums tell when it does.
 */
export class FileSnapshotStore implements SnapshotStore {
  readonly #directory: string;
  readonly #onPassedOver: (text: string) => void;

  /** @param onPassedOver told of files that cannot be used */
  constructor(directory: string, onPassedOver: (text: string) => void = () => {}) {
    this.#directory = directory;
    this.#onPassedOver = onPassedOver;
  }

  async save(partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `windows-${partition}-${String(offset).padStart(16, '0')}.snapshot`);
    // One draft for all offsets, so that what a crash left of one is written over.
    const draft = join(this.#directory, `windows-${partition}.draft`);
    try {
      await writeDraft(draft, parts);
      await rename(draft, path);
    } catch (error) {
      // Where the disk is full, it must not stay so because of this.
      await rm(draft, { force: true });
      throw error;
    }
    for (const old of (await this.#files(partition)).slice(KEPT)) await rm(join(this.#directory, old.name));
  }

  async *newestFirst(partition: number): AsyncGenerator<Snapshot> {
    for (const { name, offset } of await this.#files(partition)) {
      const path = join(this.#directory, name);
      try {
        const parts = partsOf(await readFile(path));
        if (parts) yield { offset, parts };
        else this.#onPassedOver(`${path} is damaged or of another version: passed over`);
      } catch (error) {
        this.#onPassedOver(`${path} cannot be read: ${(error as Error).message}`);
      }
    }
  }

  async #files(partition: number): Promise<{ name: string; offset: number }[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const pattern = new RegExp(`^windows-${partition}-(\\d{16})\\.snapshot$`);
    return names
      .flatMap((name) => {
        const match = pattern.exec(name);
        return match ? [{ name, offset: Number(match[1]) }] : [];
      })
      .sort((a, b) => b.offset - a.offset);
  }
}

async function writeDraft(path: string, parts: Iterable<SnapshotPart>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.appendFile(MAGIC);
    for (const { name, bytes } of parts) {
      await file.appendFile(`${JSON.stringify(name)} ${bytes.length} ${crc32(bytes)}\n`);
      await file.appendFile(bytes);
    }
    await file.appendFile('end\n');
    await file.sync();
  } finally {
    await file.close();
  }
}

function partsOf(file: Buffer): SnapshotPart[] | undefined {
  if (file.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return undefined;
  const parts: SnapshotPart[] = [];
  let at = MAGIC.length;
  for (;;) {
    const end = file.indexOf(10, at);
    const header = file.toString('utf8', at, end);
    if (header === 'end') return parts;
    const match = /^("(?:[^"\\]|\\.)*") (\d+) (\d+)$/.exec(header);
    if (end < 0 || !match) return undefined;
    const bytes = file.subarray(end + 1, end + 1 + Number(match[2]));
    if (bytes.length !== Number(match[2]) || crc32(bytes) !== Number(match[3])) return undefined;
    parts.push({ name: JSON.parse(match[1] as string) as string, bytes });
    at = end + 1 + bytes.length;
  }
}
