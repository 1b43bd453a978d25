import { BinXmlError } from './binxml-error.js';
import type { ChunkBytes } from './chunk-bytes.js';
import type { Cursor } from './cursor.js';
import type { Instance } from './nodes.js';
import { ARRAY, arrayTexts, VALUE, valueText } from './value-text.js';

/** Values within values; two levels are usual. */
const MAX_NESTING = 8;

/** For the index of a value of an array. */
export const ALL = -1;

/**
 * The values of one instance of a template, read where they lie when they are asked for:
 *
 *     values = count:u32 count * (size:u16 type:u8 00) count * value
 *
 * A slot without a value is null.
 */
export class TemplateValues {
  readonly chunk: ChunkBytes;
  readonly nesting: number;
  /** Of slots whose elements have been read. */
  readonly elements = new Map<number, readonly Instance[]>();
  /** Where the first size stands. */
  readonly #table: number;
  readonly #starts: number[] = [];
  #arrays: Map<number, string[]> | undefined;

  private constructor(chunk: ChunkBytes, table: number, nesting: number) {
    if (nesting > MAX_NESTING) throw new BinXmlError('depth', table);
    this.chunk = chunk;
    this.#table = table;
    this.nesting = nesting;
  }

  static none(chunk: ChunkBytes, nesting: number): TemplateValues {
    return new TemplateValues(chunk, 0, nesting);
  }

  static read(cursor: Cursor, nesting: number): TemplateValues {
    const count = cursor.u32();
    const values = new TemplateValues(cursor.chunk, cursor.skip(4 * count), nesting);
    const { bytes } = cursor.chunk;
    let start = cursor.position;
    for (let i = 0, at = values.#table; i < count; i++, at += 4) {
      values.#starts.push(start);
      start += (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    }
    cursor.skip(start - cursor.position);
    return values;
  }

  /** One of `VALUE`, or an array of it. */
  type(slot: number): number {
    return slot < this.#starts.length ? (this.chunk.bytes[this.#table + 4 * slot + 2] as number) : VALUE.null;
  }

  /** Bytes. */
  size(slot: number): number {
    if (slot >= this.#starts.length) return 0;
    const at = this.#table + 4 * slot;
    return (this.chunk.bytes[at] as number) | ((this.chunk.bytes[at + 1] as number) << 8);
  }

  /** Where the value begins in its chunk; of a slot that is there. */
  start(slot: number): number {
    return this.#starts[slot] as number;
  }

  isArray(slot: number): boolean {
    return (this.type(slot) & ARRAY) !== 0;
  }

  /** The text of a value; of an array the text of one of its values (empty beyond its end), or all, parted by commas. */
  text(slot: number, index = ALL): string {
    const type = this.type(slot);
    if (type === VALUE.null) return '';
    if ((type & ARRAY) === 0) return valueText(this.chunk.bytes, type, this.start(slot), this.size(slot));
    return index === ALL ? this.texts(slot).join() : (this.texts(slot)[index] ?? '');
  }

  /** The values of an array, at least one. */
  texts(slot: number): readonly string[] {
    this.#arrays ??= new Map();
    let texts = this.#arrays.get(slot);
    if (texts === undefined) {
      texts = arrayTexts(this.chunk.bytes, this.type(slot), this.start(slot), this.size(slot));
      this.#arrays.set(slot, texts);
    }
    return texts;
  }

  /** Whether the value is BinXML; `elementsOf` reads it. */
  hasElements(slot: number): boolean {
    return this.type(slot) === VALUE.binXml && this.size(slot) > 0;
  }
}
