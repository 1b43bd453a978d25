import { BinXmlError } from './binxml-error.js';
import type { ChunkBytes } from './chunk-bytes.js';
import { utf16Text } from './value-text.js';

/** Reads on in a stretch of a chunk, and ends the record with `bounds` where that would leave it. */
export class Cursor {
  readonly chunk: ChunkBytes;
  readonly end: number;
  position: number;

  constructor(chunk: ChunkBytes, position: number, end: number) {
    if (position > end || end > chunk.bytes.length) throw new BinXmlError('bounds', position);
    this.chunk = chunk;
    this.position = position;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  /** The place of so many bytes, which are passed over. */
  skip(size: number): number {
    const at = this.position;
    if (at + size > this.end) throw new BinXmlError('bounds', at);
    this.position = at + size;
    return at;
  }

  /** The byte that comes next, left where it is. */
  peek(): number {
    if (this.position >= this.end) throw new BinXmlError('bounds', this.position);
    return this.chunk.bytes[this.position] as number;
  }

  u8(): number {
    return this.chunk.bytes[this.skip(1)] as number;
  }

  u16(): number {
    return this.chunk.bytes.readUInt16LE(this.skip(2));
  }

  u32(): number {
    return this.chunk.bytes.readUInt32LE(this.skip(4));
  }

  /** A place in the chunk, and there a name; one that stands right here is passed over. */
  name(): string {
    const place = this.u32();
    const name = this.chunk.name(place);
    if (place === this.position) this.skip(this.chunk.nameSize(place));
    return name;
  }

  /** A number of UTF-16 units (u16), and these. */
  countedText(): string {
    const size = 2 * this.u16();
    return utf16Text(this.chunk.bytes, this.skip(size), size);
  }
}
