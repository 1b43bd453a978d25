const BLOCK_BYTES = 1 << 18;

/**
 * Values that are needed once more, at the end, kept as JSON in blocks of bytes: a tenth of the memory of objects, and
 * nothing that the garbage collector would go through again and again.
 */
export class Shelf<T> {
  readonly #blocks: Buffer[] = [];
  #used = BLOCK_BYTES;
  /** Where each value is: block and offset in one number, then its length. */
  readonly #places: number[] = [];

  get size(): number {
    return this.#places.length / 2;
  }

  /** Answers the number to ask for it by, which counts from 0. */
  add(value: T): number {
    const text = JSON.stringify(value);
    const length = Buffer.byteLength(text);
    if (this.#used + length > BLOCK_BYTES) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    (this.#blocks[block] as Buffer).write(text, this.#used);
    this.#places.push(block * BLOCK_BYTES + this.#used, length);
    this.#used = Math.min(BLOCK_BYTES, this.#used + length);
    return this.size - 1;
  }

  get(index: number): T {
    const place = this.#places[index * 2] as number;
    const length = this.#places[index * 2 + 1] as number;
    const start = place % BLOCK_BYTES;
    const block = this.#blocks[(place - start) / BLOCK_BYTES] as Buffer;
    return JSON.parse(block.toString('utf8', start, start + length)) as T;
  }

  *values(): Generator<T> {
    for (let index = 0; index < this.size; index++) yield this.get(index);
  }
}
