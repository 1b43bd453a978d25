import { endianness } from 'node:os';

/**
 * Netlink on the wire (linux/netlink.h, nfnetlink.h), host byte order but for the values of attributes, which nf_tables
 * takes in network order; everything is padded to 4 bytes.
 *
 *     message   = u32 length, u16 type, u16 flags, u32 sequence, u32 port, body
 *     body      = u8 family, u8 version, u16be resource, attribute*
 *     attribute = u16 length (with this head, without padding), u16 type (| 0x8000 when it holds attributes), value
 *
 * A change is one datagram: BATCH_BEGIN, messages, BATCH_END. All of it takes effect in one instant, or none.
 */
export const HEADER_BYTES = 16;
export const FAMILY_BYTES = 4;
/** Marks the type of an attribute that holds attributes. */
export const NESTED = 0x8000;
const FAMILY_INET = 1;
const SUBSYSTEM = 10;
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;

export const FLAGS = { request: 1, ack: 4, dump: 0x300, create: 0x400, append: 0x800 } as const;

/** Heads are written for little-endian hosts; on others the `nft` command does the work. */
export const hostOrderKnown = endianness() === 'LE';

/** Writes messages one after another into one buffer. Sequence numbers count up from the first. */
export class NetlinkWriter {
  #buffer: Buffer;
  #length = 0;
  /** Where the last message starts. */
  #last = 0;
  #sequence: number;

  constructor(readonly firstSequence: number) {
    this.#sequence = firstSequence;
    this.#buffer = Buffer.allocUnsafe(1024);
  }

  /** Of the last message. */
  get sequence(): number {
    return this.#sequence - 1;
  }

  /** Everything so far; valid until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Frames the messages that `body` writes, at least one, as a batch and asks for an acknowledgement of the last.
   *
   * @param complete false: the end is left out, and the kernel undoes everything after having tried it
   * @returns the sequence number of the message that is acknowledged
   */
  batch(body: () => void, complete = true): number {
    this.#message(BATCH_BEGIN, FLAGS.request, 0, SUBSYSTEM, () => {});
    body();
    const acked = this.sequence;
    this.#buffer.writeUInt16LE(this.#buffer.readUInt16LE(this.#last + 6) | FLAGS.ack, this.#last + 6);
    if (complete) this.#message(BATCH_END, FLAGS.request, 0, SUBSYSTEM, () => {});
    return acked;
  }

  /** @param type NFT_MSG_* of linux/netfilter/nf_tables.h */
  message(type: number, flags: number, body: () => void): void {
    this.#message((SUBSYSTEM << 8) | type, FLAGS.request | flags, FAMILY_INET, 0, body);
  }

  nest(type: number, body: () => void): void {
    const start = this.#reserve(4);
    body();
    this.#buffer.writeUInt16LE(this.#length - start, start);
    this.#buffer.writeUInt16LE(type | NESTED, start + 2);
  }

  u8(type: number, value: number): void {
    // First the room: the buffer may be another one then.
    const at = this.#attribute(type, 1);
    this.#buffer[at] = value;
  }

  u32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    this.#buffer.writeUInt32BE(value >>> 0, at);
  }

  /** @param value a safe integer, not negative */
  u64(type: number, value: number): void {
    const at = this.#attribute(type, 8);
    this.#buffer.writeUInt32BE(Math.floor(value / 2 ** 32), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
  }

  /** An IPv4 (4 bytes) or IPv6 (16 bytes) address. */
  address(type: number, family: 4 | 6, value: bigint): void {
    const at = this.#attribute(type, family === 4 ? 4 : 16);
    if (family === 4) this.#buffer.writeUInt32BE(Number(value), at);
    else {
      this.#buffer.writeBigUInt64BE(value >> 64n, at);
      this.#buffer.writeBigUInt64BE(value & 0xffff_ffff_ffff_ffffn, at + 8);
    }
  }

  bytesOf(type: number, value: Buffer): void {
    const at = this.#attribute(type, value.length);
    value.copy(this.#buffer, at);
  }

  /** With the closing zero that the kernel's strings have. */
  text(type: number, value: string): void {
    const at = this.#attribute(type, value.length + 1);
    this.#buffer.write(value, at, 'latin1');
    this.#buffer[at + value.length] = 0;
  }

  #message(type: number, flags: number, family: number, resource: number, body: () => void): void {
    const start = this.#reserve(HEADER_BYTES + FAMILY_BYTES);
    this.#last = start;
    const buffer = this.#buffer;
    buffer.writeUInt16LE(type, start + 4);
    buffer.writeUInt16LE(flags, start + 6);
    buffer.writeUInt32LE(this.#sequence++ >>> 0, start + 8);
    buffer.writeUInt32LE(0, start + 12);
    buffer[start + 16] = family;
    buffer[start + 17] = 0;
    buffer.writeUInt16BE(resource, start + 18);
    body();
    this.#buffer.writeUInt32LE(this.#length - start, start);
  }

  #attribute(type: number, valueBytes: number): number {
    const start = this.#reserve(4 + ((valueBytes + 3) & ~3));
    this.#buffer.writeUInt16LE(4 + valueBytes, start);
    this.#buffer.writeUInt16LE(type, start + 2);
    if (valueBytes & 3) this.#buffer.fill(0, start + 4 + valueBytes, this.#length);
    return start + 4;
  }

  #reserve(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, start);
      this.#buffer = grown;
    }
    return start;
  }
}
