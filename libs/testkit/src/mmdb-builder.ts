import { parseNetwork } from '@fleetwall/core';

/** A value of a record. Numbers are unsigned, of 32 bits. */
export type MmdbValue = string | number | boolean | MmdbValue[] | { [name: string]: MmdbValue };

export interface MmdbOptions {
  /** 6 when absent: then IPv4 lies in ::/96. */
  ipVersion?: 4 | 6;
  /** Bits of each record of the tree; 24 when absent. */
  recordSize?: 24 | 28 | 32;
  /** What `build_epoch` says, seconds since 1970 UTC. */
  builtAt?: number;
}

const TYPE = { text: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 };
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const SEPARATOR_BYTES = 16;

/** A place of the tree: another node, a record by its offset in the data, or nothing. */
type Place = { node: number } | { data: number } | undefined;

/**
 * Writes a database in MaxMind's format (https://maxmind.github.io/MaxMind-DB/):
 *
 *     file     = tree, 16 zero bytes, data, marker, metadata
 *     tree     = nodes of two records each: the number of a node, the count of nodes for nothing, or beyond it
 *                the count of nodes + 16 + an offset into the data
 *     value    = control byte (type in 3 bits, size in 5), more of type and size, payload
 *
 * @param networks with their records, the wider ones first
 */
export function mmdbFile(networks: readonly (readonly [string, MmdbValue])[], options: MmdbOptions = {}): Buffer {
  const { ipVersion = 6, recordSize = 24, builtAt = 1_764_000_000 } = options;
  const nodes: [Place, Place][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataBytes = 0;
  for (const [text, record] of networks) {
    insert(nodes, bitsOf(text, ipVersion), { data: dataBytes });
    const bytes = encoded(record);
    data.push(bytes);
    dataBytes += bytes.length;
  }
  const metadata = Buffer.concat([
    control(TYPE.map, 9),
    ...Object.entries({
      node_count: uint(TYPE.uint32, 4, nodes.length),
      record_size: uint(TYPE.uint16, 2, recordSize),
      ip_version: uint(TYPE.uint16, 2, ipVersion),
      database_type: encoded('Test'),
      languages: encoded(['en']),
      binary_format_major_version: uint(TYPE.uint16, 2, 2),
      binary_format_minor_version: uint(TYPE.uint16, 2, 0),
      build_epoch: uint(TYPE.uint64, 6, builtAt),
      description: encoded({ en: 'made by a test' }),
    }).flatMap(([name, value]) => [encoded(name), value]),
  ]);
  const tree = nodes.map((node) => nodeBytes(node, nodes.length, recordSize));
  return Buffer.concat([...tree, Buffer.alloc(SEPARATOR_BYTES), ...data, MARKER, metadata]);
}

function bitsOf(text: string, ipVersion: 4 | 6): number[] {
  const { family, first, prefix } = parseNetwork(text);
  const lead = family === 4 && ipVersion === 6 ? 96 : 0;
  const width = family === 4 ? 32 : 128;
  const bits = first.toString(2).padStart(width, '0').slice(0, prefix);
  return [...'0'.repeat(lead), ...bits].map(Number);
}

function insert(nodes: [Place, Place][], bits: number[], place: Place): void {
  let node = nodes[0] as [Place, Place];
  for (const bit of bits.slice(0, -1)) {
    const next = node[bit];
    if (next && 'node' in next) {
      node = nodes[next.node] as [Place, Place];
    } else {
      // A wider network's record goes on for what is around this one.
      node[bit] = { node: nodes.length };
      node = [next, next];
      nodes.push(node);
    }
  }
  node[bits.at(-1) as number] = place;
}

function nodeBytes(node: [Place, Place], count: number, recordSize: 24 | 28 | 32): Buffer {
  const [left, right] = node.map((place) => {
    if (!place) return count;
    return 'node' in place ? place.node : count + SEPARATOR_BYTES + place.data;
  }) as [number, number];
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
  } else {
    bytes.writeUIntBE(left & 0xff_ffff, 0, 3);
    bytes.writeUIntBE(right & 0xff_ffff, recordSize === 24 ? 3 : 4, 3);
    if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  }
  return bytes;
}

function encoded(value: MmdbValue): Buffer {
  if (typeof value === 'number') return uint(TYPE.uint32, 4, value);
  if (typeof value === 'boolean') return control(TYPE.boolean, value ? 1 : 0);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TYPE.text, bytes.length), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(TYPE.array, value.length), ...value.map(encoded)]);
  const entries = Object.entries(value);
  const fields = entries.flatMap(([name, field]) => [encoded(name), encoded(field)]);
  return Buffer.concat([control(TYPE.map, entries.length), ...fields]);
}

function uint(type: number, size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return Buffer.concat([control(type, size), bytes]);
}

/** Types beyond 7 stand in a byte of their own; sizes beyond 28 in one or two. */
function control(type: number, size: number): Buffer {
  const short = size < 29 ? size : size < 285 ? 29 : 30;
  const more = short === 29 ? [size - 29] : short === 30 ? [(size - 285) >> 8, (size - 285) & 0xff] : [];
  return Buffer.from(type > 7 ? [short, type - 7, ...more] : [(type << 5) | short, ...more]);
}
