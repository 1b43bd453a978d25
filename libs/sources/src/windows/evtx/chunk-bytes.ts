import { BinXmlError } from './binxml-error.js';
import type { Template } from './nodes.js';
import { utf16Text } from './value-text.js';

/** Names and definitions lie side by side in a chunk: who reads more than twice its size of them goes round in circles. */
const MAX_LITERAL_BYTES = 131_072;
/** Of XML text that the records of one chunk may unfold to; what Windows writes stays at about a tenth. */
const MAX_CHUNK_CHARACTERS = 16_777_216;
const MAX_RECORD_CHARACTERS = 2_097_152;
const NAME = /^[\p{L}_:][\p{L}\p{M}\p{N}_:.-]*$/u;

/** The bytes of one chunk, what has been read of them already, and how much may still be. */
export class ChunkBytes {
  readonly bytes: Buffer;
  /** By the place of their definition; what was wrong with it where it could not be read. */
  readonly templates = new Map<number, Template | BinXmlError>();
  /** By their place; empty where there is none. */
  readonly #names = new Map<number, string>();
  #literalBytes = MAX_LITERAL_BYTES;
  #chunkCharacters = MAX_CHUNK_CHARACTERS;
  #recordCharacters = MAX_RECORD_CHARACTERS;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /**
   * The name at a place:
   *
   *     name = next:u32 hash:u16 count:u16 count * utf16le:u16 NUL:u16
   *
   * `next` links names of equal hash for whoever writes the chunk; nothing here follows it.
   */
  name(position: number): string {
    let name = this.#names.get(position);
    if (name === undefined) {
      const size = this.nameSize(position);
      this.spendLiteral(size, position);
      const text = utf16Text(this.bytes, position + 8, size - 10);
      name = NAME.test(text) ? text : '';
      this.#names.set(position, name);
    }
    if (name === '') throw new BinXmlError('name', position);
    return name;
  }

  /** Bytes of the name at a place, all of it. */
  nameSize(position: number): number {
    if (position + 8 > this.bytes.length) throw new BinXmlError('bounds', position);
    const size = 10 + 2 * this.bytes.readUInt16LE(position + 6);
    if (position + size > this.bytes.length) throw new BinXmlError('bounds', position);
    return size;
  }

  /** Takes bytes from what may be read of names and definitions. */
  spendLiteral(bytes: number, position: number): void {
    this.#literalBytes -= bytes;
    if (this.#literalBytes < 0) throw new BinXmlError('expansion', position);
  }

  beginRecord(): void {
    this.#recordCharacters = MAX_RECORD_CHARACTERS;
  }

  /** Takes characters from what the record may unfold to. */
  spendCharacters(characters: number, position: number): void {
    this.#recordCharacters -= characters;
    this.#chunkCharacters -= characters;
    if (this.#recordCharacters < 0 || this.#chunkCharacters < 0) throw new BinXmlError('expansion', position);
  }
}
