import { lookup as lookupName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { parseNetwork, specialOf } from '@fleetwall/core';

/** Whether an address is on the internet: not loopback, link-local, private, multicast or otherwise special. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  return specialOf(parseNetwork(address)) === undefined;
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
