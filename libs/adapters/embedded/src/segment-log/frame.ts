import { crc32 } from 'node:zlib';
import type { OutRecord } from '@fleetwall/core';
import { logError } from './errors.js';

/**
 * The bytes of a segment file. All numbers are unsigned and little-endian.
 *
 * ```
 * segment = preamble frame*
 *
 * preamble (20 bytes)
 *    0  8  "FWLOG\0\0\1"        the last byte is the version of this layout
 *    8  8  marker               random, the same in all segments of a log
 *   16  4  CRC32 of bytes 0..15
 *
 * frame = header payload
 * header (36 bytes)
 *    0  8  marker
 *    8  4  payload length in bytes
 *   12  4  CRC32 of the payload
 *   16  6  offset of the first record; of a mark, the low offset; of a state, the offset after the records before it
 *   22  6  append time, milliseconds since 1970 UTC
 *   28  2  kind: 1 records, 2 state, 3 mark
 *   30  2  number of records, 0 for the other kinds
 *   32  4  CRC32 of bytes 0..31
 *
 * payload of records = record*, with consecutive offsets
 *    0  4  key length in bytes
 *    4  4  value length in bytes
 *    8  4  number of headers
 *   12  …  key (UTF-8), value, then for each header: name length (4), value length (4), name, value (UTF-8)
 *
 * payload of a state = the caller's bytes
 *
 * payload of a mark (6 bytes) = the offset that the next record gets
 * ```
 *
 * The header has its own CRC, so that a flipped length does not lead astray: reading then looks for the next marker with
 * a valid header. The marker is random, so that nobody can write a log line that contains a frame.
 */
export const PREAMBLE_BYTES = 20;
export const HEADER_BYTES = 36;
export const MARKER_BYTES = 8;
/** Most bytes of a payload; a header that claims more is damaged. */
export const MAX_PAYLOAD_BYTES = 64 << 20;
/** Records are packed into frames of about this size: damage loses a frame, reading one record checks one. */
const TARGET_PAYLOAD_BYTES = 16 << 10;
const MAX_RECORDS = 0xffff;
const RECORD_BYTES = 12;
const OFFSET_BYTES = 6;
const PREAMBLE_MAGIC = Buffer.from('FWLOG\0\0\x01', 'latin1');

export const FrameKind = { records: 1, state: 2, mark: 3 } as const;

export interface FrameHeader {
  payloadBytes: number;
  payloadCrc: number;
  firstOffset: number;
  timestampMs: number;
  kind: number;
  count: number;
}

export interface StoredRecord extends OutRecord {
  offset: number;
  /** Append time, milliseconds since 1970 UTC. */
  timestampMs: number;
}

/** A frame whose payload is ready and whose header waits for its offset and time. */
export interface UnsealedFrame {
  /** Room for the header, then the payload. */
  bytes: Buffer;
  kind: number;
  count: number;
}

export function encodePreamble(marker: Buffer): Buffer {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  PREAMBLE_MAGIC.copy(bytes);
  marker.copy(bytes, MARKER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  return bytes;
}

/** The marker in a segment's preamble, or in its first frame when the preamble is damaged. */
export function findMarker(start: Buffer): Buffer | undefined {
  if (start.length < PREAMBLE_BYTES) return undefined;
  const valid = start.subarray(0, 8).equals(PREAMBLE_MAGIC) && crc32(start.subarray(0, 16)) === start.readUInt32LE(16);
  if (valid) return Buffer.from(start.subarray(8, 16));
  const marker = Buffer.from(start.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + MARKER_BYTES));
  return decodeHeader(start, PREAMBLE_BYTES, marker) ? marker : undefined;
}

/** Packs records into frames, in order. Throws LOG_RECORD_TOO_LARGE. */
export function encodeRecords(records: readonly OutRecord[]): UnsealedFrame[] {
  const frames: UnsealedFrame[] = [];
  for (let from = 0; from < records.length; ) {
    let room = 0;
    let to = from;
    while (to < records.length && to - from < MAX_RECORDS) {
      const bytes = roomFor(records[to] as OutRecord);
      if (to > from && room + bytes > TARGET_PAYLOAD_BYTES) break;
      room += bytes;
      to++;
    }
    const bytes = Buffer.allocUnsafe(HEADER_BYTES + room);
    let at = HEADER_BYTES;
    for (let i = from; i < to; i++) at = writeRecord(bytes, at, records[i] as OutRecord);
    frames.push({ bytes: bytes.subarray(0, at), kind: FrameKind.records, count: to - from });
    from = to;
  }
  return frames;
}

export function encodeState(state: Buffer): UnsealedFrame {
  return { bytes: Buffer.concat([Buffer.allocUnsafe(HEADER_BYTES), state]), kind: FrameKind.state, count: 0 };
}

/** To be sealed with the low offset, below which nothing is wanted any more. */
export function encodeMark(nextOffset: number): UnsealedFrame {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + OFFSET_BYTES);
  bytes.writeUIntLE(nextOffset, HEADER_BYTES, OFFSET_BYTES);
  return { bytes, kind: FrameKind.mark, count: 0 };
}

/** The next offset in a mark's payload. */
export function decodeMark(payload: Buffer): number {
  return payload.readUIntLE(0, OFFSET_BYTES);
}

/** Writes the header into its room; the frame can be sealed again with another offset. */
export function sealFrame(frame: UnsealedFrame, marker: Buffer, firstOffset: number, timestampMs: number): void {
  const { bytes } = frame;
  marker.copy(bytes, 0);
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 12);
  bytes.writeUIntLE(firstOffset, 16, 6);
  bytes.writeUIntLE(Math.max(0, Math.trunc(timestampMs)), 22, 6);
  bytes.writeUInt16LE(frame.kind, 28);
  bytes.writeUInt16LE(frame.count, 30);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
}

/** Undefined when the 36 bytes there are not a header of this log. */
export function decodeHeader(bytes: Buffer, at: number, marker: Buffer): FrameHeader | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  if (marker.compare(bytes, at, at + MARKER_BYTES) !== 0) return undefined;
  if (crc32(bytes.subarray(at, at + 32)) !== bytes.readUInt32LE(at + 32)) return undefined;
  const payloadBytes = bytes.readUInt32LE(at + 8);
  if (payloadBytes > MAX_PAYLOAD_BYTES) return undefined;
  return {
    payloadBytes,
    payloadCrc: bytes.readUInt32LE(at + 12),
    firstOffset: bytes.readUIntLE(at + 16, 6),
    timestampMs: bytes.readUIntLE(at + 22, 6),
    kind: bytes.readUInt16LE(at + 28),
    count: bytes.readUInt16LE(at + 30),
  };
}

export function isIntact(header: FrameHeader, payload: Buffer): boolean {
  return crc32(payload) === header.payloadCrc;
}

/**
 * Decodes the records of a checked payload that are at or after `fromOffset`, at most `maxRecords`, into `into`. Values
 * are views of the payload, not copies: do not change them.
 */
export function decodeRecords(
  header: FrameHeader,
  payload: Buffer,
  fromOffset: number,
  maxRecords: number,
  into: StoredRecord[],
): void {
  const { firstOffset, timestampMs, count } = header;
  let at = 0;
  for (let i = 0, taken = 0; i < count && taken < maxRecords; i++) {
    const keyEnd = at + RECORD_BYTES + payload.readUInt32LE(at);
    const valueEnd = keyEnd + payload.readUInt32LE(at + 4);
    const headerCount = payload.readUInt32LE(at + 8);
    const keyStart = at + RECORD_BYTES;
    const wanted = firstOffset + i >= fromOffset;
    const headers: Record<string, string> = {};
    at = valueEnd;
    for (let h = 0; h < headerCount; h++) {
      const nameEnd = at + 8 + payload.readUInt32LE(at);
      const end = nameEnd + payload.readUInt32LE(at + 4);
      if (wanted) headers[payload.toString('utf8', at + 8, nameEnd)] = payload.toString('utf8', nameEnd, end);
      at = end;
    }
    if (!wanted) continue;
    const key = payload.toString('utf8', keyStart, keyEnd);
    const value = payload.subarray(keyEnd, valueEnd);
    const record: StoredRecord = { offset: firstOffset + i, timestampMs, key, value };
    if (headerCount > 0) record.headers = headers;
    into.push(record);
    taken++;
  }
}

/** Upper bound: a UTF-16 unit takes at most 3 bytes. */
function roomFor(record: OutRecord): number {
  let bytes = RECORD_BYTES + record.key.length * 3 + record.value.length;
  for (const name in record.headers) bytes += 8 + (name.length + (record.headers[name] as string).length) * 3;
  if (bytes > MAX_PAYLOAD_BYTES) throw logError('LOG_RECORD_TOO_LARGE', { bytes, limit: MAX_PAYLOAD_BYTES });
  return bytes;
}

function writeRecord(bytes: Buffer, at: number, record: OutRecord): number {
  const keyBytes = bytes.write(record.key, at + RECORD_BYTES);
  bytes.writeUInt32LE(keyBytes, at);
  bytes.writeUInt32LE(record.value.length, at + 4);
  let end = at + RECORD_BYTES + keyBytes;
  bytes.set(record.value, end);
  end += record.value.length;
  let count = 0;
  for (const name in record.headers) {
    const nameBytes = bytes.write(name, end + 8);
    const valueBytes = bytes.write(record.headers[name] as string, end + 8 + nameBytes);
    bytes.writeUInt32LE(nameBytes, end);
    bytes.writeUInt32LE(valueBytes, end + 4);
    end += 8 + nameBytes + valueBytes;
    count++;
  }
  bytes.writeUInt32LE(count, at + 8);
  return end;
}
