import { CHUNK_WORDS, type ChunkPool } from './chunk-pool.js';

/** No record. */
export const NIL = 0xffffffff;
const MIN_BUCKETS = 1024;

/**
 * The chain heads of a linear hash table (W. Litwin, VLDB 1980): it grows and shrinks by one bucket at a time, so no
 * single insertion ever moves more than one chain.
 *
 * Buckets 0 to `count - 1` exist. `#mask` covers the last full doubling; buckets below `#split` are already divided by
 * one bit more.
 */
export class Buckets {
  readonly #pool: ChunkPool;
  readonly #chunks: Uint32Array[] = [];
  #mask = MIN_BUCKETS - 1;
  #split = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.clear();
  }

  get count(): number {
    return this.#mask + 1 + this.#split;
  }

  /** The bucket of a hash. */
  of(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#split ? hash & (this.#mask * 2 + 1) : bucket;
  }

  head(bucket: number): number {
    return (this.#chunks[(bucket / CHUNK_WORDS) | 0] as Uint32Array)[bucket % CHUNK_WORDS] as number;
  }

  setHead(bucket: number, ref: number): void {
    (this.#chunks[(bucket / CHUNK_WORDS) | 0] as Uint32Array)[bucket % CHUNK_WORDS] = ref;
  }

  /** Adds a bucket at the end, empty; answers the one to divide with it, or NIL when the budget is spent. */
  grow(): number {
    const added = this.count;
    if (added === this.#chunks.length * CHUNK_WORDS) {
      const chunk = this.#pool.take();
      if (!chunk) return NIL;
      this.#chunks.push(chunk);
    }
    this.setHead(added, NIL);
    const divided = this.#split;
    this.#split += 1;
    if (this.#split > this.#mask) {
      this.#mask = this.#mask * 2 + 1;
      this.#split = 0;
    }
    return divided;
  }

  /** Answers the bucket that must take over the chain of the last one, or NIL at the smallest size. */
  shrinkTarget(): number {
    if (this.count <= MIN_BUCKETS) return NIL;
    return this.#split > 0 ? this.#split - 1 : this.#mask >>> 1;
  }

  /** Drops the last bucket, whose chain was taken over. */
  shrink(): void {
    if (this.#split === 0) {
      this.#mask >>>= 1;
      this.#split = this.#mask;
    } else {
      this.#split -= 1;
    }
    if (this.count <= (this.#chunks.length - 1) * CHUNK_WORDS) this.#pool.give(this.#chunks.pop() as Uint32Array);
  }

  clear(): void {
    for (const chunk of this.#chunks.splice(0)) this.#pool.give(chunk);
    this.#mask = MIN_BUCKETS - 1;
    this.#split = 0;
    const first = this.#pool.take() as Uint32Array;
    first.fill(NIL);
    this.#chunks.push(first);
  }
}
