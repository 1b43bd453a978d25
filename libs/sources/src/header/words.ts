/** Words remembered at a time; what attackers make up takes the places of others, and no more. */
const WORDS = 1024;

interface Known<T> {
  bytes: Uint8Array;
  value: T;
}

/** What stands for a word that comes again and again: cutting it out and looking it up cost more than finding it by its bytes. */
export class WordTable<T> {
  readonly #known: Known<T>[];
  readonly #make: (word: string) => T;

  /** @param make what stands for a word (bytes as Latin-1), the same whenever it is asked */
  constructor(make: (word: string) => T) {
    this.#make = make;
    this.#known = new Array(WORDS).fill(undefined);
  }

  /** @param bytes `[start, end)` is a word of at least one byte */
  at(bytes: Buffer, start: number, end: number): T {
    const length = end - start;
    const middle = bytes[start + (length >> 1)] as number;
    const slot = ((bytes[start] as number) * 31 + (bytes[end - 1] as number) * 131 + middle * 7 + length) & (WORDS - 1);
    const known = this.#known[slot];
    if (known !== undefined && isAt(bytes, known.bytes, start, length)) return known.value;
    const value = this.#make(bytes.toString('latin1', start, end));
    this.#known[slot] = { bytes: Uint8Array.prototype.slice.call(bytes, start, end), value };
    return value;
  }
}

function isAt(bytes: Uint8Array, word: Uint8Array, start: number, length: number): boolean {
  if (word.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}
