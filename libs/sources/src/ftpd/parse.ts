import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** WU-FTPD, its descendants (Solaris' in.ftpd) and the BSDs' ftpd. Source: their ftpd.c. */
export const ftpd: Source = { name: 'ftpd', programs: ['wu-ftpd', 'in.ftpd', 'ftpd', 'gssftpd'], parse: parseFtpd };

/** `NAME [ADDR]`, or one of both: names and addresses have no blanks, and stand before any text of the peer's. */
const PEER = String.raw`(?:([\w.:-]{1,255}) ?)?(?:[[(]([0-9A-Fa-f:.]{2,45})[\])])?`;

const FAILED = new RegExp(`^failed login from ${PEER}(?:, (.*))?$`, 's');
const REPEATED = new RegExp(`^repeated login failures from ${PEER}$`);
const REFUSED = new RegExp(
  `^FTP LOGIN (?:REFUSED|FAILED) (?:\\(([^()]{1,60})\\) )?(?:FROM|for) ${PEER}(?:, (.*))?$`,
  's',
);
const LOGON = new RegExp(`^(ANONYMOUS )?FTP LOGIN FROM ${PEER}(?:, | as )(.*)$`, 's');
const CONNECTION = new RegExp(`^(?:connection|connect) from ${PEER}(?: at .*)?$`);
const NOT_RELEVANT =
  /^(?:FTPD: |exiting on signal|lost connection|User .{0,80} timed out|FTP session closed|getpeername|[A-Z]{3,4} |data |put |get )/;

function parseFtpd(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trimEnd();
  const failed = FAILED.exec(text);
  if (failed !== null) return finish(line, attempt('ftpd-logon-failed'), failed, failed[3]);
  const refused = REFUSED.exec(text);
  if (refused !== null) {
    const draft = attempt('ftpd-logon-refused');
    draft.reason = refused[1];
    return finish(line, draft, refused.slice(1), refused[4]);
  }
  const success = LOGON.exec(text);
  if (success !== null) {
    const user = success[1] === undefined ? success[4] : 'ftp';
    return finish(line, logon('ftpd', 'ftpd-logon'), success.slice(1), user);
  }
  const repeated = REPEATED.exec(text);
  if (repeated !== null) return finish(line, tooMany(text), repeated);
  const connection = CONNECTION.exec(text);
  if (connection !== null)
    return finish(line, plainDraft('ftpd', 'ftpd-connection', CATEGORY.network, TYPE.start), connection);
  return NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line);
}

function attempt(action: string): EventDraft {
  const draft = failedLogon('ftpd', action);
  draft.role = 'attempt';
  return draft;
}

/**
 * `… from NAME [ADDR]` after failures that have lines of their own; `… from NAME (ADDR)`, of Kerberos' ftpd, is all that is
 * told of them: one try at the least.
 */
function tooMany(text: string): EventDraft {
  const draft = attempt('ftpd-too-many-failures');
  if (!text.endsWith(')')) draft.role = 'summary';
  return draft;
}

/** @param peer name and address as elements 1 and 2 */
function finish(line: LogLine, draft: EventDraft, peer: readonly (string | undefined)[], user?: string): FleetEvent {
  if (draft.outcome !== undefined) draft.service = 'ftpd';
  draft.user = user;
  setSource(draft, peer[2] ?? peer[1] ?? '');
  return draft.finish(line);
}
