import { type Network, type Origin, type OriginSource, Recent } from '@fleetwall/core';
import { Reader } from 'maxmind';
import { type Fields, originOf } from './layouts.js';
import { makerOf } from './makers.js';
import type { OriginTable } from './table.js';

const GZIP = 0x1f8b;
const FORMAT = 2;
/** Zero bytes between the tree and the data. */
const SEPARATOR_BYTES = 16;
/** Records are shared by many networks; each is decoded once while it is among these. */
const RECORDS = 5_000;

/**
 * A database in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), in memory as it is in the file. The tree that leads
 * to the records is checked as a whole when it is opened; a record that cannot be read counts as one that says nothing.
 */
export class MmdbTable implements OriginTable {
  /** Who made it, where that is known. */
  readonly sources: readonly OriginSource[];
  readonly #reader: Reader<never>;

  /** Throws an Error with the reason when the bytes are no whole database. */
  constructor(bytes: Buffer) {
    if (bytes.length >= 2 && bytes.readUInt16BE(0) === GZIP) throw new Error('it is packed; unpack it first');
    this.#reader = readerOf(bytes);
    checkTree(bytes, this.#reader.metadata);
    this.sources = makerOf(this.#reader.metadata.databaseType);
  }

  find({ family, prefix }: Network, address: string): Origin | undefined {
    // An IPv6 address has no place in a tree of 32 bits.
    if (family === 6 && this.#reader.metadata.ipVersion === 4) return undefined;
    try {
      const [record, bits] = this.#reader.getWithPrefixLength(address) as [Fields | null, number];
      return record === null || bits > prefix ? undefined : originOf(record);
    } catch {
      return undefined;
    }
  }
}

function readerOf(bytes: Buffer): Reader<never> {
  try {
    return new Reader<never>(bytes, { cache: new Recent<string | number, never>(RECORDS) });
  } catch (error) {
    throw new Error(`its description cannot be read (${(error as Error).message})`, { cause: error });
  }
}

/** Every node leads to another node, to nothing, or into the data. Throws at the first that does not. */
function checkTree(bytes: Buffer, metadata: Reader<never>['metadata']): void {
  const { binaryFormatMajorVersion, ipVersion, nodeCount, recordSize, searchTreeSize } = metadata;
  if (binaryFormatMajorVersion !== FORMAT) throw new Error(`its format is ${binaryFormatMajorVersion}, not ${FORMAT}`);
  if (ipVersion !== 4 && ipVersion !== 6) throw new Error(`it is of IP version ${ipVersion}`);
  const dataBytes = bytes.length - searchTreeSize - SEPARATOR_BYTES;
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1 || dataBytes < 1) throw new Error('it is cut off');
  const limit = nodeCount + SEPARATOR_BYTES + dataBytes;
  for (let node = 0, at = 0; node < nodeCount; node++, at += recordSize / 4) {
    for (const target of recordsAt(bytes, at, recordSize)) {
      const isWithin = target <= nodeCount || (target >= nodeCount + SEPARATOR_BYTES && target < limit);
      if (!isWithin) throw new Error(`node ${node} leads out of it`);
    }
  }
}

/** The two records of a node: 24, 28 or 32 bits each. */
function recordsAt(bytes: Buffer, at: number, recordSize: number): [number, number] {
  if (recordSize === 24) return [bytes.readUIntBE(at, 3), bytes.readUIntBE(at + 3, 3)];
  if (recordSize === 32) return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
  const middle = bytes[at + 3] as number;
  const high = (middle & 0xf0) * 0x10_0000;
  return [high + bytes.readUIntBE(at, 3), (middle & 0x0f) * 0x100_0000 + bytes.readUIntBE(at + 4, 3)];
}
