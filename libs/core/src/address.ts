import { isIPv4, isIPv6 } from 'node:net';
import { coreError } from './errors.js';

/**
 * IP addresses and networks, read strictly and written one way.
 *
 * Text is either what inet_pton takes or refused: no octal or short forms (CVE-2021-28918, CVE-2024-29415), no zones, no
 * names. IPv6 is written by RFC 5952; IPv6 that carries IPv4 in the mapped form (RFC 4291 2.5.5.2) becomes the IPv4
 * address. A network's host bits are cleared.
 */
export interface Network {
  family: 4 | 6;
  /** First address, an unsigned integer of 32 or 128 bits. */
  first: bigint;
  /** Last address, inclusive. */
  last: bigint;
  prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED = 0xffffn << 32n;

/** The canonical form of one address, or undefined when the text is none. Fast for IPv4, which is the hot path. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (text.length > 45 || text.includes('%') || !isIPv6(text)) return undefined;
  const value = ipv6ToBigInt(text);
  return value >> 32n === 0xffffn ? ipv4ToText(value & 0xffffffffn) : ipv6ToText(value);
}

/** Reads `a.b.c.d`, `a.b.c.d/n`, `x::y` or `x::y/n`. Throws ADDRESS_INVALID. */
export function parseNetwork(text: string): Network {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const refuse = (reason: string) => coreError('ADDRESS_INVALID', { value: printable(text), reason });
  if (address.includes('%')) throw refuse('a zone (%) has a meaning on one host only');
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  if (!family) throw refuse('not four decimal numbers of 0 to 255, nor eight groups of hexadecimal digits');
  let prefix: number = BITS[family];
  if (slash >= 0) {
    const bits = text.slice(slash + 1);
    if (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > BITS[family]) {
      throw refuse(`the prefix length is not a number of 0 to ${BITS[family]}`);
    }
    prefix = Number(bits);
  }
  const value = family === 4 ? ipv4ToBigInt(address) : ipv6ToBigInt(address);
  if (family === 6 && prefix >= 96 && value >> 32n === 0xffffn) return networkOf(4, value & 0xffffffffn, prefix - 96);
  return networkOf(family, value, prefix);
}

/** The network of `prefix` bits that holds the address. */
export function networkOf(family: 4 | 6, address: bigint, prefix: number): Network {
  const hostBits = BigInt(BITS[family] - prefix);
  const first = (address >> hostBits) << hostBits;
  return { family, first, last: first + (1n << hostBits) - 1n, prefix };
}

/** `198.51.100.7` for a single address, `198.51.100.0/24` for a network. */
export function networkText(network: Network): string {
  const address = network.family === 4 ? ipv4ToText(network.first) : ipv6ToText(network.first);
  return network.prefix === BITS[network.family] ? address : `${address}/${network.prefix}`;
}

/** Parses and writes again: the one text for a target. Throws ADDRESS_INVALID. */
export function canonicalTarget(text: string): string {
  return networkText(parseNetwork(text));
}

export function overlaps(a: Network, b: Network): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Network, inner: Network): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** `network` without `exempt`, as the fewest networks, in order. */
export function subtract(network: Network, exempt: Network): Network[] {
  if (!overlaps(network, exempt)) return [network];
  if (contains(exempt, network)) return [];
  const half = network.prefix + 1;
  const low = networkOf(network.family, network.first, half);
  const high = networkOf(network.family, low.last + 1n, half);
  return [...subtract(low, exempt), ...subtract(high, exempt)];
}

/**
 * The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96, RFC 6052), 6to4 (2002::/16,
 * RFC 3056) or Teredo (2001::/32, RFC 4380: the client's address, inverted). Undefined for every other address.
 */
export function embeddedIpv4(network: Network): string | undefined {
  if (network.family === 4 || network.prefix !== 128) return undefined;
  const value = network.first;
  if (value >> 32n === MAPPED >> 32n || value >> 32n === 0x64ff9bn << 64n) return ipv4ToText(value & 0xffffffffn);
  if (value >> 112n === 0x2002n) return ipv4ToText((value >> 80n) & 0xffffffffn);
  if (value >> 96n === 0x20010000n) return ipv4ToText(~value & 0xffffffffn);
  return undefined;
}

/**
 * What an address is counted and blocked as: an IPv4 address by itself, an IPv6 address by its /64, since one customer
 * has at least that many (RFC 6177). NAT64 addresses are the IPv4 address they carry; 6to4 and Teredo stay single.
 */
export function countedAs(address: string): string {
  if (!address.includes(':')) return address;
  const network = parseNetwork(address);
  if (network.family === 4) return networkText(network);
  const embedded = embeddedIpv4(network);
  if (embedded !== undefined) return network.first >> 32n === 0x64ff9bn << 64n ? embedded : networkText(network);
  return networkText(networkOf(6, network.first, 64));
}

function ipv4ToBigInt(text: string): bigint {
  return BigInt(text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
}

function ipv4ToText(value: bigint): string {
  const n = Number(value);
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}

function ipv6ToBigInt(text: string): bigint {
  const dot = text.lastIndexOf(':');
  const tail = text.slice(dot + 1);
  let hex = text;
  if (tail.includes('.')) {
    const v4 = ipv4ToBigInt(tail);
    hex = `${text.slice(0, dot + 1)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const [head = '', rest] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const zeros = rest === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function ipv6ToText(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  return best < 0 ? text(groups) : `${text(groups.slice(0, best))}::${text(groups.slice(best + bestLength))}`;
}

/** For messages: what an attacker wrote, without control characters and cut to a readable length. */
export function printable(text: string, maxLength = 200): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => {
    const code = c.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
