import type { FleetEvent } from '@fleetwall/core';
import { ascii, standsAt, standsIn } from '../bytes.js';
import { OUTLINES, type Outline } from '../outline.js';
import { parsePam } from '../pam/parse.js';
import { numberBetween } from '../scan.js';
import { isUnparsed, type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import {
  parseAccepted,
  parseAccountDenied,
  parseFailed,
  parseInvalidUser,
  parseMaximum,
  parsePamError,
  parseRefusedConnect,
  parseRootRefused,
  parseUserLine,
} from './auth-log.js';
import {
  isNotRelevant,
  parseConnection,
  parseDisconnected,
  parseDisconnecting,
  parseOtherConnection,
  parseReceivedDisconnect,
} from './connection-log.js';
import { parsePlain } from './plain.js';

/** OpenSSH's server, versions 4 to 10; since 9.8 it logs as `sshd-session`, since 10.0 also as `sshd-auth`. */
export const sshd: Source = {
  name: 'sshd',
  programs: ['sshd', 'sshd-session', 'sshd-auth'],
  parse: (line) => parsePlain(line) ?? parseCarefully(line),
  outline: outlineOf,
};

const CLOSED = ascii('Connection closed by ');
const RESET = ascii('Connection reset by ');
const DISCONNECTED = ascii('Disconnected from ');
const RECEIVED = ascii('Received disconnect from ');
const AUTH_FAIL = ascii('Auth fail');

/** Connections that end. The peer's own words come after what tells, but for one message that JSch ends with. */
function outlineOf(bytes: Uint8Array, start: number, end: number): Outline | undefined {
  switch (bytes[start]) {
    case 67: // C
      if (beginsWith(bytes, CLOSED, start)) return OUTLINES.sshClosed;
      return beginsWith(bytes, RESET, start) ? OUTLINES.sshReset : undefined;
    case 68: // D
      return beginsWith(bytes, DISCONNECTED, start) ? OUTLINES.sshDisconnected : undefined;
    case 82: // R
      if (!beginsWith(bytes, RECEIVED, start)) return undefined;
      return standsIn(bytes, AUTH_FAIL, start, end) ? undefined : OUTLINES.sshDisconnected;
    default:
      return undefined;
  }
}

/** With a word after it, so that nothing that {@link messageText} takes off belongs to it. */
function beginsWith(bytes: Uint8Array, words: Uint8Array, start: number): boolean {
  const code = bytes[start + words.length] ?? 0;
  return code > 32 && code !== 91 && standsAt(bytes, words, start);
}

/** Reads every message, the plain ones too. */
export function parseCarefully(line: LogLine): FleetEvent | Unparsed {
  return parseMessage(line, messageText(line.message));
}

/** The text without the marks that sshd and its surroundings put around it. */
function messageText(message: string): string {
  let text = message;
  if (text.charCodeAt(text.length - 1) === 32) text = text.trimEnd();
  if (text.charCodeAt(text.length - 1) === 93 && text.endsWith(' [preauth]')) text = text.slice(0, -10);
  switch (text.charCodeAt(0)) {
    case 101: // e
      return text.startsWith('error: ') ? text.slice(7) : text;
    case 102: // f
      return text.startsWith('fatal: ') ? text.slice(7) : text;
    case 91: // [
    case 107: // k
      return withoutForeignPrefix(text);
    default:
      return text;
  }
}

/** Solaris' message ids, and the kernel's clock where journald read the console. */
const FOREIGN_PREFIX = /^(?:\[ID \d{1,10} [\w.]{1,40}\]|kernel: ?\[ {0,8}\d{1,10}\.\d{1,9}\]:?) /;

function withoutForeignPrefix(text: string): string {
  const match = FOREIGN_PREFIX.exec(text);
  return match === null ? text : messageText(text.slice(match[0].length));
}

function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  switch (text.charCodeAt(0)) {
    case 70: // F
      if (text.startsWith('Failed ')) return parseFailed(line, text);
      break;
    case 65: // A
      if (text.startsWith('Accepted ')) return parseAccepted(line, text, 9);
      if (text.startsWith('Access denied for user ')) return parseAccountDenied(line, text);
      break;
    case 67: // C
      if (text.startsWith('Connection ')) return parseConnection(line, text);
      break;
    case 68: // D
      if (text.startsWith('Disconnected from ')) return parseDisconnected(line, text);
      if (text.startsWith('Disconnecting')) return parseDisconnecting(line, text);
      break;
    case 73: // I
      if (text.startsWith('Invalid user ') || text.startsWith('Illegal user ')) return parseInvalidUser(line, text);
      break;
    case 82: // R
      if (text.startsWith('Received disconnect from ')) return parseReceivedDisconnect(line, text);
      if (text.startsWith('ROOT LOGIN REFUSED FROM ')) return parseRootRefused(line, text);
      break;
    case 85: // U
      if (text.startsWith('User ')) return parseUserLine(line, text);
      break;
    default:
  }
  return parseRare(line, text);
}

function parseRare(line: LogLine, text: string): FleetEvent | Unparsed {
  if (text.startsWith('maximum authentication attempts exceeded for ')) return parseMaximum(line, text);
  if (text.startsWith('message repeated ')) return parseRepeated(line, text);
  if (text.startsWith('Partial ')) return parseAccepted(line, text, 8);
  if (text.startsWith('PAM: ')) return parsePamError(line, text);
  if (text.startsWith('refused connect from ')) return parseRefusedConnect(line, text);
  // libpam has no module to name when it sums up at the end of a connection.
  if (/^PAM \d+ more authentication failure/.test(text)) return parsePam(line, text.slice(4), 'pam_unix', 'sshd');
  if (isNotRelevant(text)) return notRelevant(line);
  return parseOtherConnection(line, text) ?? unknownMessage(line);
}

/** `message repeated N times: [ MESSAGE]`, by rsyslog: the inner message, N times. */
function parseRepeated(line: LogLine, text: string): FleetEvent | Unparsed {
  const numberEnd = text.indexOf(' ', 17);
  const count = numberBetween(text, 17, numberEnd, 6);
  if (count < 1 || !text.startsWith(' times: [ ', numberEnd) || !text.endsWith(']')) return unknownMessage(line);
  const inner = text.slice(numberEnd + 10, -1);
  if (inner.startsWith('message repeated ')) return unknownMessage(line);
  const event = inner.startsWith('pam_') ? parsePam(line, inner) : parseMessage(line, messageText(inner));
  if (!isUnparsed(event) && event['fleetwall.attempt.role'] !== undefined) event['fleetwall.attempt.count'] = count;
  return event;
}
