import { canonicalAddress } from '@fleetwall/core';
import type { EventDraft } from './event-builder.js';

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const SPACE = 32;

/** The decimal number that is exactly `text[start..end)`, at most `maxDigits` long; -1 when it is none. */
export function numberBetween(text: string, start: number, end: number, maxDigits = 10): number {
  if (end <= start || end - start > maxDigits) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The index after the digits that begin at `start`; `start` when there are none. */
export function digitsEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) break;
    i++;
  }
  return i;
}

/** The index of the first of the digits that end before `end`; `end` when there are none. */
export function digitsStart(text: string, end: number): number {
  let i = end;
  while (i > 0) {
    const code = text.charCodeAt(i - 1);
    if (code < ZERO || code > NINE) break;
    i--;
  }
  return i;
}

/** The index of the first character of the word that ends before `end`; never below `start`. */
export function wordStart(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && text.charCodeAt(i - 1) !== SPACE) i--;
  return i;
}

/** The index after the word that begins at `start`. */
export function wordEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length && text.charCodeAt(i) !== SPACE) i++;
  return i;
}

/**
 * Writes where a connection came from: a canonical address into `source.ip`, a host name that the program printed into
 * `source.domain` (never looked up). Anything else (`UNKNOWN`, a zone, look-alike digits) writes nothing.
 */
export function setSource(draft: EventDraft, name: string): void {
  if (isDottedQuad(name)) {
    draft.ip = name;
    return;
  }
  const address = name.includes(':') ? canonicalIpv6(name) : undefined;
  if (address !== undefined) draft.ip = address;
  else if (isHostName(name)) draft.domain = name;
}

/** `a.b.c.d` of four numbers 0 to 255 without leading zeros. */
function isDottedQuad(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let dots = 0;
  let value = -1;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit === DOT - ZERO) {
      if (value < 0 || ++dots > 3) return false;
      value = -1;
    } else if (digit < 0 || digit > 9 || value === 0) {
      return false;
    } else {
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  return dots === 3 && value >= 0;
}

const MAX_CACHED = 4096;
/** Reading an IPv6 address costs more than the rest of its line, and the same few come again and again. */
const ipv6Cache = new Map<string, string | undefined>();

function canonicalIpv6(text: string): string | undefined {
  if (text.length > 45) return undefined;
  const cached = ipv6Cache.get(text);
  if (cached !== undefined) return cached;
  const address = canonicalAddress(text);
  if (ipv6Cache.size >= MAX_CACHED) ipv6Cache.clear();
  ipv6Cache.set(text, address);
  return address;
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?$/;

function isHostName(text: string): boolean {
  return text !== 'UNKNOWN' && text !== 'unknown' && HOST_NAME.test(text);
}
