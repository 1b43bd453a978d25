import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import type { LogLine } from '../source.js';

/**
 * pam_unix' most frequent messages, when every name in them is one word: then the whole message is known to the last
 * character. All others take the careful way (`parse.ts`), which reads the same lines to the same events.
 */
const FAILURE =
  /^pam_unix\(([^:)]+):auth\): authentication failure; logname=[^ ]* uid=\d+ euid=\d+ tty=([^ ]*) ruser=([^ ]*) rhost=([^ ]*)(?: {0,2}| {1,2}user=([^ ]*))$/;
const SESSION =
  /^pam_unix\(([^:)]+):session\): session (?:(closed) for user ([^ (]+)|opened for user ([^ (]+)(?:\(uid=\d+\))? by [^ ]*)$/;

/** The event of a message where all is plain; undefined for every other. */
export function parsePlainPam(line: LogLine): FleetEvent | undefined {
  const session = SESSION.exec(line.message);
  if (session !== null) return parseSession(line, session);
  const failure = FAILURE.exec(line.message);
  return failure === null ? undefined : parseFailure(line, failure);
}

function parseSession(line: LogLine, match: RegExpExecArray): FleetEvent {
  const closed = match[2] !== undefined;
  const draft = closed
    ? plainDraft('pam', 'session-closed', CATEGORY.session, TYPE.end)
    : plainDraft('pam', 'session-opened', CATEGORY.session, TYPE.start);
  draft.user = closed ? match[3] : match[4];
  draft.pamModule = 'pam_unix';
  draft.pamService = match[1] as string;
  return draft.finish(line);
}

function parseFailure(line: LogLine, match: RegExpExecArray): FleetEvent {
  const draft = failedLogon('pam', 'pam-logon-failed');
  const address = match[4] as string;
  if (address !== '') setSource(draft, address);
  const user = match[5] ?? match[3];
  if (match[5] !== undefined || user !== '') draft.user = user;
  draft.role = 'part';
  if (match[2] === 'dovecot') draft.service = 'dovecot';
  draft.pamModule = 'pam_unix';
  draft.pamService = match[1] as string;
  return draft.finish(line);
}
