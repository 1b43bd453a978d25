import { isIPv4 } from 'node:net';
import {
  type BlockPorts,
  type DesiredBlock,
  type FirewallKey,
  type FleetwallError,
  networkText,
  parseNetwork,
  printable,
} from '@fleetwall/core';
import { firewallError } from './errors.js';

/** A canonical address (prefix 32 or 128) or network, ready for a firewall. */
export interface Target {
  /** Canonical. */
  text: string;
  family: 4 | 6;
  prefix: number;
  /** First address, an unsigned integer of 32 or 128 bits. */
  first: bigint;
  /** Absent: all. */
  ports?: BlockPorts;
}

export interface TimedTarget extends Target {
  /** From now, more than 0, at most {@link MAX_TIMEOUT_MS}. */
  timeoutMs: number;
  untilMs: number;
}

/** What a change comes to: no entry twice, none in both lists. */
export interface Batch {
  add: TimedTarget[];
  remove: Target[];
}

/** Ten years: whatever ends later is held that long, and the collector renews it long before. */
export const MAX_TIMEOUT_MS = 3650 * 86_400_000;

/**
 * Reads a change, refusing all of it when any part is wrong: FIREWALL_TARGET_REFUSED, FIREWALL_EXPIRY_REFUSED. Of
 * several blocks of one target and the same ports the last holds; an entry that is removed and added is added; a block
 * that has already ended is removed.
 */
export function readBatch(add: DesiredBlock[], remove: (string | FirewallKey)[], nowMs: number): Batch {
  const added = new Map<string, TimedTarget>();
  const removed = new Map<string, Target>();
  for (const entry of remove) {
    const target = readEntry(typeof entry === 'string' ? { target: entry } : entry);
    removed.set(entryName(target.text, target.ports), target);
  }
  for (const { target: text, untilMs, ports } of add) {
    const target = readEntry({ target: text, ports });
    const name = entryName(text, target.ports);
    if (typeof untilMs !== 'number' || Number.isNaN(untilMs)) {
      throw firewallError('FIREWALL_EXPIRY_REFUSED', { target: text, value: printable(String(untilMs)) });
    }
    const timeoutMs = Math.min(Math.ceil(untilMs - nowMs), MAX_TIMEOUT_MS);
    if (timeoutMs > 0) {
      removed.delete(name);
      added.set(name, { ...target, timeoutMs, untilMs: Math.min(untilMs, nowMs + MAX_TIMEOUT_MS) });
    } else {
      added.delete(name);
      removed.set(name, target);
    }
  }
  return { add: [...added.values()], remove: [...removed.values()] };
}

/** As {@link readTarget}; what is not the web's ports is all of them. */
export function readEntry({ target, ports }: FirewallKey): Target {
  return ports === 'web' ? { ...readTarget(target), ports } : readTarget(target);
}

/** Of an entry in maps. */
export function entryName(target: string, ports: BlockPorts | undefined): string {
  return ports === undefined ? target : `${target} ${ports}`;
}

/**
 * Lets canonical addresses and networks through and nothing else: what comes after may read names, ranges, sets or
 * commands in a text (libnftables does). Throws FIREWALL_TARGET_REFUSED.
 */
export function readTarget(text: string): Target {
  if (typeof text !== 'string') throw refused(String(text), 'it is not a text');
  if (isIPv4(text)) {
    if (text === '0.0.0.0') throw refused(text, 'it is the unspecified address');
    return { text, family: 4, prefix: 32, first: BigInt(ipv4Number(text)) };
  }
  const network = readNetwork(text);
  const canonical = networkText(network);
  if (canonical !== text) throw refused(text, `it is not in canonical form, which is ${canonical}`);
  if (network.prefix === 0) throw refused(text, 'it is every address there is');
  if (text === '::') throw refused(text, 'it is the unspecified address');
  return { text, family: network.family, prefix: network.prefix, first: network.first };
}

function readNetwork(text: string) {
  try {
    return parseNetwork(text);
  } catch (error) {
    throw refused(text, String((error as FleetwallError).details['reason'] ?? error));
  }
}

function refused(value: string, reason: string) {
  return firewallError('FIREWALL_TARGET_REFUSED', { value: printable(value), reason });
}

function ipv4Number(text: string): number {
  let sum = 0;
  let octet = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      sum = sum * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + code - 48;
  }
  return sum * 256 + octet;
}
