import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
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
  const draft = failedLogon('sshd', 'ssh-logon-failed');
  const known = readUser(draft, text, methodEnd + 5);
  if (known === undefined) return unknownMessage(line);
  draft.method = method;
  markFailure(draft, method, known);
  return draft.finish(line);
}

/**
 * A client offers every key (and ticket) it has before it asks for a password, so for an account that exists a refused
 * key is routine; for one that does not, it is one more sign of the same try.
 */
export function markFailure(draft: EventDraft, method: string, known: boolean): void {
  if (method === 'password' || method.startsWith('keyboard-interactive')) {
    draft.role = 'attempt';
    return;
  }
  draft.action = FAILED_ACTIONS[method] ?? 'ssh-method-refused';
  if (!known || method === 'hostbased') draft.role = 'part';
}

const FAILED_ACTIONS: Record<string, string> = {
  publickey: 'ssh-key-refused',
  hostbased: 'ssh-hostbased-refused',
  none: 'ssh-none-refused',
};

/** Sets user and source from `userStart` on; answers whether the account exists, undefined when the shape is another. */
function readUser(draft: EventDraft, text: string, userStart: number): boolean | undefined {
  const invalid = saysInvalid(text, userStart);
  const start = invalid ? userStart + 13 : userStart;
  const userEnd = readAuthTail(draft, text, start);
  if (userEnd === -1) return undefined;
  if (userEnd >= 0) return setUser(draft, text, start, userEnd, !invalid);
  draft.userKnown = !invalid;
  return !invalid;
}

function saysInvalid(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 105) return false;
  return text.startsWith('invalid user ', at) || text.startsWith('illegal user ', at);
}

function setUser(draft: EventDraft, text: string, start: number, end: number, known: boolean): boolean {
  const user = end <= start ? '' : text.slice(start, end);
  // OpenSolaris prints this in the place of a name that does not exist.
  const named = user !== '<invalid username>';
  if (named) draft.user = user;
  draft.userKnown = known && named;
  return known && named;
}

/** `Accepted METHOD for USER from ADDR port N ssh2[: INFO]`, and `Partial` when more is asked for. */
export function parseAccepted(line: LogLine, text: string, verbLength: number): FleetEvent | Unparsed {
  const methodEnd = text.indexOf(' ', verbLength);
  if (methodEnd < 0 || !text.startsWith('for ', methodEnd + 1)) return unknownMessage(line);
  const draft =
    verbLength === 9
      ? logon('sshd', 'ssh-logon')
      : plainDraft('sshd', 'ssh-logon-partial', CATEGORY.authentication, TYPE.info);
  if (readUser(draft, text, methodEnd + 5) === undefined) return unknownMessage(line);
  draft.method = text.slice(verbLength, methodEnd);
  return draft.finish(line);
}

/** `Invalid user USER from ADDR[ port N]`. */
export function parseInvalidUser(line: LogLine, text: string): FleetEvent | Unparsed {
  const draft = failedLogon('sshd', 'ssh-invalid-user');
  const userEnd = readFromAtEnd(draft, text, text.length);
  if (userEnd < 12) return unknownMessage(line);
  setUser(draft, text, 13, userEnd, false);
  draft.role = 'part';
  return draft.finish(line);
}

/** `User USER from ADDR not allowed because REASON`, `User USER not allowed because account is locked`. */
export function parseUserLine(line: LogLine, text: string): FleetEvent | Unparsed {
  const reasonAt = text.lastIndexOf(' not allowed because ');
  if (reasonAt < 0) return text.startsWith('User child is on pid ') ? notRelevant(line) : unknownMessage(line);
  const draft = failedLogon('sshd', 'ssh-user-not-allowed');
  const reason = text.slice(reasonAt + 21);
  const userEnd = reason === 'account is locked' ? reasonAt : readFromAtEnd(draft, text, reasonAt);
  if (userEnd < 4) return unknownMessage(line);
  setUser(draft, text, 5, userEnd, true);
  draft.reason = reason;
  draft.role = 'part';
  return draft.finish(line);
}

/** `PAM: TEXT for [illegal user ]USER from ADDR[ via SERVER]`; TEXT is pam_strerror's, in the system's words. */
export function parsePamError(line: LogLine, text: string): FleetEvent | Unparsed {
  const forAt = text.indexOf(' for ');
  if (forAt < 0) return text.startsWith('PAM: pam_') ? notRelevant(line) : unknownMessage(line);
  const draft = failedLogon('sshd', 'ssh-pam-refused');
  const via = text.lastIndexOf(' via ');
  const end = via > forAt && text.indexOf(' ', via + 5) < 0 && text.lastIndexOf(' from ') < via ? via : text.length;
  const userEnd = readFromAtEnd(draft, text, end);
  if (userEnd < forAt + 4) return unknownMessage(line);
  const invalid = saysInvalid(text, forAt + 5);
  setUser(draft, text, forAt + (invalid ? 18 : 5), userEnd, !invalid);
  if (!invalid) draft.userKnown = undefined;
  draft.reason = text.slice(5, forAt);
  draft.role = 'part';
  return draft.finish(line);
}

/** `maximum authentication attempts exceeded for [invalid user ]USER from ADDR port N ssh2`. */
export function parseMaximum(line: LogLine, text: string): FleetEvent | Unparsed {
  const draft = failedLogon('sshd', 'ssh-too-many-failures');
  if (readUser(draft, text, 'maximum authentication attempts exceeded for '.length) === undefined) {
    return unknownMessage(line);
  }
  draft.role = 'summary';
  return draft.finish(line);
}

/** `ROOT LOGIN REFUSED FROM ADDR[ port N]`. */
export function parseRootRefused(line: LogLine, text: string): FleetEvent {
  const draft = failedLogon('sshd', 'ssh-root-refused');
  readAddressAtStart(draft, text, 'ROOT LOGIN REFUSED FROM '.length);
  draft.user = 'root';
  draft.userKnown = true;
  draft.role = 'part';
  return draft.finish(line);
}

/** `Access denied for user USER by PAM account configuration`: the password was right, the account is closed. */
export function parseAccountDenied(line: LogLine, text: string): FleetEvent | Unparsed {
  const end = text.lastIndexOf(' by PAM account configuration');
  if (end < 23) return unknownMessage(line);
  const draft = failedLogon('sshd', 'ssh-account-denied');
  draft.user = text.slice(23, end);
  draft.userKnown = true;
  draft.role = 'part';
  return draft.finish(line);
}

/** `refused connect from [USER@]HOST[ (ADDR)]`, by tcp_wrappers: the ident user and the host's name are the peer's words. */
export function parseRefusedConnect(line: LogLine, text: string): FleetEvent {
  const draft = failedLogon('sshd', 'ssh-connect-refused');
  const open = text.lastIndexOf(' (');
  const start = text.endsWith(')') && open >= 0 ? open + 2 : Math.max(21, text.lastIndexOf('@') + 1);
  const address = text.slice(start, start === open + 2 ? -1 : undefined);
  if (!address.includes(' ')) setSource(draft, address);
  draft.role = 'part';
  return draft.finish(line);
}
