import { canonicalAddress, type FleetEvent } from '@fleetwall/core';

/** Hand-written scanning: what a regular expression would cost on the hot path several times over. */

const ZERO = 48;
const NINE = 57;
const DOT = 46;

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

/** Whether `text` contains `part` within `[start, end)`. */
export function containsBetween(text: string, part: string, start: number, end: number): boolean {
  const at = text.indexOf(part, start);
  return at >= 0 && at + part.length <= end;
}

/**
 * Writes where a connection came from: a canonical address into `source.ip`, a host name that the program printed into
 * `source.domain` (never looked up). Anything else (`UNKNOWN`, a zone, look-alike digits) writes nothing.
 */
export function setSource(event: FleetEvent, text: string): void {
  if (isDottedQuad(text)) {
    event['source.ip'] = text;
    return;
  }
  const address = canonicalAddress(text);
  if (address !== undefined) event['source.ip'] = address;
  else if (isHostName(text)) event['source.domain'] = text;
}

/** `a.b.c.d` of four numbers 0 to 255 without leading zeros. */
function isDottedQuad(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let dots = 0;
  let value = -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (value < 0 || ++dots > 3) return false;
      value = -1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || value === 0) return false;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return false;
  }
  return dots === 3 && value >= 0;
}

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?$/;

function isHostName(text: string): boolean {
  return text !== 'UNKNOWN' && text !== 'unknown' && HOST_NAME.test(text);
}
