import type { BlockPorts } from '@fleetwall/core';
import type { Target } from '../batch.js';

/**
 * The one table that is ours. Blocks of one family and prefix length share a hash set, keyed by the first address and
 * with the kernel's own timeouts; a packet's source is masked to that length and looked up. So a network costs what an
 * address costs, and networks that overlap never meet: each stands and ends by itself. (An interval set would refuse an
 * overlap or, with auto-merge, lose timeouts.) The price is one look-up a packet for each prefix length in use,
 * less than 100 ns.
 *
 *     table inet fleetwall {
 *       counter dropped { }
 *       set ipv4_32 { type ipv4_addr; flags timeout; }
 *       set ipv4_24 { type ipv4_addr; flags timeout; }
 *       set web_ipv4_32 { type ipv4_addr; flags timeout; }
 *       chain web_ports {
 *         tcp dport 443 counter name dropped drop
 *         udp dport 443 counter name dropped drop
 *       }
 *       chain prerouting {
 *         type filter hook prerouting priority raw; policy accept;
 *         ip saddr @ipv4_32 counter name dropped drop
 *         ip saddr & 255.255.255.0 @ipv4_24 counter name dropped drop
 *         ip saddr @web_ipv4_32 jump web_ports
 *       }
 *     }
 *
 * Prerouting at priority raw comes before connection tracking and before any NAT to containers: established
 * connections are cut as well, and containers are covered. Ports are those that clients connect to, before any NAT.
 *
 * Blocks for the web's ports have sets of their own, which come with the first of them: whoever is in none of them pays for
 * one look-up each and for no port. UDP is HTTP/3.
 */
export const TABLE = 'fleetwall';
export const CHAIN = 'prerouting';
export const WEB_CHAIN = 'web_ports';
export const COUNTER = 'dropped';
/** NF_IP_PRI_RAW */
export const PRIORITY = -300;

/** The set for one family and prefix length, and all ports or the web's. */
export interface BlockSet {
  name: string;
  family: 4 | 6;
  prefix: number;
  /** Absent: all. */
  ports?: BlockPorts;
}

const sets: Record<4 | 6, BlockSet[]> = { 4: setsOf(4), 6: setsOf(6) };
const webSets: Record<4 | 6, BlockSet[]> = { 4: setsOf(4, 'web'), 6: setsOf(6, 'web') };

function setsOf(family: 4 | 6, ports?: BlockPorts): BlockSet[] {
  return Array.from({ length: bitsOf(family) + 1 }, (_, prefix) => ({
    name: `${ports ? `${ports}_` : ''}ipv${family}_${prefix}`,
    family,
    prefix,
    ...(ports && { ports }),
  }));
}

/** @returns the same object for the same family, prefix length and ports */
export function setOf({ family, prefix, ports }: Pick<Target, 'family' | 'prefix' | 'ports'>): BlockSet {
  return (ports === 'web' ? webSets : sets)[family][prefix] as BlockSet;
}

/** The protocols whose ports are the web's, by their numbers. */
export const WEB_PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** What {@link WEB_CHAIN} drops, in order. */
export function webRules(ports: readonly number[]): { protocol: keyof typeof WEB_PROTOCOLS; port: number }[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) => ports.map((port) => ({ protocol, port })));
}

export function groupBySet<T extends Target>(targets: T[]): Map<BlockSet, T[]> {
  const groups = new Map<BlockSet, T[]>();
  for (const target of targets) {
    const set = setOf(target);
    const group = groups.get(set);
    if (group) group.push(target);
    else groups.set(set, [target]);
  }
  return groups;
}

/** The set of that name; undefined when it is not one of ours. */
export function setNamed(name: string): BlockSet | undefined {
  return [...sets[4], ...sets[6], ...webSets[4], ...webSets[6]].find((set) => set.name === name);
}

/** Nearly every block is one of these; sets of other lengths come when they are needed. */
export const USUAL_SETS: readonly BlockSet[] = [
  setOf({ family: 4, prefix: 32 }),
  setOf({ family: 6, prefix: 64 }),
  setOf({ family: 6, prefix: 128 }),
];

export function bitsOf(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Of the prefix, as an unsigned integer of 32 or 128 bits. */
export function maskOf({ family, prefix }: BlockSet): bigint {
  const bits = BigInt(bitsOf(family));
  return ((1n << BigInt(prefix)) - 1n) << (bits - BigInt(prefix));
}
