import { CHUNK_WORDS, type ChunkPool } from './chunk-pool.js';

/** Records of one size, dense in chunks: the hole of a removed record is filled by the last one. */
export class Slab {
  readonly chunks: Uint32Array[] = [];
  readonly perChunk: number;
  length = 0;
  /** Where eviction looks next; it goes upwards, so a record is looked at only after all that were here before it. */
  evictAt = 0;

  constructor(
    readonly stride: number,
    readonly pool: ChunkPool,
  ) {
    this.perChunk = Math.floor(CHUNK_WORDS / stride);
  }

  words(index: number): Uint32Array {
    return this.chunks[(index / this.perChunk) | 0] as Uint32Array;
  }

  offset(index: number): number {
    return (index % this.perChunk) * this.stride;
  }

  /** Makes sure that one more record fits; false when the budget is spent. */
  reserve(): boolean {
    if (this.length < this.chunks.length * this.perChunk) return true;
    const chunk = this.pool.take();
    if (chunk) this.chunks.push(chunk);
    return chunk !== undefined;
  }

  /** The index of a new record, whose words hold anything. `reserve` must have said yes. */
  push(): number {
    this.length += 1;
    return this.length - 1;
  }

  /** Forgets the last record and returns a chunk that got empty. */
  pop(): void {
    this.length -= 1;
    if (this.length <= (this.chunks.length - 1) * this.perChunk) this.pool.give(this.chunks.pop() as Uint32Array);
  }

  clear(): void {
    for (const chunk of this.chunks.splice(0)) this.pool.give(chunk);
    this.length = 0;
    this.evictAt = 0;
  }
}
