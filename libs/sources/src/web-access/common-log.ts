import { canonicalAddress } from '@fleetwall/core';
import { clientOf } from '../proxy/client-of.js';
import type { TrustedProxies } from '../proxy/trusted-proxies.js';
import { digitsEnd, numberBetween } from '../scan.js';
import type { AccessRecord } from './access-record.js';

/**
 * The Common Log Format and what is made of it:
 *
 *     [VHOST ]PEER IDENT USER [22/Nov/2026:07:00:00 +0000] "METHOD TARGET VERSION" STATUS BYTES[ "REFERER" "AGENT"[ "XFF"]]…
 *
 * The peer stands before all that it may write itself. In the user name, the request and what follows it, Apache writes `\"`
 * and nginx `\x22` for a quote, so the first quote without a backslash begins the request, and the stamp has its place
 * before that quote.
 *
 * Sources: mod_log_config.c (log_remote_user, ap_escape_logitem), ngx_http_log_module.c (ngx_http_log_escape).
 */
export interface CommonLine {
  /** Of the `[` of the stamp. */
  stampStart: number;
  /** Of the quote that begins the request. */
  requestQuote: number;
}

/** `[22/Nov/2026:07:00:00 +0000] ` */
const STAMP_CHARS = 29;

/** Where stamp and request of the line begin; undefined when it has not this form. Cheap for all other lines. */
export function locate(text: string, start: number): CommonLine | undefined {
  let quote = unescapedQuote(text, start);
  // Apache prints an empty user name as "".
  if (quote > 0 && text.startsWith('"" [', quote)) quote = unescapedQuote(text, quote + 2);
  const stampStart = quote - STAMP_CHARS;
  if (quote < 0 || stampStart < start + 8) return undefined;
  const isFramed = text.charCodeAt(stampStart) === 91 && text.charCodeAt(stampStart - 1) === 32;
  const isEnded = text.charCodeAt(quote - 2) === 93 && text.charCodeAt(quote - 1) === 32;
  return isFramed && isEnded && text.charCodeAt(stampStart + 3) === 47
    ? { stampStart, requestQuote: quote }
    : undefined;
}

/** A request of nobody that is no POST tells of no logon, whatever the answer was: nearly every line of a log. */
export function isOrdinary(text: string, { stampStart, requestQuote }: CommonLine): boolean {
  return text.charCodeAt(requestQuote + 1) !== 80 && text.endsWith(' - - ', stampStart);
}

/** Undefined when the line is not whole, or could have been read in two ways. */
export function readCommonLine(
  text: string,
  start: number,
  { stampStart, requestQuote }: CommonLine,
  trusted?: TrustedProxies,
): AccessRecord | undefined {
  const from = readOrigin(text.slice(start, stampStart - 1));
  const requestEnd = unescapedQuote(text, requestQuote + 1);
  if (from === undefined || requestEnd < 0 || text.charCodeAt(requestEnd + 1) !== 32) return undefined;
  const status = numberBetween(text, requestEnd + 2, requestEnd + 5, 3);
  const bytesEnd = endOfBytes(text, requestEnd + 5);
  if (status < 100 || bytesEnd < 0 || !isPlainTail(text, bytesEnd)) return undefined;
  const [method = '', target = ''] = text.slice(requestQuote + 1, requestEnd).split(' ', 2);
  const address = canonicalAddress(from.peer);
  const forwardedFor = address !== undefined && trusted?.has(address) ? fourthQuoted(text, bytesEnd) : undefined;
  const client = address === undefined ? from.peer : clientOf(address, forwardedFor, trusted);
  return { client, user: from.user, method, target, status };
}

/** `PEER - USER`, `VHOST PEER - USER`, `PEER -`. */
function readOrigin(text: string): { peer: string; user: string | undefined } | undefined {
  const [first = '', second = ''] = text.split(' ', 2);
  const hasHost = canonicalAddress(second) !== undefined;
  if (hasHost && !VIRTUAL_HOST.test(first)) return undefined;
  // With two addresses either may be the peer: a host named by its address, or the ident that the peer's own server gave.
  if (hasHost && canonicalAddress(first) !== undefined) return undefined;
  const peer = hasHost ? second : first;
  const identStart = (hasHost ? first.length + 1 : 0) + peer.length + 1;
  if (!text.startsWith('-', identStart)) return undefined;
  if (identStart + 1 === text.length) return { peer, user: undefined };
  if (text.charCodeAt(identStart + 1) !== 32) return undefined;
  const user = text.slice(identStart + 2);
  // A name that reads like the head of a line: what is before it could be a name that the peer gave its host.
  if (HEAD_OF_LINE.test(user)) return undefined;
  return { peer, user: user === '-' ? undefined : user === '""' ? '' : user };
}

/** A name with or without a port; a list of addresses (`X-Forwarded-For` in the place of the peer) is none. */
const VIRTUAL_HOST = /^[\w.:[\]-]{1,260}$/;
const HEAD_OF_LINE = /(?:^| )[0-9A-Fa-f:.]{3,45} - /;

/** Bytes, `-` for none, after a blank; -1 when there are none. */
function endOfBytes(text: string, at: number): number {
  if (text.charCodeAt(at) !== 32) return -1;
  if (text.charCodeAt(at + 1) === 45) return at + 2;
  const end = digitsEnd(text, at + 1);
  return end > at + 1 ? end : -1;
}

/** After status and bytes no second stamp may come before the next quote: else these were part of somebody's name. */
function isPlainTail(text: string, at: number): boolean {
  if (at === text.length || text.startsWith(' "', at)) return true;
  if (text.charCodeAt(at) !== 32) return false;
  const quote = unescapedQuote(text, at);
  return !text.slice(at, quote < 0 ? text.length : quote).includes('[');
}

/** What stands quoted after referer and agent: `"$http_x_forwarded_for"` in the format that nginx is shipped with. */
function fourthQuoted(text: string, bytesEnd: number): string | undefined {
  let at = bytesEnd;
  for (let n = 0; n < 3; n++) {
    if (!text.startsWith(' "', at)) return undefined;
    const end = unescapedQuote(text, at + 2);
    if (end < 0) return undefined;
    if (n === 2) return text.slice(at + 2, end);
    at = end + 1;
  }
  return undefined;
}

/** The next quote at or after `start` that no backslash makes part of a text; -1 when there is none. */
function unescapedQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at > 0 && isEscaped(text, at, start)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number, start: number): boolean {
  let backslashes = 0;
  for (let i = at - 1; i >= start && text.charCodeAt(i) === 92; i--) backslashes++;
  return backslashes % 2 === 1;
}
