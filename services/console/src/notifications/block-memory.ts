import { type Block, isNewerBlock } from '@fleetwall/core';
import type { BlockNews } from './news.js';

/** What {@link isNewerBlock} and the next record need. */
type KnownBlock = Pick<Block, 'version' | 'term' | 'state' | 'atMs'>;

/**
 * The blocks of the compacted topic, read from its beginning: which record brings one into force, and which ends it. What
 * extends a block or adds a reason is no news.
 */
export class BlockMemory {
  readonly #known = new Map<string, KnownBlock>();

  /** @param key of the record */
  take(key: string, block: Block): BlockNews['kind'] | undefined {
    const { version, term, state, atMs } = block;
    const before = this.#known.get(key);
    if (!isNewerBlock(block, before as Block | undefined)) return undefined;
    this.#known.set(key, { version, state, atMs, ...(term === undefined ? {} : { term }) });
    const wasOn = before !== undefined && isOn(before) && before.atMs === atMs;
    if (isOn(block)) return wasOn ? undefined : 'block';
    if (state === 'held' || state === 'too-late') return undefined;
    // Compaction may have taken the record that brought it into force; then its history knows.
    const isOver = wasOn || (before === undefined && block.history.at(-1)?.atMs === atMs);
    return isOver ? 'block-ended' : undefined;
  }

  /** The response service has forgotten it. */
  forget(key: string): void {
    this.#known.delete(key);
  }
}

function isOn({ state }: KnownBlock): boolean {
  return state === 'active' || state === 'dry-run';
}
