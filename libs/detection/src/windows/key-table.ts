import type { ChunkPool } from './chunk-pool.js';
import { KeyIndex, NIL } from './key-index.js';
import { Slab } from './slab.js';

export { NIL };

/**
 * Keys with their attempts, in typed arrays. A record is
 *
 *     hash low | hash high | attempt                    one attempt (class 0, 24 bytes)
 *     hash low | hash high | count | attempt * 2^class  more (class 1 to 13)
 *     attempt = time (ms modulo 2^32) | id low 32 | id high 16, host 16 | who
 *
 * attempts oldest first, equal times by id. A reference is `class << 28 | index`; it is good until the next insertion
 * or removal, which may move records.
 */
const HASH_WORDS = 2;
export const ATTEMPT_WORDS = 4;
/** Classes 0 to 13. */
export const CLASSES = 14;
/** Attempts a key can hold. */
export const MAX_ATTEMPTS = 1 << (CLASSES - 1);

export class KeyTable {
  readonly slabs: Slab[] = [];
  /** Where `open` found a record: its words, where it and its first attempt begin, how many attempts it has. */
  words: Uint32Array = new Uint32Array(0);
  at = 0;
  first = 0;
  count = 0;
  readonly #index: KeyIndex;
  #size = 0;

  constructor(readonly pool: ChunkPool) {
    this.#index = new KeyIndex(pool);
    this.slabs.push(new Slab(HASH_WORDS + ATTEMPT_WORDS, pool));
    for (let cls = 1; cls < CLASSES; cls++) this.slabs.push(new Slab(HASH_WORDS + 1 + (ATTEMPT_WORDS << cls), pool));
  }

  get size(): number {
    return this.#size;
  }

  find(low: number, high: number): number {
    const hash = low >>> 0;
    let ref = this.#index.seek(hash);
    while (ref !== NIL) {
      const slab = this.slabs[ref >>> 28] as Slab;
      const index = ref & 0xfffffff;
      if (slab.words(index)[slab.offset(index) + 1] === high >>> 0) return ref;
      ref = this.#index.next(hash);
    }
    return NIL;
  }

  /** Makes sure that a record of this class fits under this hash; false when the budget is spent. */
  reserve(cls: number, low: number): boolean {
    return (this.slabs[cls] as Slab).reserve() && this.#index.reserve(low >>> 0);
  }

  /** Points `words`, `at`, `first` and `count` at a record. */
  open(ref: number): void {
    const cls = ref >>> 28;
    const slab = this.slabs[cls] as Slab;
    const words = slab.words(ref & 0xfffffff);
    const at = slab.offset(ref & 0xfffffff);
    this.words = words;
    this.at = at;
    this.first = at + (cls === 0 ? HASH_WORDS : HASH_WORDS + 1);
    this.count = cls === 0 ? 1 : (words[at + HASH_WORDS] as number);
  }

  /** Sets the number of attempts of the opened record, which is of a class above 0. */
  setCount(count: number): void {
    this.words[this.at + HASH_WORDS] = count;
    this.count = count;
  }

  /** A new record, opened, with room for `1 << cls` attempts that are yet to be written. `reserve` must have said yes. */
  insert(low: number, high: number, cls: number): number {
    const ref = ((cls << 28) | (this.slabs[cls] as Slab).push()) >>> 0;
    this.open(ref);
    this.words[this.at] = low;
    this.words[this.at + 1] = high;
    if (cls > 0) this.setCount(0);
    this.#index.insert(low >>> 0, ref);
    this.#size += 1;
    return ref;
  }

  remove(ref: number): void {
    this.open(ref);
    this.#index.remove(this.words[this.at] as number, ref);
    this.#fill(ref);
    this.#size -= 1;
  }

  /** Moves a record to class `cls`, which must have room, and opens it there; the attempts are moved along. */
  resize(ref: number, cls: number): number {
    this.open(ref);
    const { words, at, first, count } = this;
    const moved = ((cls << 28) | (this.slabs[cls] as Slab).push()) >>> 0;
    this.open(moved);
    this.words[this.at] = words[at] as number;
    this.words[this.at + 1] = words[at + 1] as number;
    this.setCount(count);
    for (let i = 0; i < count * ATTEMPT_WORDS; i++) this.words[this.first + i] = words[first + i] as number;
    this.#index.replace(words[at] as number, ref, moved);
    this.#fill(ref);
    return moved;
  }

  clear(): void {
    for (const slab of this.slabs) slab.clear();
    this.#index.clear();
    this.#size = 0;
  }

  /** Takes in a record written straight into its slab (by restoring a snapshot), and opens it. */
  link(ref: number): void {
    this.open(ref);
    this.#index.insert(this.words[this.at] as number, ref);
    this.#size += 1;
  }

  /** Fills the place of a record that nothing leads to any more with the last one of its slab. */
  #fill(ref: number): void {
    const slab = this.slabs[ref >>> 28] as Slab;
    const index = ref & 0xfffffff;
    const last = slab.length - 1;
    if (index !== last) {
      const from = slab.words(last);
      const fromAt = slab.offset(last);
      this.#index.replace(from[fromAt] as number, ((ref & 0xf0000000) | last) >>> 0, ref);
      const to = slab.words(index);
      const toAt = slab.offset(index);
      const count = from[fromAt + HASH_WORDS] as number;
      const used = ref >>> 28 === 0 ? slab.stride : HASH_WORDS + 1 + count * ATTEMPT_WORDS;
      for (let i = 0; i < used; i++) to[toAt + i] = from[fromAt + i] as number;
    }
    slab.pop();
  }
}
