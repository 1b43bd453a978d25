import type { EventDraft } from '../event-builder.js';
import { digitsEnd, digitsStart, numberBetween, setSource, wordEnd, wordStart } from '../scan.js';

/**
 * Where sshd prints the peer, and nowhere else.
 *
 * The user name is the peer's own text: it may hold ` from 192.0.2.66 port 22 ssh2`. What sshd prints after it is
 * therefore read from the end of the message. Three shapes end a message (auth.c, packet.c):
 *
 * - ` from ADDR port N ssh2` (auth_log), for some methods followed by `: INFO`;
 * - ` from ADDR port N` (and before OpenSSH 7.2 ` from ADDR`);
 * - `[authenticating |invalid ]user NAME ADDR port N` (sshpkt_fmt_connection_id).
 *
 * Each reader answers the index where the user name ends, or -1 when the message has another shape.
 */

const FROM = ' from ';
const PORT = ' port ';

/** `… from ADDR port N` or `… from ADDR`, ending at `end`. */
export function readFromAtEnd(draft: EventDraft, text: string, end: number): number {
  const digits = digitsStart(text, end);
  if (digits === end || end - digits > 5 || !text.startsWith(PORT, digits - PORT.length)) {
    return readAddressAfterFrom(draft, text, end);
  }
  return readFromAndPort(draft, text, digits, end);
}

/** `… from ADDR port N`, where the number is `text[digits..end)`. */
function readFromAndPort(draft: EventDraft, text: string, digits: number, end: number): number {
  const userEnd = readAddressAfterFrom(draft, text, digits - PORT.length);
  if (userEnd >= 0) draft.port = numberBetween(text, digits, end, 5);
  return userEnd;
}

function readAddressAfterFrom(draft: EventDraft, text: string, end: number): number {
  const start = wordStart(text, 0, end);
  const from = start - FROM.length;
  if (start >= end || from < 0 || !text.startsWith(FROM, from)) return -1;
  setSource(draft, text.slice(start, end));
  return from;
}

/**
 * `USER from ADDR port N[ ssh1|ssh2[: INFO]]` to the end of the message. INFO, too, can hold the peer's text (the
 * client user of hostbased, the identity in a certificate), so when more than one place could be sshd's own, none is
 * taken: -2, the failure stands without an address.
 */
export function readAuthTail(draft: EventDraft, text: string, userStart: number): number {
  const first = text.indexOf(PORT, userStart);
  if (first < 0) return readAddressAfterFrom(draft, text, text.length);
  const digits = first + PORT.length;
  const portEnd = digitsEnd(text, digits);
  const tail = portEnd === digits || portEnd - digits > 5 ? 'other' : tailKind(text, portEnd);
  const isOnly = text.indexOf(PORT, portEnd) < 0;
  if (!isOnly) return readLastOfSeveral(draft, text, userStart);
  if (tail === 'other') return readAddressAfterFrom(draft, text, text.length);
  const mayBeUsers = tail === 'info' && text.indexOf(FROM, portEnd) >= 0 && !text.startsWith(' ssh1: ruser ', portEnd);
  return mayBeUsers ? -2 : readFromAndPort(draft, text, digits, portEnd);
}

/** Somebody wrote ` port ` into a name. sshd's own comes last, unless what follows an earlier one could be INFO. */
function readLastOfSeveral(draft: EventDraft, text: string, userStart: number): number {
  const last = text.lastIndexOf(PORT);
  const digits = last + PORT.length;
  const portEnd = digitsEnd(text, digits);
  if (portEnd === digits || portEnd - digits > 5) return -2;
  const tail = tailKind(text, portEnd);
  const isCertain =
    tail === 'none'
      ? text.indexOf(' ssh2: ', userStart) < 0 && text.indexOf(' ssh1: ', userStart) < 0
      : tail === 'info' && FINGERPRINT.test(text.slice(portEnd, portEnd + 100));
  return isCertain ? readFromAndPort(draft, text, digits, portEnd) : -2;
}

/** The fingerprint of a plain key, as sshd prints it after `ssh2: ` (format_method_key), old MD5 form included. */
const FINGERPRINT = /^ ssh2: [A-Z0-9-]{2,20} (?:SHA256:[A-Za-z0-9+/]{43}|(?:MD5:)?[0-9a-f]{2}(?::[0-9a-f]{2}){15})$/;

/** What follows the port to the end of the message: nothing but the protocol, INFO, or something else. */
function tailKind(text: string, portEnd: number): 'none' | 'info' | 'other' {
  const end = text.length;
  if (portEnd === end) return 'none';
  if (!text.startsWith(' ssh', portEnd)) return 'other';
  const protocolEnd = digitsEnd(text, portEnd + 4);
  if (protocolEnd === end) return 'none';
  return text.charCodeAt(protocolEnd) === 58 ? 'info' : 'other';
}

/** `[[authenticating |invalid ]user NAME ]ADDR[ port N]`, exactly `text[start..end)`. Sets user and source. */
export function readConnectionId(draft: EventDraft, text: string, start: number, end: number): boolean {
  const digits = digitsStart(text, end);
  const hasPort = digits < end && end - digits <= 5 && text.startsWith(PORT, digits - PORT.length);
  const addressEnd = hasPort ? digits - PORT.length : end;
  const addressStart = wordStart(text, start, addressEnd);
  if (addressStart >= addressEnd || (!hasPort && addressStart > start)) return false;
  setSource(draft, text.slice(addressStart, addressEnd));
  if (hasPort) draft.port = numberBetween(text, digits, end, 5);
  if (addressStart > start) readIdUser(draft, text, start, addressStart - 1);
  return true;
}

function readIdUser(draft: EventDraft, text: string, start: number, userEnd: number): void {
  let userStart = start;
  if (text.startsWith('authenticating user ', start)) userStart += 20;
  else if (text.startsWith('invalid user ', start)) {
    userStart += 13;
    draft.userKnown = false;
  } else if (text.startsWith('user ', start)) userStart += 5;
  else return;
  draft.user = text.slice(userStart, Math.max(userStart, userEnd));
}

const ID_WITH_USER = ['user ', 'invalid user ', 'authenticating user '];

/**
 * `ADDR port N` or `ADDR` at `start`, where sshd prints the peer before anything the peer wrote. Without effect when a
 * user name comes first.
 */
export function readAddressAtStart(draft: EventDraft, text: string, start: number): void {
  if (ID_WITH_USER.some((words) => text.startsWith(words, start))) return;
  const end = wordEnd(text, start);
  const hasPort = text.startsWith(PORT, end);
  // Before OpenSSH 7.2 the address is followed by a colon: `Received disconnect from 192.0.2.1: 11: Bye`.
  setSource(draft, text.slice(start, !hasPort && text.charCodeAt(end - 1) === 58 ? end - 1 : end));
  if (!hasPort) return;
  const digits = end + PORT.length;
  const port = numberBetween(text, digits, digitsEnd(text, digits), 5);
  if (port >= 0) draft.port = port;
}
