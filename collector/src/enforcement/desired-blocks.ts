import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DesiredBlock } from '@fleetwall/core';
import type { BlocksPosition, BlockUpdate } from '@fleetwall/protocol';

interface StoredBlocks {
  version: 1;
  epoch?: string;
  revision: number;
  blocks: DesiredBlock[];
}

/** What the centre wants blocked on this host, kept on disk so that it is enforced across restarts and without the centre. */
export class DesiredBlocks {
  readonly #path: string;
  readonly #blocks = new Map<string, DesiredBlock>();
  #position: BlocksPosition = { revision: 0 };

  constructor(path: string) {
    this.#path = path;
  }

  /** How far the centre's blocks are known here. */
  get position(): BlocksPosition {
    return this.#position;
  }

  get revision(): number {
    return this.#position.revision;
  }

  get size(): number {
    return this.#blocks.size;
  }

  all(): Iterable<DesiredBlock> {
    return this.#blocks.values();
  }

  update(update: BlockUpdate): void {
    if (update.type === 'snapshot') {
      this.#blocks.clear();
      for (const block of update.blocks) this.#blocks.set(block.id, block);
    } else {
      for (const block of update.add) this.#blocks.set(block.id, block);
      for (const id of update.remove) this.#blocks.delete(id);
    }
    const { epoch, revision } = update;
    this.#position = { ...(epoch !== undefined && { epoch }), revision };
  }

  /** Drops what is over; answers the ids. */
  expire(nowMs: number): string[] {
    const expired = [...this.#blocks.values()].filter(({ untilMs }) => untilMs <= nowMs).map(({ id }) => id);
    for (const id of expired) this.#blocks.delete(id);
    return expired;
  }

  /** Answers false when there was nothing usable; the centre's snapshot will come. */
  async load(): Promise<boolean> {
    try {
      const stored = JSON.parse(await readFile(this.#path, 'utf8')) as StoredBlocks;
      if (stored.version !== 1) return false;
      const { epoch, revision, blocks } = stored;
      this.update({ type: 'snapshot', ...(epoch !== undefined && { epoch }), revision, blocks });
      return true;
    } catch {
      return false;
    }
  }

  async save(): Promise<void> {
    const stored: StoredBlocks = { version: 1, ...this.#position, blocks: [...this.#blocks.values()] };
    await mkdir(dirname(this.#path), { recursive: true });
    const file = await open(`${this.#path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(stored));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.#path}.new`, this.#path);
  }
}
