import type { DesiredBlock } from '@fleetwall/core';
import type { SnapshotPart } from '@fleetwall/protocol';

const BLOCKS_PER_PART = 1_000;
/** The encoded base is made anew when more than this, and an eighth of the blocks, changed since. */
const MIN_CHANGES = 256;

/**
 * The desired blocks of one scope, and their encoding as parts of a snapshot, which all collectors of the scope share: a
 * base that is kept, and behind it what changed since. So a fleet that reconnects costs no encoding per collector.
 */
export class BlockGroup {
  /** By key of the record. */
  readonly #blocks = new Map<string, DesiredBlock>();
  #base: Buffer[] | undefined;
  #patch: Buffer[] | undefined;
  /** By id, since the base; undefined: removed. */
  readonly #changed = new Map<string, DesiredBlock | undefined>();

  get size(): number {
    return this.#blocks.size;
  }

  /** Those that are not over. */
  wanted(nowMs: number): DesiredBlock[] {
    return [...this.#blocks.values()].filter(({ untilMs }) => untilMs > nowMs);
  }

  get(key: string): DesiredBlock | undefined {
    return this.#blocks.get(key);
  }

  set(key: string, block: DesiredBlock): void {
    const known = this.#blocks.get(key);
    if (known && known.id !== block.id) this.#touch(known.id, undefined);
    this.#blocks.set(key, block);
    this.#touch(block.id, block);
  }

  delete(key: string): void {
    const known = this.#blocks.get(key);
    if (!known) return;
    this.#blocks.delete(key);
    this.#touch(known.id, undefined);
  }

  /** Encoded `snapshot.part` messages; applied in order they make exactly {@link size} blocks. */
  parts(nowMs: number): readonly Buffer[] {
    if (!this.#base || this.#changed.size > MIN_CHANGES + this.#blocks.size / 8) this.#rebuild(nowMs);
    const add = [...this.#changed.values()].filter((block) => block !== undefined);
    const remove = [...this.#changed].flatMap(([id, block]) => (block ? [] : [id]));
    this.#patch ??= encodeParts(add, remove);
    return [...(this.#base as Buffer[]), ...this.#patch];
  }

  /** What is over needs no word to the collectors: their copies end by themselves. */
  #rebuild(nowMs: number): void {
    for (const [key, { untilMs }] of this.#blocks) if (untilMs <= nowMs) this.#blocks.delete(key);
    this.#base = encodeParts([...this.#blocks.values()], []);
    this.#changed.clear();
    this.#patch = undefined;
  }

  #touch(id: string, block: DesiredBlock | undefined): void {
    if (!this.#base) return;
    this.#changed.set(id, block);
    this.#patch = undefined;
  }
}

function encodeParts(add: readonly DesiredBlock[], remove: readonly string[]): Buffer[] {
  return inParts(add, remove).map((part) => {
    const message: SnapshotPart = { type: 'snapshot.part', ...part };
    return Buffer.from(JSON.stringify(message));
  });
}

/** Removals first within each part; no id is in both lists. */
export function inParts(
  add: readonly DesiredBlock[],
  remove: readonly string[],
): { add: DesiredBlock[]; remove: string[] }[] {
  const parts: { add: DesiredBlock[]; remove: string[] }[] = [];
  for (let at = 0; at < Math.max(add.length, remove.length); at += BLOCKS_PER_PART) {
    parts.push({ add: add.slice(at, at + BLOCKS_PER_PART), remove: remove.slice(at, at + BLOCKS_PER_PART) });
  }
  return parts;
}
