import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SnapshotPart } from '@fleetwall/detection';

/** A snapshot that is there, to be loaded if its offset suits. */
export interface SnapshotOffer {
  /** Offset of the first observation that is not in it. */
  offset: number;
  /** Undefined when it turns out to be damaged. */
  load(): Promise<SnapshotPart[] | undefined>;
}

/** Where snapshots of windows are kept. */
export interface SnapshotStore {
  /** Answers its size in bytes. Takes the parts one by one, so that other work goes on between them. */
  save(partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<number>;
  newestFirst(partition: number): AsyncIterable<SnapshotOffer>;
  /** The partition goes to another instance, after its last `save`. */
  release(partition: number): Promise<void>;
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

  async save(partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<number> {
    return this.#write(partition, offset, (file) => writeParts(file, parts));
  }

  /** Files away a snapshot that was read elsewhere; `bytes` are those of such a file. */
  async adopt(partition: number, offset: number, bytes: Buffer): Promise<void> {
    await this.#write(partition, offset, (file) => file.appendFile(bytes));
  }

  async release(): Promise<void> {}

  pathOf(partition: number, offset: number): string {
    return join(this.#directory, `windows-${partition}-${String(offset).padStart(16, '0')}.snapshot`);
  }

  async #write(partition: number, offset: number, fill: (file: FileHandle) => Promise<void>): Promise<number> {
    await mkdir(this.#directory, { recursive: true });
    // One draft for all offsets, so that what a crash left of one is written over.
    const draft = join(this.#directory, `windows-${partition}.draft`);
    try {
      const bytes = await writeDraft(draft, fill);
      await rename(draft, this.pathOf(partition, offset));
      for (const old of (await this.#files(partition)).slice(KEPT)) await rm(join(this.#directory, old.name));
      return bytes;
    } catch (error) {
      // Where the disk is full, it must not stay so because of this.
      await rm(draft, { force: true });
      throw error;
    }
  }

  async *newestFirst(partition: number): AsyncGenerator<SnapshotOffer> {
    for (const { name, offset } of await this.#files(partition)) {
      yield { offset, load: () => this.#load(join(this.#directory, name)) };
    }
  }

  async #load(path: string): Promise<SnapshotPart[] | undefined> {
    try {
      const parts = partsOf(await readFile(path));
      if (!parts) this.#onPassedOver(`${path} is damaged or of another version: passed over`);
      return parts;
    } catch (error) {
      this.#onPassedOver(`${path} cannot be read: ${(error as Error).message}`);
      return undefined;
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

async function writeDraft(path: string, fill: (file: FileHandle) => Promise<void>): Promise<number> {
  const file = await open(path, 'w');
  try {
    await fill(file);
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function writeParts(file: FileHandle, parts: Iterable<SnapshotPart>): Promise<void> {
  await file.appendFile(MAGIC);
  for (const { name, bytes } of parts) {
    await file.appendFile(`${JSON.stringify(name)} ${bytes.length} ${crc32(bytes)}\n`);
    await file.appendFile(bytes);
  }
  await file.appendFile('end\n');
}

/** Undefined when the file is not whole. */
export function partsOf(file: Buffer): SnapshotPart[] | undefined {
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
