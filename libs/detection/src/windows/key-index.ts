import { CHUNK_WORDS, type ChunkPool } from './chunk-pool.js';

/** No record. */
export const NIL = 0xffffffff;
const SLOTS = 512;
/** `slot & LAST` wraps around. */
const LAST = SLOTS - 1;
const PAGE_WORDS = SLOTS * 2;
const PAGES_PER_CHUNK = Math.floor(CHUNK_WORDS / PAGE_WORDS);
/** A page with more is split, two buddies with together no more than `MERGE_USED` become one. */
const MAX_USED = 440;
const MERGE_USED = 300;

/**
 * From hash to record reference by extendible hashing (R. Fagin et al., TODS 4:3, 1979): a directory by the low bits of
 * the hash leads to pages of 4 KiB, so that growing costs one page split and finding one access to memory.
 *
 * A page is 512 slots of (reference or NIL, hash), probed linearly from the top 9 bits of the hash on. The page of prefix
 * p and depth d has all hashes whose low d bits are p.
 */
export class KeyIndex {
  readonly #pool: ChunkPool;
  readonly #chunks: Uint32Array[] = [];
  readonly #depths: number[] = [];
  readonly #prefixes: number[] = [];
  readonly #used: number[] = [];
  #directory = new Uint32Array(1);
  #mask = 0;
  /** Where the last `seek` or `next` ended. */
  #words: Uint32Array = new Uint32Array(0);
  #base = 0;
  #slot = 0;
  #page = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.clear();
  }

  /** The first reference under this hash (unsigned), or NIL. */
  seek(hash: number): number {
    this.#page = this.#directory[hash & this.#mask] as number;
    this.#words = this.#chunks[(this.#page / PAGES_PER_CHUNK) | 0] as Uint32Array;
    this.#base = (this.#page % PAGES_PER_CHUNK) * PAGE_WORDS;
    this.#slot = hash >>> 23;
    return this.#probe(hash);
  }

  /** The next one under the same hash. */
  next(hash: number): number {
    this.#slot = (this.#slot + 1) & LAST;
    return this.#probe(hash);
  }

  /** Makes sure that a reference under this hash fits; false when the budget is spent. */
  reserve(hash: number): boolean {
    for (;;) {
      const page = this.#directory[hash & this.#mask] as number;
      if ((this.#used[page] as number) < MAX_USED) return true;
      if (!this.#split(page)) return false;
    }
  }

  /** `reserve` must have said yes. */
  insert(hash: number, ref: number): void {
    const page = this.#directory[hash & this.#mask] as number;
    this.#place(page, hash, ref);
    (this.#used[page] as number) += 1;
  }

  /** Lets the hash lead to `to` instead of `ref`, which must be there. */
  replace(hash: number, ref: number, to: number): void {
    for (let found = this.seek(hash); found !== ref; ) found = this.next(hash);
    this.#words[this.#base + this.#slot * 2] = to;
  }

  /** The reference must be there. */
  remove(hash: number, ref: number): void {
    for (let found = this.seek(hash); found !== ref; ) found = this.next(hash);
    const words = this.#words;
    const base = this.#base;
    let hole = this.#slot;
    // What comes after the hole moves into it, unless its own place is behind the hole.
    for (let at = (hole + 1) & LAST; words[base + at * 2] !== NIL; at = (at + 1) & LAST) {
      const home = (words[base + at * 2 + 1] as number) >>> 23;
      if (((at - home) & LAST) < ((at - hole) & LAST)) continue;
      words[base + hole * 2] = words[base + at * 2] as number;
      words[base + hole * 2 + 1] = words[base + at * 2 + 1] as number;
      hole = at;
    }
    words[base + hole * 2] = NIL;
    const used = (this.#used[this.#page] as number) - 1;
    this.#used[this.#page] = used;
    if (used < MERGE_USED / 3) this.#merge(this.#page);
  }

  clear(): void {
    for (const chunk of this.#chunks.splice(0)) this.#pool.give(chunk);
    for (const list of [this.#depths, this.#prefixes, this.#used]) list.length = 0;
    this.#directory = new Uint32Array(1);
    this.#mask = 0;
    this.#addPage(0, 0);
  }

  #probe(hash: number): number {
    const words = this.#words;
    for (let slot = this.#slot; ; slot = (slot + 1) & LAST) {
      const ref = words[this.#base + slot * 2] as number;
      if (ref !== NIL && words[this.#base + slot * 2 + 1] !== hash) continue;
      this.#slot = slot;
      return ref;
    }
  }

  #place(page: number, hash: number, ref: number): void {
    const words = this.#chunks[(page / PAGES_PER_CHUNK) | 0] as Uint32Array;
    const base = (page % PAGES_PER_CHUNK) * PAGE_WORDS;
    let slot = hash >>> 23;
    while (words[base + slot * 2] !== NIL) slot = (slot + 1) & LAST;
    words[base + slot * 2] = ref;
    words[base + slot * 2 + 1] = hash;
  }

  #pageWords(page: number): Uint32Array {
    const base = (page % PAGES_PER_CHUNK) * PAGE_WORDS;
    return (this.#chunks[(page / PAGES_PER_CHUNK) | 0] as Uint32Array).subarray(base, base + PAGE_WORDS);
  }

  /** Adds an empty page; false when the budget is spent. */
  #addPage(prefix: number, depth: number): boolean {
    const page = this.#used.length;
    if (page === this.#chunks.length * PAGES_PER_CHUNK) {
      const chunk = this.#pool.take();
      if (!chunk) return false;
      this.#chunks.push(chunk);
    }
    this.#used.push(0);
    this.#prefixes.push(prefix);
    this.#depths.push(depth);
    this.#pageWords(page).fill(NIL);
    return true;
  }

  #split(page: number): boolean {
    const depth = this.#depths[page] as number;
    const prefix = (this.#prefixes[page] as number) + 2 ** depth;
    const added = this.#used.length;
    if (!this.#addPage(prefix, depth + 1)) return false;
    if (2 ** depth > this.#mask) this.#doubleDirectory();
    this.#depths[page] = depth + 1;
    this.#point(added);
    this.#distribute(page);
    return true;
  }

  /** Puts each entry of a page where the directory now wants it. */
  #distribute(page: number): void {
    const words = this.#pageWords(page);
    const entries = words.slice();
    words.fill(NIL);
    this.#used[page] = 0;
    for (let at = 0; at < PAGE_WORDS; at += 2) {
      if (entries[at] !== NIL) this.insert(entries[at + 1] as number, entries[at] as number);
    }
  }

  #doubleDirectory(): void {
    const doubled = new Uint32Array(this.#directory.length * 2);
    doubled.set(this.#directory);
    doubled.set(this.#directory, this.#directory.length);
    this.#directory = doubled;
    this.#mask = doubled.length - 1;
  }

  /** Lets the directory lead to this page wherever it should. */
  #point(page: number): void {
    const step = 2 ** (this.#depths[page] as number);
    for (let at = this.#prefixes[page] as number; at < this.#directory.length; at += step) this.#directory[at] = page;
  }

  /** Joins a page with its buddy if both fit in one, and fills its place with the last page. */
  #merge(page: number): void {
    const depth = this.#depths[page] as number;
    if (depth === 0) return;
    const half = 2 ** (depth - 1);
    const buddy = this.#directory[(this.#prefixes[page] as number) ^ half] as number;
    const fits = (this.#used[page] as number) + (this.#used[buddy] as number) <= MERGE_USED;
    if (this.#depths[buddy] !== depth || !fits) return;
    this.#depths[buddy] = depth - 1;
    this.#prefixes[buddy] = (this.#prefixes[buddy] as number) & (half - 1);
    this.#point(buddy);
    this.#distribute(page);
    const last = this.#used.length - 1;
    if (page !== last) {
      this.#pageWords(page).set(this.#pageWords(last));
      for (const list of [this.#depths, this.#prefixes, this.#used]) list[page] = list[last] as number;
      this.#point(page);
    }
    for (const list of [this.#depths, this.#prefixes, this.#used]) list.pop();
    if (last <= (this.#chunks.length - 1) * PAGES_PER_CHUNK) this.#pool.give(this.#chunks.pop() as Uint32Array);
  }
}
