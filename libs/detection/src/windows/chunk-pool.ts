/** Words of 32 bits in one chunk: 224 KiB. */
export const CHUNK_WORDS = 57_344;
const CHUNK_BYTES = CHUNK_WORDS * 4;
const MIN_CHUNKS = 20;
const MAX_SPARE = 32;

/**
 * Hands out memory in chunks of one size, so that what one kind of record no longer needs serves another, and the whole
 * stays within its budget (at least 20 chunks, 4.4 MiB). Contents are not cleared.
 */
export class ChunkPool {
  readonly #maxChunks: number;
  readonly #spare: Uint32Array[] = [];
  #used = 0;

  constructor(maxBytes: number) {
    this.#maxChunks = Math.max(MIN_CHUNKS, Math.floor(maxBytes / CHUNK_BYTES));
  }

  get bytes(): number {
    return (this.#used + this.#spare.length) * CHUNK_BYTES;
  }

  get chunks(): number {
    return this.#used;
  }

  /** `undefined` when the budget is spent. */
  take(): Uint32Array | undefined {
    if (this.#used >= this.#maxChunks) return undefined;
    this.#used += 1;
    return this.#spare.pop() ?? new Uint32Array(CHUNK_WORDS);
  }

  give(chunk: Uint32Array): void {
    this.#used -= 1;
    if (this.#spare.length < MAX_SPARE) this.#spare.push(chunk);
  }
}
