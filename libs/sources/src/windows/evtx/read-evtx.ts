import { crc32 } from 'node:zlib';
import type { OnDamage } from '../damage.js';
import { CHUNK_SIZE, readChunk } from './chunk.js';
import type { EvtxRecord } from './evtx-record.js';

export const FILE_MAGIC = 'ElfFile\0';
const HEADER_SIZE = 4_096;

/**
 * Reads the records of an EVTX file, in the order in which they lie there (a log that has wrapped begins in the middle):
 *
 *     file   = header *chunk
 *     header = "ElfFile\0" firstChunk:u64 lastChunk:u64 nextId:u64 headerSize:u32(128) minor:u16 major:u16 blockSize:u16(4096)
 *              chunks:u16 76*u8 flags:u32 crc:u32 3968*u8      ; flags: 1 dirty, 2 full; crc over the first 120 bytes
 *
 * The header's counts are not believed: in a file copied while Windows wrote to it they are old. `source` gives the file's
 * bytes in pieces of any size, such as a read stream. Holds one chunk at a time. Rejects only with what `source` throws.
 */
export async function* readEvtx(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onDamage: OnDamage,
): AsyncGenerator<EvtxRecord> {
  let index = -1;
  for await (const block of blocksOf(source)) {
    if (index < 0) checkHeader(block, onDamage);
    else yield* readChunk(block, { index, offset: HEADER_SIZE + index * CHUNK_SIZE }, onDamage);
    index++;
  }
}

function checkHeader(header: Buffer, onDamage: OnDamage): void {
  const isWhole = header.length === HEADER_SIZE && header.toString('latin1', 0, 8) === FILE_MAGIC;
  if (isWhole && crc32(header.subarray(0, 120)) === header.readUInt32LE(124)) return;
  onDamage({ reason: 'file-header', offset: 0, lost: 'nothing' });
}

/** The header, then chunk after chunk, each in a buffer of its own; the last may be shorter. */
async function* blocksOf(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafeSlow(HEADER_SIZE);
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const size = Math.min(piece.length - at, block.length - filled);
      block.set(piece.subarray(at, at + size), filled);
      at += size;
      filled += size;
      if (filled < block.length) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(CHUNK_SIZE);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
