import { lookup as lookupName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { embeddedIpv4, parseNetwork } from '@fleetwall/core';

/** Addresses that are nobody's on the internet (IANA special-purpose registries, RFC 6890). */
const SPECIAL_IPV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  SPECIAL_IPV4.addSubnet(network, prefix);
/** Of IPv6 only this is global; what carries an IPv4 address is judged by that. */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address is on the internet: not loopback, link-local, private, multicast or otherwise special. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const network = parseNetwork(address);
  if (network.family === 4) return !SPECIAL_IPV4.check(ipv4Of(network.first));
  const inner = embeddedIpv4(network);
  if (inner !== undefined) return isPublic(inner);
  return GLOBAL_IPV6.check(address, 'ipv6');
}

function ipv4Of(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** A host that stays within this network is not to be reached. */
export class PrivateTarget extends Error {
  constructor(address: string) {
    super(`${address} is a private or special address; allowPrivate lets it through`);
    this.name = 'PrivateTarget';
  }
}

/**
 * Looks a name up for a connection: what it answers is what is connected to, so a name cannot be public when it is judged
 * and private when it is used. All of its addresses must be public.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const inside = addresses.find(({ address }) => !isPublic(address));
    if (inside) return callback(new PrivateTarget(inside.address), '', 0);
    const [first] = addresses;
    if (options.all) return callback(null, addresses);
    callback(null, first?.address ?? '', first?.family);
  });
};
