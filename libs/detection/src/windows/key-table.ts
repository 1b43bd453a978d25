import { Buckets, NIL } from './buckets.js';
import type { ChunkPool } from './chunk-pool.js';
import { Slab } from './slab.js';

export { NIL };

/**
 * Keys with their attempts, in typed arrays. A record is
 *
 *     hash low | hash high | next in chain | attempt                    one attempt (class 0, 28 bytes)
 *     hash low | hash high | next in chain | count | attempt * 2^class  more (class 1 to 10)
 *     attempt = time (ms modulo 2^32) | id low 32 | id high 16, host 16 | who
 *
 * attempts oldest first, equal times by id. A reference is `class << 28 | index`; it is good until the next insertion
 * or removal, which may move records.
 */
const NEXT = 2;
const COUNT = 3;
export const ATTEMPT_WORDS = 4;
/** Classes 0 to 10. */
export const CLASSES = 11;
/** Attempts a key can hold. */
export const MAX_ATTEMPTS = 1 << (CLASSES - 1);

export class KeyTable {
  readonly slabs: Slab[] = [];
  /** Where `open` found a record: its words, where it and its first attempt begin, how many attempts it has. */
  words: Uint32Array = new Uint32Array(0);
  at = 0;
  first = 0;
  count = 0;
  readonly #buckets: Buckets;
  #size = 0;

  constructor(readonly pool: ChunkPool) {
    this.#buckets = new Buckets(pool);
    this.slabs.push(new Slab(3 + ATTEMPT_WORDS, pool));
    for (let cls = 1; cls < CLASSES; cls++) this.slabs.push(new Slab(4 + (ATTEMPT_WORDS << cls), pool));
  }

  get size(): number {
    return this.#size;
  }

  find(low: number, high: number): number {
    let ref = this.#buckets.head(this.#buckets.of(low));
    while (ref !== NIL) {
      const slab = this.slabs[ref >>> 28] as Slab;
      const words = slab.words(ref & 0xfffffff);
      const at = slab.offset(ref & 0xfffffff);
      if ((words[at] as number) === low >>> 0 && (words[at + 1] as number) === high >>> 0) return ref;
      ref = words[at + NEXT] as number;
    }
    return NIL;
  }

  /** Points `words`, `at`, `first` and `count` at a record. */
  open(ref: number): void {
    const cls = ref >>> 28;
    const slab = this.slabs[cls] as Slab;
    this.words = slab.words(ref & 0xfffffff);
    this.at = slab.offset(ref & 0xfffffff);
    this.first = this.at + (cls === 0 ? COUNT : COUNT + 1);
    this.count = cls === 0 ? 1 : (this.words[this.at + COUNT] as number);
  }

  /** Sets the number of attempts of the opened record, which is of a class above 0. */
  setCount(count: number): void {
    this.words[this.at + COUNT] = count;
    this.count = count;
  }

  /** A new record, opened, with room for `1 << cls` attempts that are yet to be written. The slab must have room. */
  insert(low: number, high: number, cls: number): number {
    const slab = this.slabs[cls] as Slab;
    const index = slab.push();
    const ref = ((cls << 28) | index) >>> 0;
    const words = slab.words(index);
    const at = slab.offset(index);
    const bucket = this.#buckets.of(low);
    words[at] = low;
    words[at + 1] = high;
    words[at + NEXT] = this.#buckets.head(bucket);
    if (cls > 0) words[at + COUNT] = 0;
    this.#buckets.setHead(bucket, ref);
    this.#size += 1;
    if (this.#size > this.#buckets.count) this.#divide();
    this.open(ref);
    return ref;
  }

  remove(ref: number): void {
    this.open(ref);
    const next = this.words[this.at + NEXT] as number;
    this.#repoint(this.words[this.at] as number, ref, next);
    this.#fill(ref);
    this.#size -= 1;
    for (let i = 0; i < 2 && this.#size * 2 < this.#buckets.count; i++) this.#merge();
  }

  /** Moves a record to class `cls`, which must have room, and opens it there; the attempts are moved along. */
  resize(ref: number, cls: number): number {
    this.open(ref);
    const { words, at, first, count } = this;
    const slab = this.slabs[cls] as Slab;
    const moved = ((cls << 28) | slab.push()) >>> 0;
    const to = slab.words(moved & 0xfffffff);
    const toAt = slab.offset(moved & 0xfffffff);
    to[toAt] = words[at] as number;
    to[toAt + 1] = words[at + 1] as number;
    to[toAt + NEXT] = words[at + NEXT] as number;
    to[toAt + COUNT] = count;
    for (let i = 0; i < count * ATTEMPT_WORDS; i++) to[toAt + COUNT + 1 + i] = words[first + i] as number;
    this.#repoint(words[at] as number, ref, moved);
    this.#fill(ref);
    this.open(moved);
    return moved;
  }

  clear(): void {
    for (const slab of this.slabs) slab.clear();
    this.#buckets.clear();
    this.#size = 0;
  }

  /** Chains a record that was written straight into its slab (by restoring a snapshot). */
  link(ref: number): void {
    this.open(ref);
    const bucket = this.#buckets.of(this.words[this.at] as number);
    this.words[this.at + NEXT] = this.#buckets.head(bucket);
    this.#buckets.setHead(bucket, ref);
    this.#size += 1;
    if (this.#size > this.#buckets.count) this.#divide();
  }

  /** Lets whatever points at `ref` in the chain of `hash` point at `to`. */
  #repoint(hash: number, ref: number, to: number): void {
    const bucket = this.#buckets.of(hash);
    let at = this.#buckets.head(bucket);
    if (at === ref) {
      this.#buckets.setHead(bucket, to);
      return;
    }
    for (;;) {
      const slab = this.slabs[at >>> 28] as Slab;
      const words = slab.words(at & 0xfffffff);
      const next = slab.offset(at & 0xfffffff) + NEXT;
      at = words[next] as number;
      if (at === ref) {
        words[next] = to;
        return;
      }
    }
  }

  /** Fills the place of an unlinked record with the last one of its slab. */
  #fill(ref: number): void {
    const slab = this.slabs[ref >>> 28] as Slab;
    const index = ref & 0xfffffff;
    const last = slab.length - 1;
    if (index !== last) {
      const from = slab.words(last);
      const fromAt = slab.offset(last);
      this.#repoint(from[fromAt] as number, ((ref & 0xf0000000) | last) >>> 0, ref);
      const to = slab.words(index);
      const toAt = slab.offset(index);
      const used = ref >>> 28 === 0 ? slab.stride : COUNT + 1 + (from[fromAt + COUNT] as number) * ATTEMPT_WORDS;
      for (let i = 0; i < used; i++) to[toAt + i] = from[fromAt + i] as number;
    }
    slab.pop();
  }

  /** Adds a bucket and gives it the records of one chain that belong there. */
  #divide(): void {
    const bucket = this.#buckets.grow();
    if (bucket === NIL) return;
    let ref = this.#buckets.head(bucket);
    this.#buckets.setHead(bucket, NIL);
    while (ref !== NIL) {
      const slab = this.slabs[ref >>> 28] as Slab;
      const words = slab.words(ref & 0xfffffff);
      const at = slab.offset(ref & 0xfffffff);
      const next = words[at + NEXT] as number;
      const home = this.#buckets.of(words[at] as number);
      words[at + NEXT] = this.#buckets.head(home);
      this.#buckets.setHead(home, ref);
      ref = next;
    }
  }

  /** Takes the last bucket away; its chain is appended to the one it was divided from. */
  #merge(): void {
    const target = this.#buckets.shrinkTarget();
    if (target === NIL) return;
    const moved = this.#buckets.head(this.#buckets.count - 1);
    this.#buckets.shrink();
    let ref = this.#buckets.head(target);
    if (ref === NIL) {
      this.#buckets.setHead(target, moved);
      return;
    }
    for (;;) {
      const slab = this.slabs[ref >>> 28] as Slab;
      const words = slab.words(ref & 0xfffffff);
      const next = slab.offset(ref & 0xfffffff) + NEXT;
      ref = words[next] as number;
      if (ref === NIL) {
        words[next] = moved;
        return;
      }
    }
  }
}
