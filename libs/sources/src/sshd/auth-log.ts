import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainEvent, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed, unknownMessage } from '../source.js';
import { readAddressAtStart, readAuthTail, readFromAtEnd } from './remote.js';

/**
 * Lines that tell of a user and an outcome. `text` is the message without `error: ` and without ` [preauth]`.
 *
 * Source: auth.c (auth_log, getpwnamallow, allowed_user), auth-pam.c and auth2.c of OpenSSH 4 to 10.
 */

/** `Failed METHOD for [invalid user ]USER from ADDR port N ssh2[: INFO]`. */
export function parseFailed(line: LogLine, text: string): FleetEvent | Unparsed {
  const methodEnd = text.indexOf(' ', 7);
  if (methodEnd < 0 || !text.startsWith('for ', methodEnd + 1)) return unknownMessage(line);
  const method = text.slice(7, methodEnd);
  const event = failedLogon(line, 'sshd', 'ssh-logon-failed');
  const known = readUser(event, text, methodEnd + 5);
  if (known === undefined) return unknownMessage(line);
  event['fleetwall.auth.method'] = method;
  markFailure(event, method, known);
  return event;
}

/**
 * A client offers every key (and ticket) it has before it asks for a password, so for an account that exists a refused
 * key is routine; for one that does not, it is one more sign of the same try.
 */
function markFailure(event: FleetEvent, method: string, known: boolean): void {
  if (method === 'password' || method.startsWith('keyboard-interactive')) {
    event['fleetwall.attempt.role'] = 'attempt';
    return;
  }
  event['event.action'] = FAILED_ACTIONS[method] ?? 'ssh-method-refused';
  if (!known || method === 'hostbased') event['fleetwall.attempt.role'] = 'part';
}

const FAILED_ACTIONS: Record<string, string> = {
  publickey: 'ssh-key-refused',
  hostbased: 'ssh-hostbased-refused',
  none: 'ssh-none-refused',
};

/** Sets user and source from `userStart` on; answers whether the account exists, undefined when the shape is another. */
function readUser(event: FleetEvent, text: string, userStart: number): boolean | undefined {
  const invalid = text.startsWith('invalid user ', userStart) || text.startsWith('illegal user ', userStart);
  const start = invalid ? userStart + 13 : userStart;
  const userEnd = readAuthTail(event, text, start, text.length);
  if (userEnd === -1) return undefined;
  if (userEnd >= 0) return setUser(event, text, start, userEnd, !invalid);
  event['fleetwall.user.known'] = !invalid;
  return !invalid;
}

function setUser(event: FleetEvent, text: string, start: number, end: number, known: boolean): boolean {
  const user = end <= start ? '' : text.slice(start, end);
  // OpenSolaris prints this in the place of a name that does not exist.
  const named = user !== '<invalid username>';
  if (named) event['user.name'] = user;
  event['fleetwall.user.known'] = known && named;
  return known && named;
}

/** `Accepted METHOD for USER from ADDR port N ssh2[: INFO]`, and `Partial` when more is asked for. */
export function parseAccepted(line: LogLine, text: string, verbLength: number): FleetEvent | Unparsed {
  const methodEnd = text.indexOf(' ', verbLength);
  if (methodEnd < 0 || !text.startsWith('for ', methodEnd + 1)) return unknownMessage(line);
  const event =
    verbLength === 9
      ? logon(line, 'sshd', 'ssh-logon')
      : plainEvent(line, 'sshd', 'ssh-logon-partial', CATEGORY.authentication, TYPE.info);
  if (readUser(event, text, methodEnd + 5) === undefined) return unknownMessage(line);
  event['fleetwall.auth.method'] = text.slice(verbLength, methodEnd);
  return event;
}

/** `Invalid user USER from ADDR[ port N]`. */
export function parseInvalidUser(line: LogLine, text: string): FleetEvent | Unparsed {
  const event = failedLogon(line, 'sshd', 'ssh-invalid-user');
  const userEnd = readFromAtEnd(event, text, text.length);
  if (userEnd < 12) return unknownMessage(line);
  setUser(event, text, 13, userEnd, false);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `User USER from ADDR not allowed because REASON`, `User USER not allowed because account is locked`. */
export function parseUserLine(line: LogLine, text: string): FleetEvent | Unparsed {
  const reasonAt = text.lastIndexOf(' not allowed because ');
  if (reasonAt < 0) return text.startsWith('User child is on pid ') ? notRelevant(line) : unknownMessage(line);
  const event = failedLogon(line, 'sshd', 'ssh-user-not-allowed');
  const reason = text.slice(reasonAt + 21);
  const userEnd = reason === 'account is locked' ? reasonAt : readFromAtEnd(event, text, reasonAt);
  if (userEnd < 4) return unknownMessage(line);
  setUser(event, text, 5, userEnd, true);
  event['event.reason'] = reason;
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `PAM: TEXT for [illegal user ]USER from ADDR[ via SERVER]`; TEXT is pam_strerror's, in the system's words. */
export function parsePamError(line: LogLine, text: string): FleetEvent | Unparsed {
  const forAt = text.indexOf(' for ');
  if (forAt < 0) return text.startsWith('PAM: pam_') ? notRelevant(line) : unknownMessage(line);
  const event = failedLogon(line, 'sshd', 'ssh-pam-refused');
  const via = text.lastIndexOf(' via ');
  const end = via > forAt && text.indexOf(' ', via + 5) < 0 && text.lastIndexOf(' from ') < via ? via : text.length;
  const userEnd = readFromAtEnd(event, text, end);
  if (userEnd < forAt + 4) return unknownMessage(line);
  const invalid = text.startsWith('illegal user ', forAt + 5) || text.startsWith('invalid user ', forAt + 5);
  setUser(event, text, forAt + (invalid ? 18 : 5), userEnd, !invalid);
  if (!invalid) delete event['fleetwall.user.known'];
  event['event.reason'] = text.slice(5, forAt);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `maximum authentication attempts exceeded for [invalid user ]USER from ADDR port N ssh2`. */
export function parseMaximum(line: LogLine, text: string): FleetEvent | Unparsed {
  const event = failedLogon(line, 'sshd', 'ssh-too-many-failures');
  if (readUser(event, text, 'maximum authentication attempts exceeded for '.length) === undefined) {
    return unknownMessage(line);
  }
  event['fleetwall.attempt.role'] = 'summary';
  return event;
}

/** `ROOT LOGIN REFUSED FROM ADDR[ port N]`. */
export function parseRootRefused(line: LogLine, text: string): FleetEvent {
  const event = failedLogon(line, 'sshd', 'ssh-root-refused');
  readAddressAtStart(event, text, 'ROOT LOGIN REFUSED FROM '.length);
  event['user.name'] = 'root';
  event['fleetwall.user.known'] = true;
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `Access denied for user USER by PAM account configuration`: the password was right, the account is closed. */
export function parseAccountDenied(line: LogLine, text: string): FleetEvent | Unparsed {
  const end = text.lastIndexOf(' by PAM account configuration');
  if (end < 23) return unknownMessage(line);
  const event = failedLogon(line, 'sshd', 'ssh-account-denied');
  event['user.name'] = text.slice(23, end);
  event['fleetwall.user.known'] = true;
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `refused connect from [USER@]HOST[ (ADDR)]`, by tcp_wrappers: the ident user and the host's name are the peer's words. */
export function parseRefusedConnect(line: LogLine, text: string): FleetEvent {
  const event = failedLogon(line, 'sshd', 'ssh-connect-refused');
  const open = text.lastIndexOf(' (');
  const start = text.endsWith(')') && open >= 0 ? open + 2 : Math.max(21, text.lastIndexOf('@') + 1);
  const address = text.slice(start, start === open + 2 ? -1 : undefined);
  if (!address.includes(' ')) setSource(event, address);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}
