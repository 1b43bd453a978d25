/** A line that may be asked for later. */
export interface KeptLine {
  bytes: Buffer;
  start: number;
  end: number;
}

const BLOCK_BYTES = 1 << 17;

/** Puts lines aside as bytes, in blocks that many share: a text of its own for each would cost more, and few are asked for. */
export class KeptLines {
  #block = Buffer.alloc(0);
  #used = 0;

  /** @param bytes `[start, end)` is a line of at most 64 KiB */
  keep(bytes: Buffer, start: number, end: number): KeptLine {
    const length = end - start;
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    const block = this.#block;
    for (let i = 0; i < length; i++) block[at + i] = bytes[start + i] as number;
    this.#used = at + length;
    return { bytes: block, start: at, end: at + length };
  }
}

export function textOf({ bytes, start, end }: KeptLine): string {
  return bytes.toString('utf8', start, end);
}
