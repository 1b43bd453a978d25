import { crc32 } from 'node:zlib';

/** Types of values, as far as they are built here ([MS-EVEN6] 2.2.12). */
const VALUE = {
  null: 0x00,
  string: 0x01,
  uint8: 0x04,
  uint16: 0x06,
  uint32: 0x08,
  uint64: 0x0a,
  filetime: 0x11,
  hexInt64: 0x15,
  binXml: 0x21,
};

/** Text, or a token of BinXML; `bytes` stand there as they are. */
export type EvtxPart =
  | string
  | { slot: number; optional?: boolean }
  | { charRef: number }
  | { entity: string }
  | { cdata: string }
  | { bytes: Buffer };

export interface EvtxElement {
  name: string;
  attributes?: Record<string, EvtxPart[]>;
  children?: (EvtxPart | EvtxElement)[];
  /** Slot without whose value it is left out. */
  dependency?: number;
}

/** A value of a template's instance: its bytes, or an instance within. */
export type EvtxValue = { type: number; bytes: Buffer } | { template: EvtxElement; values: EvtxValue[] };

const HEADER_SIZE = 512;
const CHUNK_SIZE = 65_536;

export const evtxValue = {
  null: { type: VALUE.null, bytes: Buffer.alloc(0) },
  text: (text: string) => ({ type: VALUE.string, bytes: Buffer.from(text, 'utf16le') }),
  u8: (number: number) => ({ type: VALUE.uint8, bytes: Buffer.from([number]) }),
  u16: (number: number) => sized(VALUE.uint16, 2, (bytes) => bytes.writeUInt16LE(number)),
  u32: (number: number) => sized(VALUE.uint32, 4, (bytes) => bytes.writeUInt32LE(number)),
  u64: (number: bigint) => sized(VALUE.uint64, 8, (bytes) => bytes.writeBigUInt64LE(number)),
  hex64: (number: bigint) => sized(VALUE.hexInt64, 8, (bytes) => bytes.writeBigUInt64LE(number)),
  time: (timeMs: number) =>
    sized(VALUE.filetime, 8, (bytes) => bytes.writeBigUInt64LE((BigInt(timeMs) + 11_644_473_600_000n) * 10_000n)),
  /** Of any type, from its bytes in hexadecimal. */
  of: (type: number, hex: string) => ({ type, bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex') }),
};

function sized(type: number, size: number, write: (bytes: Buffer) => void): { type: number; bytes: Buffer } {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return { type, bytes };
}

/**
 * Writes a chunk of an EVTX file as Windows does (its grammar stands at the readers of the sources' package): names and definitions where they are first
 * used, checksums at the end. Throws RangeError when it is full.
 */
export class EvtxChunkBuilder {
  readonly bytes = Buffer.alloc(CHUNK_SIZE);
  readonly firstId: number;
  #at = HEADER_SIZE;
  #nextId: number;
  #lastRecord = HEADER_SIZE;
  readonly #names = new Map<string, number>();
  readonly #definitions = new Map<EvtxElement, number>();

  constructor(firstId = 1) {
    this.firstId = firstId;
    this.#nextId = firstId;
  }

  /** Where the next record begins. */
  get end(): number {
    return this.#at;
  }

  /** Whose definition begins where in the chunk. */
  definitionOf(template: EvtxElement): number {
    return this.#definitions.get(template) as number;
  }

  placeOfName(name: string): number {
    return this.#names.get(name) as number;
  }

  /** A record that is an instance of a template; gives its place. */
  add(template: EvtxElement, values: EvtxValue[]): number {
    return this.addRecord(() => this.#instance(template, values));
  }

  /** A record that is an element without a template. */
  addElement(element: EvtxElement): number {
    return this.addRecord(() => this.#element(element, false));
  }

  addRecord(write: () => void): number {
    const start = this.#at;
    this.u32(0x2a2a);
    this.u32(0);
    this.#u64(BigInt(this.#nextId++));
    this.#u64(0n);
    this.put(Buffer.from([0x0f, 1, 1, 0]));
    write();
    this.put(Buffer.from([0]));
    const size = this.#at + 4 - start;
    this.u32(size);
    this.bytes.writeUInt32LE(size, start + 4);
    this.#lastRecord = start;
    return start;
  }

  /** The chunk, its header and checksums made anew. */
  finish(): Buffer {
    const { bytes } = this;
    bytes.write('ElfChnk\0', 0, 'latin1');
    const ids = [this.firstId, this.#nextId - 1];
    for (const [i, id] of [...ids, ...ids].entries()) bytes.writeBigUInt64LE(BigInt(id), 8 + 8 * i);
    bytes.writeUInt32LE(128, 40);
    bytes.writeUInt32LE(this.#lastRecord, 44);
    bytes.writeUInt32LE(this.#at, 48);
    return withEvtxChecksums(bytes);
  }

  #instance(template: EvtxElement, values: EvtxValue[]): void {
    this.put(Buffer.from([0x0c, 1, 0, 0, 0, 0]));
    const known = this.#definitions.get(template);
    this.u32(known ?? this.#at + 4);
    if (known === undefined) this.#definition(template);
    this.u32(values.length);
    const table = this.#at;
    this.put(Buffer.alloc(4 * values.length));
    for (const [i, one] of values.entries()) this.#value(one, table + 4 * i);
  }

  #definition(template: EvtxElement): void {
    this.#definitions.set(template, this.#at);
    this.put(Buffer.alloc(20));
    const size = this.#at;
    this.u32(0);
    this.put(Buffer.from([0x0f, 1, 1, 0]));
    this.#element(template, true);
    this.put(Buffer.from([0]));
    this.bytes.writeUInt32LE(this.#at - size - 4, size);
  }

  #value(one: EvtxValue, row: number): void {
    const start = this.#at;
    if ('bytes' in one) this.put(one.bytes);
    else {
      this.put(Buffer.from([0x0f, 1, 1, 0]));
      this.#instance(one.template, one.values);
      this.put(Buffer.from([0]));
    }
    this.bytes.writeUInt16LE(this.#at - start, row);
    this.bytes[row + 2] = 'bytes' in one ? one.type : VALUE.binXml;
  }

  #element({ name, attributes = {}, children = [], dependency = 0xffff }: EvtxElement, isDefinition: boolean): void {
    const entries = Object.entries(attributes);
    this.put(Buffer.from([entries.length > 0 ? 0x41 : 0x01]));
    if (isDefinition) this.#u16(dependency);
    const size = this.#at;
    this.u32(0);
    this.#name(name);
    if (entries.length > 0) this.#attributes(entries);
    this.put(Buffer.from([children.length > 0 ? 0x02 : 0x03]));
    for (const child of children) {
      if (typeof child === 'object' && 'name' in child) this.#element(child, isDefinition);
      else this.#part(child);
    }
    if (children.length > 0) this.put(Buffer.from([0x04]));
    this.bytes.writeUInt32LE(this.#at - size - 4, size);
  }

  #attributes(entries: [string, EvtxPart[]][]): void {
    const size = this.#at;
    this.u32(0);
    for (const [i, [name, parts]] of entries.entries()) {
      this.put(Buffer.from([i < entries.length - 1 ? 0x46 : 0x06]));
      this.#name(name);
      for (const part of parts) this.#part(part);
    }
    this.bytes.writeUInt32LE(this.#at - size - 4, size);
  }

  #part(part: EvtxPart): void {
    if (typeof part === 'string') this.#text([0x05, 0x01], part);
    else if ('bytes' in part) this.put(part.bytes);
    else if ('cdata' in part) this.#text([0x07], part.cdata);
    else if ('entity' in part) this.#reference(part.entity);
    else this.#numbered(part);
  }

  #reference(entity: string): void {
    this.put(Buffer.from([0x09]));
    this.#name(entity);
  }

  #numbered(part: { slot: number; optional?: boolean } | { charRef: number }): void {
    const isSlot = 'slot' in part;
    this.put(Buffer.from([isSlot ? (part.optional ? 0x0e : 0x0d) : 0x08]));
    this.#u16(isSlot ? part.slot : part.charRef);
    if (isSlot) this.put(Buffer.from([VALUE.string]));
  }

  #text(token: number[], text: string): void {
    this.put(Buffer.from(token));
    this.#u16(text.length);
    this.put(Buffer.from(text, 'utf16le'));
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    this.u32(known ?? this.#at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.#at);
    this.put(Buffer.alloc(6));
    this.#u16(name.length);
    this.put(Buffer.from(`${name}\0`, 'utf16le'));
  }

  #u16(number: number): void {
    this.#at = this.bytes.writeUInt16LE(number, this.#at);
  }

  u32(number: number): void {
    this.#at = this.bytes.writeUInt32LE(number, this.#at);
  }

  #u64(number: bigint): void {
    this.#at = this.bytes.writeBigUInt64LE(number, this.#at);
  }

  put(bytes: Buffer): void {
    if (this.#at + bytes.length > CHUNK_SIZE) throw new RangeError('the chunk is full');
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** Writes the checksums of a chunk that was changed by hand. */
export function withEvtxChecksums(chunk: Buffer): Buffer {
  const end = Math.min(chunk.readUInt32LE(48), chunk.length);
  chunk.writeUInt32LE(crc32(chunk.subarray(HEADER_SIZE, end)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, HEADER_SIZE), crc32(chunk.subarray(0, 120))), 124);
  return chunk;
}

/** A file of chunks. */
export function evtxFile(chunks: readonly Buffer[], flags = 0): Buffer {
  const header = Buffer.alloc(4096);
  header.write('ElfFile\0', 0, 'latin1');
  header.writeBigUInt64LE(BigInt(Math.max(chunks.length - 1, 0)), 16);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4096, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(flags, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
}
