import { crc32 } from 'node:zlib';
import { isEvent } from '../base-record.js';
import type { DamageReason, OnDamage } from '../damage.js';
import { EventContents } from '../event-contents.js';
import { BinXmlError } from './binxml-error.js';
import { ChunkBytes } from './chunk-bytes.js';
import { EvtxRecord } from './evtx-record.js';
import { readFragment } from './fragment.js';
import { gather } from './gather.js';

export const CHUNK_SIZE = 65_536;
const HEADER_SIZE = 512;
const CHUNK_MAGIC = 'ElfChnk\0';
const RECORD_MAGIC = 0x2a2a;
const MAGIC_BYTES = Buffer.from('**\0\0', 'latin1');
const ZEROS = Buffer.alloc(CHUNK_SIZE);
const RECORD_HEADER_SIZE = 24;
const MIN_RECORD_SIZE = RECORD_HEADER_SIZE + 4;

export interface ChunkPlace {
  /** Index in the file, from 0. */
  index: number;
  /** Bytes from the file's start. */
  offset: number;
}

/**
 * Reads the records of one chunk, in their order:
 *
 *     chunk  = "ElfChnk\0" firstNumber:u64 lastNumber:u64 firstId:u64 lastId:u64 headerSize:u32(128) lastRecord:u32
 *              free:u32 recordsCrc:u32 64*u8 flags:u32 headerCrc:u32 strings:64*u32 definitions:32*u32 *record
 *     record = "**\0\0" size:u32 id:u64 written:FILETIME binxml size:u32
 *
 * Records lie from 512 to `free`; `headerCrc` is over the first 120 bytes and 128 to 512, `recordsCrc` over the records.
 * The tables of strings and definitions are for whoever writes the chunk. `bytes` may be shorter than a chunk, where the
 * file ends. Where no record begins although one should, the next one is searched for, but only if a checksum says that
 * the chunk is damaged. Never throws: what cannot be read is told to `onDamage`.
 */
export function readChunk(bytes: Buffer, place: ChunkPlace, onDamage: OnDamage): EvtxRecord[] {
  if (isUnused(bytes)) return [];
  if (bytes.length < HEADER_SIZE || bytes.toString('latin1', 0, 8) !== CHUNK_MAGIC) {
    onDamage({ reason: 'chunk-magic', offset: place.offset, lost: 'chunk' });
    return [];
  }
  const end = endOfRecords(bytes);
  const intact = bytes.length === CHUNK_SIZE && checksumsHold(bytes, end);
  const reason = bytes.length < CHUNK_SIZE ? 'chunk-truncated' : 'chunk-checksum';
  if (!intact) onDamage({ reason, offset: place.offset, lost: 'nothing' });
  return readRecords(new ChunkBytes(bytes), end, place, intact, onDamage);
}

/** Windows makes files longer than they need to be. */
function isUnused(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes.readBigUInt64LE(0) === 0n;
}

function endOfRecords(bytes: Buffer): number {
  const free = bytes.readUInt32LE(48);
  return free < HEADER_SIZE || free > bytes.length ? bytes.length : free;
}

function checksumsHold(bytes: Buffer, end: number): boolean {
  const header = crc32(bytes.subarray(128, HEADER_SIZE), crc32(bytes.subarray(0, 120)));
  return header === bytes.readUInt32LE(124) && crc32(bytes.subarray(HEADER_SIZE, end)) === bytes.readUInt32LE(52);
}

function readRecords(chunk: ChunkBytes, end: number, place: ChunkPlace, intact: boolean, onDamage: OnDamage) {
  const records: EvtxRecord[] = [];
  const { bytes } = chunk;
  let searched = false;
  for (let at = HEADER_SIZE; at + MIN_RECORD_SIZE <= end; ) {
    const size = sizeOfRecord(bytes, at, end);
    const offset = place.offset + at;
    if (size !== undefined) {
      const record = readRecord(chunk, at, size, { chunk: place.index, offset, intact, searched });
      if (record instanceof EvtxRecord) records.push(record);
      else onDamage({ reason: record, offset, lost: 'record' });
      at += size;
      continue;
    }
    if (isEmpty(bytes, at, end) && (intact || hasLastRecord(bytes, records))) break;
    const next = intact ? undefined : searchRecord(bytes, at + 4, end);
    onDamage({ reason: 'record-frame', offset, lost: next === undefined ? 'rest' : 'record' });
    if (next === undefined) break;
    at = next;
    searched = true;
  }
  return records;
}

/** The header may count zeros behind the last record as records. */
function isEmpty(bytes: Buffer, start: number, end: number): boolean {
  return ZEROS.subarray(start, end).equals(bytes.subarray(start, end));
}

function hasLastRecord(bytes: Buffer, records: readonly EvtxRecord[]): boolean {
  return records.at(-1)?.recordId === Number(bytes.readBigUInt64LE(32));
}

/** Undefined where no record begins. */
function sizeOfRecord(bytes: Buffer, at: number, end: number): number | undefined {
  const size = bytes.readUInt32LE(at + 4);
  const isRecord = bytes.readUInt32LE(at) === RECORD_MAGIC && size >= MIN_RECORD_SIZE && size <= end - at;
  return isRecord && bytes.readUInt32LE(at + size - 4) === size ? size : undefined;
}

/** The next place that looks like the beginning of one of the chunk's records. */
function searchRecord(bytes: Buffer, from: number, end: number): number | undefined {
  const [first, last] = [bytes.readBigUInt64LE(24), bytes.readBigUInt64LE(32)];
  for (let at = bytes.indexOf(MAGIC_BYTES, from); at >= 0; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
    if (at + MIN_RECORD_SIZE > end) return undefined;
    const id = bytes.readBigUInt64LE(at + 8);
    if (id >= first && id <= last && sizeOfRecord(bytes, at, end) !== undefined) return at;
  }
  return undefined;
}

function readRecord(
  chunk: ChunkBytes,
  at: number,
  size: number,
  place: EvtxRecord['place'],
): EvtxRecord | DamageReason {
  try {
    chunk.beginRecord();
    const [instance] = readFragment(chunk, at + RECORD_HEADER_SIZE, at + size - 4, 0);
    if (instance === undefined) return 'no-event';
    const contents = new EventContents();
    gather(instance, 'document', contents);
    return isEvent(contents) ? new EvtxRecord(contents, instance, place) : 'no-event';
  } catch (error) {
    if (error instanceof BinXmlError) return error.reason;
    throw error;
  }
}
