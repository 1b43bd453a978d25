import { createHash } from 'node:crypto';
import { contains, type Network, networkText, parseNetwork } from '@fleetwall/core';

/**
 * The values as a text file: one address or network a line, IPv4 first, in order; none inside another, since some
 * firewalls refuse sets that overlap.
 */
export function blocklistText(values: Iterable<string>, family: 4 | 6 | undefined): string {
  const networks = [...values].map(parseNetwork).filter((network) => family === undefined || network.family === family);
  const lines: string[] = [];
  let widest: Network | undefined;
  for (const network of networks.sort(byAddress)) {
    if (widest && contains(widest, network)) continue;
    widest = network;
    lines.push(`${networkText(network)}\n`);
  }
  return lines.join('');
}

/** The wider one first. */
function byAddress(a: Network, b: Network): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.prefix - b.prefix;
}

/** Strong: the same bytes. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** `If-None-Match` of RFC 9110 section 13.1.2. */
export function isMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
