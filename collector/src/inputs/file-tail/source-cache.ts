import { HEAD_BYTES } from '../line-ids.js';
import type { Problems } from '../problems.js';
import { type ByteSource, FileSource, GzipSource } from './byte-source.js';
import { identityOf, sameIdentity } from './generation.js';
import type { Tracked } from './tracked.js';

const FEWEST_OPEN = 2;

/** `replaced`: the path leads to another file by now. `rewritten`: the same file, with another content. */
export type Opened = { source: ByteSource } | { changed: 'replaced' | 'rewritten' };

interface Entry {
  source: ByteSource;
  inUse: boolean;
}

/**
 * Open files, the least recently used closed first, rotated ones last (a deleted file can never be opened again). When
 * the process may open no more, the cache makes do with what it has.
 */
export class SourceCache {
  /** In order of use. */
  private readonly entries = new Map<Tracked, Entry>();
  private opening = 0;

  constructor(
    private maxOpen: number,
    private readonly problems: Problems,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  has(tracked: Tracked): boolean {
    return this.entries.has(tracked);
  }

  /**
   * The source of a generation, verified to be it, for one turn; {@link release} follows. Rejects with the errors of the file
   * system.
   */
  async acquire(tracked: Tracked): Promise<Opened> {
    const entry = this.entries.get(tracked);
    if (entry !== undefined) {
      this.entries.delete(tracked);
      this.entries.set(tracked, entry);
      entry.inUse = true;
      return entry;
    }
    this.opening++;
    try {
      while (this.entries.size + this.opening > this.maxOpen && (await this.closeOne()));
      const opened = await this.open(tracked);
      if ('source' in opened) this.entries.set(tracked, { source: opened.source, inUse: true });
      return opened;
    } finally {
      this.opening--;
    }
  }

  release(tracked: Tracked): void {
    const entry = this.entries.get(tracked);
    if (entry !== undefined) entry.inUse = false;
  }

  async drop(tracked: Tracked): Promise<void> {
    const entry = this.entries.get(tracked);
    this.entries.delete(tracked);
    await entry?.source.close();
  }

  async close(): Promise<void> {
    for (const tracked of [...this.entries.keys()]) await this.drop(tracked);
  }

  private async open(tracked: Tracked): Promise<Opened> {
    const { generation, location, role } = tracked;
    const source = location.compressed ? new GzipSource(location.path) : await this.openFile(location.path);
    try {
      if (source instanceof FileSource && role !== 'copy') {
        if (!source.stat.isFile() || !sameIdentity(identityOf(source.stat), generation.identity)) {
          await source.close();
          return { changed: 'replaced' };
        }
      }
      const head = Buffer.alloc(HEAD_BYTES);
      const length = await source.read(head, 0);
      if (generation.beginsLike(head.subarray(0, length))) {
        generation.learnEncoding(head.subarray(0, length));
        return { source };
      }
    } catch (error) {
      await source.close();
      throw error;
    }
    await source.close();
    return { changed: 'rewritten' };
  }

  private async openFile(path: string): Promise<FileSource> {
    for (;;) {
      try {
        const file = await FileSource.open(path);
        return file;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if ((code !== 'EMFILE' && code !== 'ENFILE') || !(await this.closeOne())) throw error;
        this.maxOpen = Math.max(FEWEST_OPEN, this.entries.size);
        this.problems.mention('files', 'TOO_MANY_OPEN_FILES', { open: this.maxOpen });
      }
    }
  }

  /** Answers whether there was one to close. */
  private async closeOne(): Promise<boolean> {
    let rotated: Tracked | undefined;
    for (const [tracked, { inUse }] of this.entries) {
      if (inUse) continue;
      if (tracked.role === 'current') {
        await this.drop(tracked);
        return true;
      }
      rotated ??= tracked;
    }
    if (rotated !== undefined) await this.drop(rotated);
    return rotated !== undefined;
  }
}
