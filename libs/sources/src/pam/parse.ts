import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainEvent, TYPE } from '../event-builder.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readOrigin } from './origin.js';

/**
 * PAM modules log under the name of the program that called them: `pam_unix(SERVICE:TYPE): …`, before Linux-PAM 0.99
 * `PROGRAM(pam_unix)[PID]: …` (the header reader turns it into the form with `(pam_unix) ` in front).
 */
export const pam: Source = {
  name: 'pam',
  programs: [],
  claims: (message) => message.startsWith('pam_') || message.startsWith('(pam_'),
  parse: (line) => parsePam(line, line.message),
};

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
  const event = moduleEvent(line, text, module, service);
  if ('unparsed' in event) return event;
  event['fleetwall.pam.module'] = module;
  if (service !== '') event['fleetwall.pam.service'] = service;
  return event;
}

function moduleEvent(line: LogLine, text: string, module: string, service: string): FleetEvent | Unparsed {
  switch (text.charCodeAt(0)) {
    case 97: // a
      if (text.startsWith('authentication failure; ')) return parseFailure(line, text, 24, module, service);
      if (text.startsWith('authentication success; ')) return parseSuccess(line, text, module, service);
      if (text.startsWith('access denied for user `')) return parseAccessDenied(line, text);
      if (text.startsWith('authentication fails for ')) return parseKerberos(line, text);
      break;
    case 115: // s
      if (text.startsWith('session opened for user ')) return parseSession(line, text, 24, 'session-opened');
      if (text.startsWith('session closed for user ')) return parseSession(line, text, 24, 'session-closed');
      break;
    case 99: // c
      if (text === 'check pass; user unknown') return userUnknown(line);
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
function parseFailure(line: LogLine, text: string, start: number, module: string, service: string): FleetEvent {
  const event = failedLogon(line, 'pam', 'pam-logon-failed');
  readOrigin(event, text, start, module, service);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** `authentication success; …`, by pam_sss and pam_krb5: said before the program itself lets anyone in. */
function parseSuccess(line: LogLine, text: string, module: string, service: string): FleetEvent {
  const event = logon(line, 'pam', 'pam-authenticated');
  readOrigin(event, text, 24, module, service);
  return event;
}

/** An account that does not exist; the failure itself comes in its own line. */
function userUnknown(line: LogLine): FleetEvent {
  const event = failedLogon(line, 'pam', 'pam-user-unknown');
  event['fleetwall.user.known'] = false;
  return event;
}

/** `session opened for user USER(uid=0) by NAME(uid=0)`, `session closed for user USER`. */
function parseSession(line: LogLine, text: string, start: number, action: string): FleetEvent {
  const opened = action === 'session-opened';
  const event = plainEvent(line, 'pam', action, CATEGORY.session, opened ? TYPE.start : TYPE.end);
  const by = opened ? text.lastIndexOf(' by ') : -1;
  let end = by < start ? text.length : by;
  const uid = text.lastIndexOf('(uid=', end);
  if (uid >= start && text.charCodeAt(end - 1) === 41) end = uid;
  event['user.name'] = text.slice(start, end);
  return event;
}

/** pam_access: ``access denied for user `USER' from `ORIGIN'``. */
function parseAccessDenied(line: LogLine, text: string): FleetEvent | Unparsed {
  const from = text.lastIndexOf("' from `");
  if (from < 24 || !text.endsWith("'")) return unknownMessage(line);
  const event = failedLogon(line, 'pam', 'pam-access-denied');
  event['user.name'] = text.slice(24, from);
  const origin = text.slice(from + 8, -1);
  if (origin.includes('.') || origin.includes(':')) setSource(event, origin);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** pam_krb5: `authentication fails for 'USER' (PRINCIPAL): …`. */
function parseKerberos(line: LogLine, text: string): FleetEvent | Unparsed {
  const end = text.lastIndexOf("' (");
  if (!text.startsWith("'", 25) || end < 26) return unknownMessage(line);
  const event = failedLogon(line, 'pam', 'pam-logon-failed');
  event['user.name'] = text.slice(26, end);
  event['fleetwall.attempt.role'] = 'part';
  return event;
}

/** pam_winbind: `user 'USER' denied access (…)`, `user 'USER' granted access`. */
function parseWinbind(line: LogLine, text: string): FleetEvent | Unparsed {
  const denied = text.lastIndexOf("' denied access (");
  const granted = text.endsWith("' granted access") ? text.length - 16 : -1;
  if (denied < 6 && granted < 6) return unknownMessage(line);
  const event = granted >= 6 ? logon(line, 'pam', 'pam-authenticated') : failedLogon(line, 'pam', 'pam-logon-failed');
  event['user.name'] = text.slice(6, granted >= 6 ? granted : denied);
  if (granted < 6) event['fleetwall.attempt.role'] = 'part';
  return event;
}

const TALLY = /^user (.*) \(\d+\) tally (\d{1,9}), deny \d+$/s;

/** pam_tally2: `user USER (UID) tally N, deny M`: the account is locked, whatever the password was. */
function parseTally(line: LogLine, text: string): FleetEvent | Unparsed {
  const match = TALLY.exec(text);
  return match === null ? unknownMessage(line) : accountLocked(line, match[1] as string);
}

function accountLocked(line: LogLine, user: string): FleetEvent {
  const event = plainEvent(line, 'pam', 'pam-account-locked', CATEGORY.iam, TYPE.denied);
  event['user.name'] = user;
  return event;
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

function parseRare(line: LogLine, text: string, module: string, service: string): FleetEvent | Unparsed {
  const more = text.indexOf(' more authentication failure');
  if (more > 0 && more < 8) return parseMore(line, text, more, module, service);
  if (text.startsWith(FAILLOCK) && text.endsWith(FAILLOCK_END)) {
    return accountLocked(line, text.slice(FAILLOCK.length, -FAILLOCK_END.length));
  }
  return NOT_RELEVANT.some((prefix) => text.startsWith(prefix)) ? notRelevant(line) : unknownMessage(line);
}

/** `2 more authentication failures; logname=…`: what came after the failure that was logged by itself. */
function parseMore(line: LogLine, text: string, more: number, module: string, service: string): FleetEvent | Unparsed {
  const count = numberBetween(text, 0, more, 6);
  const start = text.indexOf('; ', more);
  if (count < 1 || start < 0) return unknownMessage(line);
  const event = failedLogon(line, 'pam', 'pam-more-failures');
  readOrigin(event, text, start + 2, module, service);
  event['fleetwall.attempt.role'] = 'summary';
  event['fleetwall.attempt.count'] = count;
  return event;
}
