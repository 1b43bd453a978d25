import { type Network, networkOf, networkText } from '@fleetwall/core';
import type { Target, TimedTarget } from '../../batch.js';
import type { HeldBlock } from '../kernel-table.js';
import { type BlockSet, bitsOf, groupBySet } from '../ruleset.js';
import { eachAttribute, numberOf } from './reader.js';
import { NESTED } from './writer.js';

/**
 * Elements of sets, the one thing there are many of: written straight into place.
 *
 *     element = head(LIST_ITEM, head(KEY, head(DATA_VALUE, address)), head(TIMEOUT, u64be milliseconds)?)
 */
export const LIST_ITEM = 1;
export const DATA_VALUE = 1;
const ELEMENT_ATTRIBUTE = { key: 1, timeout: 4, expiration: 5 } as const;

const HEAD_BYTES = 4;
const TIMEOUT_BYTES = HEAD_BYTES + 8;
/** An attribute's length has 16 bits; an IPv6 element with its timeout has 40 bytes. */
const MAX_ELEMENTS = Math.floor(65_000 / 40);

/** As many elements of one set as fit one attribute. */
export interface ElementList {
  set: BlockSet;
  elements: Buffer;
}

/** Grouped by set; those with a time get their timeout. */
export function elementLists(targets: (Target | TimedTarget)[]): ElementList[] {
  const lists: ElementList[] = [];
  for (const [set, group] of groupBySet(targets)) {
    for (let at = 0; at < group.length; at += MAX_ELEMENTS) {
      lists.push({ set, elements: writeElements(set, group.slice(at, at + MAX_ELEMENTS)) });
    }
  }
  return lists;
}

function writeElements({ family }: BlockSet, targets: (Target | TimedTarget)[]): Buffer {
  const keyBytes = bitsOf(family) / 8;
  const bytes = Buffer.allocUnsafe(targets.length * (3 * HEAD_BYTES + keyBytes + TIMEOUT_BYTES));
  let at = 0;
  const head = (type: number, length: number) => {
    bytes.writeUInt16LE(length, at);
    bytes.writeUInt16LE(type, at + 2);
    at += HEAD_BYTES;
  };
  for (const target of targets) {
    const timed = 'timeoutMs' in target;
    head(LIST_ITEM | NESTED, 3 * HEAD_BYTES + keyBytes + (timed ? TIMEOUT_BYTES : 0));
    head(ELEMENT_ATTRIBUTE.key | NESTED, 2 * HEAD_BYTES + keyBytes);
    head(DATA_VALUE, HEAD_BYTES + keyBytes);
    if (family === 4) bytes.writeUInt32BE(Number(target.first), at);
    else {
      bytes.writeBigUInt64BE(target.first >> 64n, at);
      bytes.writeBigUInt64BE(target.first & 0xffff_ffff_ffff_ffffn, at + 8);
    }
    at += keyBytes;
    if (!timed) continue;
    head(ELEMENT_ATTRIBUTE.timeout, TIMEOUT_BYTES);
    bytes.writeUInt32BE(Math.floor(target.timeoutMs / 2 ** 32), at);
    bytes.writeUInt32BE(target.timeoutMs >>> 0, at + 4);
    at += 8;
  }
  return bytes.subarray(0, at);
}

/** Reads the elements between two offsets of a dump. */
export function readElements(
  set: BlockSet,
  data: Buffer,
  start: number,
  end: number,
  onBlock: (block: HeldBlock) => void,
): void {
  eachAttribute(data, start, end, (_item, itemStart, itemEnd) => {
    let target = '';
    let remainingMs: number | undefined;
    eachAttribute(data, itemStart, itemEnd, (type, from, to) => {
      if (type === ELEMENT_ATTRIBUTE.expiration) remainingMs = numberOf(data.subarray(from, to));
      if (type !== ELEMENT_ATTRIBUTE.key) return;
      eachAttribute(data, from, to, (value, at) => {
        if (value === DATA_VALUE) target = networkText(readNetwork(set, data, at));
      });
    });
    onBlock({ target, ...(set.ports && { ports: set.ports }), ...(remainingMs !== undefined && { remainingMs }) });
  });
}

function readNetwork({ family, prefix }: BlockSet, data: Buffer, at: number): Network {
  if (family === 4) return networkOf(4, BigInt(data.readUInt32BE(at)), prefix);
  return networkOf(6, (data.readBigUInt64BE(at) << 64n) | data.readBigUInt64BE(at + 8), prefix);
}
