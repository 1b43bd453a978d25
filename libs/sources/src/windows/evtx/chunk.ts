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
 * file ends. Never throws: what cannot be read is told to `onDamage`.
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
  let at = HEADER_SIZE;
  while (at + MIN_RECORD_SIZE <= end && bytes.readUInt32LE(at) !== 0) {
    const size = sizeOfRecord(bytes, at, end);
    const offset = place.offset + at;
    if (size === undefined) {
      onDamage({ reason: 'record-frame', offset, lost: 'rest' });
      break;
    }
    const record = readRecord(chunk, at, size, { chunk: place.index, offset, intact });
    if (record instanceof EvtxRecord) records.push(record);
    else onDamage({ reason: record, offset, lost: 'record' });
    at += size;
  }
  return records;
}

/**
 * Undefined where no record begins. A place further on that looks like a record's beginning would be no proof: it may lie
 * in text that somebody sent.
 */
function sizeOfRecord(bytes: Buffer, at: number, end: number): number | undefined {
  const size = bytes.readUInt32LE(at + 4);
  const isRecord = bytes.readUInt32LE(at) === RECORD_MAGIC && size >= MIN_RECORD_SIZE && size <= end - at;
  return isRecord && bytes.readUInt32LE(at + size - 4) === size ? size : undefined;
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
