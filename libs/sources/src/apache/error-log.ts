import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Unparsed } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';
import type { Prelude } from './prelude.js';

/**
 * Messages of the error log about a password. What the peer writes (user name, path, the referer at the end) comes after
 * `[client …]`, so the address stands; a message is known by its beginning. The name of basic authentication ends at its
 * first colon (RFC 7617), so it holds none.
 *
 * Sources: mod_auth_basic.c, mod_auth_digest.c, mod_auth_form.c, mod_authz_core.c, mod_access_compat.c of 2.2 and 2.4.
 */
export function parseError(line: LogLine, prelude: Prelude, message: string): FleetEvent | Unparsed {
  const text = withoutNumber(message);
  const draft = readMessage(text);
  if (draft === undefined) return notRelevant(line);
  if (prelude.client !== undefined) setSource(draft, prelude.client);
  draft.port = prelude.port;
  return finishHttp(draft, line);
}

/** 2.4 numbers its messages: `AH01617: `. 2.2 begins those of mod_auth_digest with `Digest: `. */
function withoutNumber(message: string): string {
  const text = /^AH\d{5}: /.test(message) ? message.slice(9) : message;
  return text.startsWith('Digest: ') ? text.slice(8) : text;
}

function readMessage(text: string): EventDraft | undefined {
  switch (text.charCodeAt(0)) {
    case 117: // u
      if (text.startsWith('user `')) return digestUser(text);
      if (text.startsWith('user ')) return basicUser(text);
      break;
    case 114: // r
      if (text.startsWith('realm mismatch - got `')) return refused('realm mismatch');
      break;
    case 99: // c
      if (text.startsWith('client denied by server configuration: '))
        return plainDraft('apache', 'http-access-forbidden', CATEGORY.web, TYPE.denied);
      break;
    case 65: // A
      if (text.startsWith('Authorization of user ')) return unauthorised(undefined);
      break;
    case 87: // W
    case 69: // E
      return readZoneminder(text);
    default:
  }
  return undefined;
}

/** `user U: authentication failure for "PATH": Password Mismatch`, `user U not found: PATH`, `user U: password mismatch: PATH`. */
function basicUser(text: string): EventDraft | undefined {
  const colon = text.indexOf(': ');
  if (colon < 0) return undefined;
  const before = text.slice(5, colon);
  if (before.endsWith(' not found')) return userFailure(before.slice(0, -10), 'not found', false);
  if (text.startsWith('authentication failure for "', colon + 2)) return userFailure(before, 'Password Mismatch', true);
  if (text.startsWith('password mismatch: ', colon + 2)) return userFailure(before, 'password mismatch', true);
  if (text.startsWith('authorization failure for "', colon + 2)) return unauthorised(before);
  return undefined;
}

/** mod_auth_form puts the name between quotes. */
function userFailure(name: string, reason: string, known: boolean): EventDraft {
  const isQuoted = name.length > 1 && name.startsWith("'") && name.endsWith("'");
  const draft = refused(reason);
  draft.user = isQuoted ? name.slice(1, -1) : name;
  draft.userKnown = known;
  return draft;
}

/** ``user `U' in realm `R' not found: PATH``, ``… denied by provider: PATH``. */
function digestUser(text: string): EventDraft | undefined {
  const end = text.indexOf("' in realm `");
  const realmEnd = text.indexOf("' ", end + 12);
  if (end < 0 || realmEnd < 0) return undefined;
  const isUnknown = text.startsWith("' not found: ", realmEnd);
  if (!isUnknown && !text.startsWith("' denied by provider: ", realmEnd)) return undefined;
  const draft = refused(isUnknown ? 'not found' : 'denied by provider');
  draft.user = text.slice(6, end);
  if (isUnknown) draft.userKnown = false;
  draft.method = 'digest';
  return draft;
}

/** ZoneMinder writes to the server's error log: `WAR [Login denied for user "U"]`, `ERR [Could not retrieve user U details]`. */
function readZoneminder(text: string): EventDraft | undefined {
  const denied = /^(?:WAR|ERR) \[Login denied for user "([^"]{0,255})"\]/.exec(text);
  const unknown = denied ?? /^(?:WAR|ERR) \[Could not retrieve user ([^\]]{0,255}) details\]/.exec(text);
  if (unknown === null) return undefined;
  const draft = refused(denied === null ? 'unknown user' : 'Login denied');
  draft.user = unknown[1];
  if (denied === null) draft.userKnown = false;
  return draft;
}

function refused(reason: string): EventDraft {
  const draft = failedLogon('apache', 'http-logon-failed');
  draft.reason = reason;
  draft.role = 'part';
  return draft;
}

/** The password was right, the page is not for this user. */
function unauthorised(user: string | undefined): EventDraft {
  const draft = plainDraft('apache', 'http-user-not-permitted', CATEGORY.web, TYPE.denied);
  draft.user = user;
  return draft;
}
