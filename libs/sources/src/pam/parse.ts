import type { FleetEvent } from '@fleetwall/core';
import { ascii, standsAt } from '../bytes.js';
import { CATEGORY, EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { OUTLINES, type Outline } from '../outline.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readOrigin } from './origin.js';
import { parsePlainPam } from './plain.js';

/**
 * PAM modules log under the name of the program that called them: `pam_unix(SERVICE:TYPE): …`, before Linux-PAM 0.99
 * `PROGRAM(pam_unix)[PID]: …` (the header reader turns it into the form with `(pam_unix) ` in front).
 */
export const pam: Source = {
  name: 'pam',
  programs: [],
  prefixes: ['pam_', '(pam_'],
  parse: (line) => parsePlainPam(line) ?? parsePam(line, line.message),
  outline: outlineOf,
};

const MODULE = ascii('pam_unix(');
const SESSION = ascii('): session ');
const OPENED = ascii('opened for user ');
const CLOSED = ascii('closed for user ');

/** Sessions that open and close. */
function outlineOf(bytes: Uint8Array, start: number, end: number): Outline | undefined {
  if (!standsAt(bytes, MODULE, start)) return undefined;
  let close = start + MODULE.length;
  while (close < end && bytes[close] !== 41) close++;
  const what = close + SESSION.length;
  if (what + OPENED.length > end || !standsAt(bytes, SESSION, close)) return undefined;
  if (standsAt(bytes, OPENED, what)) return OUTLINES.pamOpened;
  return standsAt(bytes, CLOSED, what) ? OUTLINES.pamClosed : undefined;
}

/**
 * @param text `pam_unix(sshd:auth): authentication failure; …`, or without its prefix when the module is given
 */
export function parsePam(line: LogLine, text: string, module?: string, service?: string): FleetEvent | Unparsed {
  if (module !== undefined) return parseModule(line, text, module, service ?? '');
  const open = text.indexOf('(');
  if (open === 0) {
    const close = text.indexOf(') ');
    return close < 0 ? unknownMessage(line) : parseModule(line, text.slice(close + 2), text.slice(1, close), '');
  }
  const close = text.indexOf('): ', open);
  if (open < 0 || close < 0) return unknownMessage(line);
  const colon = text.indexOf(':', open);
  return parseModule(line, text.slice(close + 3), text.slice(0, open), text.slice(open + 1, Math.min(colon, close)));
}

function parseModule(line: LogLine, text: string, module: string, service: string): FleetEvent | Unparsed {
  const draft = readModule(line, text, module, service);
  if (!(draft instanceof EventDraft)) return draft;
  draft.pamModule = module;
  if (service !== '') draft.pamService = service;
  return draft.finish(line);
}

function readModule(line: LogLine, text: string, module: string, service: string): EventDraft | Unparsed {
  switch (text.charCodeAt(0)) {
    case 97: // a
      if (text.startsWith('authentication failure; ')) return parseFailure(text, 24, module, service);
      if (text.startsWith('authentication success; ')) return parseSuccess(text, module, service);
      if (text.startsWith('access denied for user `')) return parseAccessDenied(line, text);
      if (text.startsWith('authentication fails for ')) return parseKerberos(line, text);
      break;
    case 115: // s
      if (text.startsWith('session opened for user ')) return parseSession(text, 24, 'session-opened');
      if (text.startsWith('session closed for user ')) return parseSession(text, 24, 'session-closed');
      break;
    case 99: // c
      if (text === 'check pass; user unknown') return userUnknown();
      break;
    case 117: // u
      if (text.startsWith("user '")) return parseWinbind(line, text);
      if (text.startsWith('user ')) return parseTally(line, text);
      break;
    default:
  }
  return parseRare(line, text, module, service);
}

/** `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=ADDR  user=USER`. */
function parseFailure(text: string, start: number, module: string, service: string): EventDraft {
  const draft = failedLogon('pam', 'pam-logon-failed');
  readOrigin(draft, text, start, module, service);
  draft.role = 'part';
  return draft;
}

/** `authentication success; …`, by pam_sss and pam_krb5: said before the program itself lets anyone in. */
function parseSuccess(text: string, module: string, service: string): EventDraft {
  const draft = logon('pam', 'pam-authenticated');
  readOrigin(draft, text, 24, module, service);
  return draft;
}

/** An account that does not exist; the failure itself comes in its own line. */
function userUnknown(): EventDraft {
  const draft = failedLogon('pam', 'pam-user-unknown');
  draft.userKnown = false;
  return draft;
}

/** `session opened for user USER(uid=0) by NAME(uid=0)`, `session closed for user USER`. */
function parseSession(text: string, start: number, action: string): EventDraft {
  const opened = action === 'session-opened';
  const draft = plainDraft('pam', action, CATEGORY.session, opened ? TYPE.start : TYPE.end);
  const by = opened ? text.lastIndexOf(' by ') : -1;
  let end = by < start ? text.length : by;
  const uid = text.lastIndexOf('(uid=', end);
  if (uid >= start && text.charCodeAt(end - 1) === 41) end = uid;
  draft.user = text.slice(start, end);
  return draft;
}

/** pam_access: ``access denied for user `USER' from `ORIGIN'``. */
function parseAccessDenied(line: LogLine, text: string): EventDraft | Unparsed {
  const from = text.lastIndexOf("' from `");
  if (from < 24 || !text.endsWith("'")) return unknownMessage(line);
  const draft = failedLogon('pam', 'pam-access-denied');
  draft.user = text.slice(24, from);
  const origin = text.slice(from + 8, -1);
  if (origin.includes('.') || origin.includes(':')) setSource(draft, origin);
  draft.role = 'part';
  return draft;
}

/** pam_krb5: `authentication fails for 'USER' (PRINCIPAL): …`. */
function parseKerberos(line: LogLine, text: string): EventDraft | Unparsed {
  const end = text.lastIndexOf("' (");
  if (!text.startsWith("'", 25) || end < 26) return unknownMessage(line);
  const draft = failedLogon('pam', 'pam-logon-failed');
  draft.user = text.slice(26, end);
  draft.role = 'part';
  return draft;
}

/** pam_winbind: `user 'USER' denied access (…)`, `user 'USER' granted access`. */
function parseWinbind(line: LogLine, text: string): EventDraft | Unparsed {
  const denied = text.lastIndexOf("' denied access (");
  const granted = text.endsWith("' granted access") ? text.length - 16 : -1;
  if (denied < 6 && granted < 6) return unknownMessage(line);
  const draft = granted >= 6 ? logon('pam', 'pam-authenticated') : failedLogon('pam', 'pam-logon-failed');
  draft.user = text.slice(6, granted >= 6 ? granted : denied);
  if (granted < 6) draft.role = 'part';
  return draft;
}

const TALLY = /^user (.*) \(\d+\) tally (\d{1,9}), deny \d+$/s;

/** pam_tally2: `user USER (UID) tally N, deny M`: the account is locked, whatever the password was. */
function parseTally(line: LogLine, text: string): EventDraft | Unparsed {
  const match = TALLY.exec(text);
  return match === null ? unknownMessage(line) : accountLocked(match[1] as string);
}

function accountLocked(user: string): EventDraft {
  const draft = plainDraft('pam', 'pam-account-locked', CATEGORY.iam, TYPE.denied);
  draft.user = user;
  return draft;
}

const FAILLOCK = 'Consecutive login failures for user ';
const FAILLOCK_END = ' account temporarily locked';

/** Modules and messages that accompany another line about the same thing, or tell nothing about a logon. */
const NOT_RELEVANT = [
  'received for user ',
  'conversation failed',
  'auth could not identify password for ',
  'auth could not identify username',
  'getting password ',
  'pam_get_item returned a password',
  'request wbcLogonUser failed: ',
  'requirement "',
  'service(',
  'username [',
  'bad username [',
  'password changed for ',
  'unrecognized option ',
  'unable to ',
  'Unable to ',
  'Failed to ',
];

function parseRare(line: LogLine, text: string, module: string, service: string): EventDraft | Unparsed {
  const more = text.indexOf(' more authentication failure');
  if (more > 0 && more < 8) return parseMore(line, text, more, module, service);
  if (text.startsWith(FAILLOCK) && text.endsWith(FAILLOCK_END)) {
    return accountLocked(text.slice(FAILLOCK.length, -FAILLOCK_END.length));
  }
  return NOT_RELEVANT.some((prefix) => text.startsWith(prefix)) ? notRelevant(line) : unknownMessage(line);
}

/** `2 more authentication failures; logname=…`: what came after the failure that was logged by itself. */
function parseMore(line: LogLine, text: string, more: number, module: string, service: string): EventDraft | Unparsed {
  const count = numberBetween(text, 0, more, 6);
  const start = text.indexOf('; ', more);
  if (count < 1 || start < 0) return unknownMessage(line);
  const draft = failedLogon('pam', 'pam-more-failures');
  readOrigin(draft, text, start + 2, module, service);
  draft.role = 'summary';
  draft.count = count;
  return draft;
}
