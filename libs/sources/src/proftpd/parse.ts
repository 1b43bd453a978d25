import type { FleetEvent } from '@fleetwall/core';
import { type AccountState, CATEGORY, EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { proftpdLog } from './own-log.js';

/** ProFTPD 1.2 and 1.3, through syslog or in its `SystemLog`. Source: src/log.c, modules/mod_auth.c. */
export const proftpd: Source = {
  name: 'proftpd',
  programs: ['proftpd'],
  formats: [proftpdLog(parseProftpd)],
  parse: repeated(parseProftpd),
};

/** `SERVER (NAME[ADDR]) - MESSAGE`, in its own log with a colon: all of it the server's, before any text of the peer's. */
const CLIENT = /^\S+ \(([^\s()[\]]*)\[([0-9A-Fa-f:.]{2,45})\]\)(?: -|:) /;

/** `SERVER - MESSAGE`, about no client. */
const DAEMON = /^\S+? ?(?:-|:) (?:ProFTPD|mod_|error|warning|notice|fatal|Failed|unable)/;

function parseProftpd(line: LogLine): FleetEvent | Unparsed {
  const client = CLIENT.exec(line.message);
  if (client === null) return DAEMON.test(line.message) ? notRelevant(line) : unknownMessage(line);
  const draft = readMessage(line, line.message.slice(client[0].length).trimEnd());
  if (!(draft instanceof EventDraft)) return draft;
  setSource(draft, client[2] as string);
  if (draft.outcome !== undefined) draft.service = 'proftpd';
  draft.accountState = stateOf(draft);
  return draft.finish(line);
}

function stateOf({ outcome, reason }: EventDraft): AccountState | undefined {
  if (outcome !== 'failure' || reason === undefined) return undefined;
  if (/^account disabled/i.test(reason)) return 'disabled';
  return /^password expired/i.test(reason) ? 'expired' : undefined;
}

function readMessage(line: LogLine, text: string): EventDraft | Unparsed {
  if (text.startsWith('USER ') || text.startsWith('ANON ')) return readUser(line, text);
  if (text.startsWith('SECURITY VIOLATION: ')) return readRoot(line, text);
  if (text.startsWith('Maximum login attempts (')) return readMaximum(line, text);
  if (text.startsWith('FTP session opened')) return connection('proftpd-connection', TYPE.start);
  if (text.startsWith('FTP session closed')) return connection('proftpd-connection-closed', TYPE.end);
  if (text.startsWith('FTP login timed out')) return connection('proftpd-logon-timeout', TYPE.end);
  return NOT_RELEVANT.some((words) => text.startsWith(words)) ? notRelevant(line) : unknownMessage(line);
}

/** Other modules' words about the same try, transfers, and how the server does its work. */
const NOT_RELEVANT = [
  'no such user ',
  'mod_',
  'notice: ',
  'Preparing to chroot',
  'chroot to ',
  'ROOT FTP login successful',
  'FTP no transfer timeout',
  'FTP session idle timeout',
  'Data transfer stall timeout',
  'FTP session requested from ',
  'ProFTPD ',
  'error: ',
  'warning: ',
  'Refused PORT ',
  'client sent ',
];

function connection(action: string, type: string[]): EventDraft {
  return plainDraft('proftpd', action, CATEGORY.network, type);
}

const FAILED = ' (Login failed): ';
const NO_SUCH_USER = ': no such user found from ';
/** Reasons that some versions give without `(Login failed)`. */
const REFUSED =
  /: ((?:user not authorized for login|no such user found|incorrect password|password expired|account disabled|limit (?:access|configuration) denies login|not a UserAlias|maximum login length exceeded)\.?)$/i;
const SUCCESSFUL = /: Login successful\.?$/;

/**
 * `USER NAME (Login failed): REASON`, `USER NAME: no such user found from …`, `USER NAME: Login successful.`. The name is
 * the peer's: what the server says of it is read from the end, where nothing of the peer's follows.
 */
function readUser(line: LogLine, text: string): EventDraft | Unparsed {
  const successful = SUCCESSFUL.exec(text);
  if (successful !== null) {
    const draft = logon('proftpd', 'proftpd-logon');
    draft.user = text.slice(5, successful.index);
    return draft;
  }
  const failed = text.lastIndexOf(FAILED);
  const unknown = text.lastIndexOf(NO_SUCH_USER);
  const refused = failed < 5 && unknown < 5 ? REFUSED.exec(text) : undefined;
  if (refused === null) return unknownMessage(line);
  const draft = failedLogon('proftpd', 'proftpd-logon-failed');
  draft.role = 'attempt';
  draft.user = text.slice(5, refused?.index ?? Math.max(failed, unknown));
  if (failed > unknown) draft.reason = text.slice(failed + FAILED.length);
  if (refused !== undefined) draft.reason = refused[1];
  if (unknown > failed || /^no such user found/i.test(draft.reason ?? '')) draft.userKnown = false;
  return draft;
}

/** `SECURITY VIOLATION: Root login attempted`. */
function readRoot(line: LogLine, text: string): EventDraft | Unparsed {
  if (!/^SECURITY VIOLATION: root login attempted\.?$/i.test(text)) return unknownMessage(line);
  const draft = failedLogon('proftpd', 'proftpd-root-refused');
  draft.role = 'attempt';
  draft.user = 'root';
  return draft;
}

/** `Maximum login attempts (3) exceeded, connection refused`: each of them has its own line before this one. */
function readMaximum(line: LogLine, text: string): EventDraft | Unparsed {
  const end = text.indexOf(') exceeded', 24);
  const count = numberBetween(text, 24, end, 6);
  if (count < 1) return unknownMessage(line);
  const draft = failedLogon('proftpd', 'proftpd-too-many-failures');
  draft.role = 'summary';
  draft.count = count;
  return draft;
}
