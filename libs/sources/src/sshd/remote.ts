import type { FleetEvent } from '@fleetwall/core';
import { digitsEnd, numberBetween, setSource } from '../scan.js';

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
export function readFromAtEnd(event: FleetEvent, text: string, end: number): number {
  const portAt = text.lastIndexOf(PORT, end - 1);
  const port = portAt < 0 ? -1 : numberBetween(text, portAt + PORT.length, end, 5);
  if (port < 0) return readAddressAfterFrom(event, text, end);
  const userEnd = readAddressAfterFrom(event, text, portAt);
  if (userEnd >= 0) event['source.port'] = port;
  return userEnd;
}

function readAddressAfterFrom(event: FleetEvent, text: string, end: number): number {
  const from = text.lastIndexOf(FROM, end - 1);
  if (from < 0) return -1;
  const start = from + FROM.length;
  const space = text.indexOf(' ', start);
  if (start >= end || (space >= 0 && space < end)) return -1;
  setSource(event, text.slice(start, end));
  return from;
}

/**
 * `USER from ADDR port N[ ssh1|ssh2[: INFO]]` to the end of the message. INFO, too, can hold the peer's text (the
 * client user of hostbased, the identity in a certificate), so when more than one place could be sshd's own, none is
 * taken: -2, the failure stands without an address.
 */
export function readAuthTail(event: FleetEvent, text: string, userStart: number, end: number): number {
  const last = text.lastIndexOf(PORT, end - 1);
  if (last < userStart) return readAddressAfterFrom(event, text, end);
  const portEnd = digitsEnd(text, last + PORT.length);
  const tail = tailKind(text, portEnd, end);
  if (tail === 'other') {
    return text.indexOf(PORT, userStart) === last ? readAddressAfterFrom(event, text, end) : -2;
  }
  if (text.indexOf(PORT, userStart) !== last && !lastIsCertain(text, userStart, last, tail)) return -2;
  if (tail === 'free' && text.indexOf(FROM, portEnd) >= 0 && !text.startsWith(' ssh1: ruser ', portEnd)) return -2;
  const port = numberBetween(text, last + PORT.length, portEnd, 5);
  const userEnd = readAddressAfterFrom(event, text, last);
  if (userEnd >= 0 && port >= 0) event['source.port'] = port;
  return userEnd;
}

/** The fingerprint of a plain key, as sshd prints it after `ssh2: ` (format_method_key), old MD5 form included. */
const FINGERPRINT = /^ ssh2: [A-Z0-9-]{2,20} (?:SHA256:[A-Za-z0-9+/]{43}|(?:MD5:)?[0-9a-f]{2}(?::[0-9a-f]{2}){15})$/;

/** What follows the port: nothing but the protocol, a plain key's fingerprint, any other INFO, or no such place at all. */
function tailKind(text: string, portEnd: number, end: number): 'none' | 'key' | 'free' | 'other' {
  if (portEnd === end) return 'none';
  if (!text.startsWith(' ssh', portEnd)) return 'other';
  const protocolEnd = digitsEnd(text, portEnd + 4);
  if (protocolEnd === end) return 'none';
  if (!text.startsWith(': ', protocolEnd)) return 'other';
  return end - portEnd < 100 && FINGERPRINT.test(text.slice(portEnd, end)) ? 'key' : 'free';
}

/** Whether the last of several places is sshd's own: it is unless an earlier one could be followed by INFO up to the end. */
function lastIsCertain(text: string, userStart: number, last: number, tail: 'none' | 'key' | 'free'): boolean {
  if (tail === 'key') return true;
  if (tail === 'free') return false;
  const info = text.indexOf(' ssh2: ', userStart);
  return (info < 0 || info > last) && text.indexOf(' ssh1: ', userStart) < 0;
}

/** `[[authenticating |invalid ]user NAME ]ADDR[ port N]`, exactly `text[start..end)`. Sets user and source. */
export function readConnectionId(event: FleetEvent, text: string, start: number, end: number): boolean {
  const portAt = text.lastIndexOf(PORT, end - 1);
  const port = portAt < start ? -1 : numberBetween(text, portAt + PORT.length, end, 5);
  const addressEnd = port < 0 ? end : portAt;
  const space = text.lastIndexOf(' ', addressEnd - 1);
  if (port < 0 && space >= start) return false;
  const addressStart = space < start ? start : space + 1;
  if (addressStart >= addressEnd) return false;
  setSource(event, text.slice(addressStart, addressEnd));
  if (port >= 0) event['source.port'] = port;
  readIdUser(event, text, start, addressStart - 1);
  return true;
}

function readIdUser(event: FleetEvent, text: string, start: number, userEnd: number): void {
  let userStart = start;
  if (text.startsWith('authenticating user ', start)) userStart += 20;
  else if (text.startsWith('invalid user ', start)) {
    userStart += 13;
    event['fleetwall.user.known'] = false;
  } else if (text.startsWith('user ', start)) userStart += 5;
  else return;
  event['user.name'] = text.slice(userStart, Math.max(userStart, userEnd));
}

const ID_WITH_USER = ['user ', 'invalid user ', 'authenticating user '];

/** `ADDR port N` or `ADDR` at `start`, where sshd prints the peer before anything the peer wrote. Answers the index after it, or -1. */
export function readAddressAtStart(event: FleetEvent, text: string, start: number): number {
  if (ID_WITH_USER.some((words) => text.startsWith(words, start))) return -1;
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== 32) end++;
  if (end === start) return -1;
  const hasPort = text.startsWith(PORT, end);
  // Before OpenSSH 7.2 the address is followed by a colon: `Received disconnect from 192.0.2.1: 11: Bye`.
  const addressEnd = !hasPort && text.charCodeAt(end - 1) === 58 ? end - 1 : end;
  setSource(event, text.slice(start, addressEnd));
  if (!hasPort) return addressEnd;
  const portStart = end + PORT.length;
  const portEnd = digitsEnd(text, portStart);
  const port = numberBetween(text, portStart, portEnd, 5);
  if (port >= 0) event['source.port'] = port;
  return portEnd;
}
