import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { vsftpdLog } from './own-log.js';

/** vsftpd's lines, through syslog (`syslog_enable`) or in its own log. Source: logging.c of vsftpd 2 and 3. */
export const vsftpd: Source = {
  name: 'vsftpd',
  programs: ['vsftpd'],
  formats: [vsftpdLog(parseVsftpd)],
  parse: repeated(parseVsftpd),
};

/** `[USER] FAIL LOGIN: Client "ADDR"`: the program's own words between a name and what follows; a name may hold them too. */
const ACTION =
  /(?:^|\] )(CONNECT|DEBUG|FTP command|FTP response|(?:OK|FAIL) (?:LOGIN|DOWNLOAD|UPLOAD|MKDIR|RMDIR|DELETE|RENAME|CHMOD)): Client "([0-9A-Fa-f:.]{2,45})"/g;

/** One place of a line that reads like an action of vsftpd. */
interface Reading {
  action: string;
  address: string;
  /** Where the user's name ends. */
  at: number;
  /** What follows the address. */
  tail: number;
}

/** Without its beginning (`DATE [pid N] `), the same through syslog and in its own log. */
function parseVsftpd(line: LogLine): FleetEvent | Unparsed {
  const text = line.message;
  const readings = [...text.matchAll(ACTION)].map((match): Reading => {
    return {
      action: match[1] as string,
      address: match[2] as string,
      at: match.index,
      tail: match.index + match[0].length,
    };
  });
  const real = realOf(text, readings);
  if (real !== undefined) return eventOf(line, text, real);
  // In every reading somebody's logon failed: only who it was is open.
  if (readings.length > 1 && readings.every(({ action }) => action === 'FAIL LOGIN')) return failure().finish(line);
  return unknownMessage(line);
}

/**
 * The action that vsftpd itself wrote. A name before it and a path, command or password after it are the peer's. What
 * is followed by no text of the peer's cannot be the real one when more follows; undefined where two remain.
 */
function realOf(text: string, readings: Reading[]): Reading | undefined {
  for (const [i, reading] of readings.entries()) {
    const isLast = i === readings.length - 1;
    if (isLast || text.charCodeAt(0) !== 91) return reading;
    if (!reading.action.endsWith(' LOGIN') && reading.action !== 'CONNECT') return undefined;
    if (text.startsWith(', anon password "', reading.tail)) return undefined;
  }
  return undefined;
}

/** The answer to USER for a name on `userlist_file`: no `FAIL LOGIN` is written, as nobody is asked for a password. */
const USER_REFUSED = ', "530 Permission denied."';

function failure() {
  const draft = failedLogon('vsftpd', 'vsftpd-logon-failed');
  draft.role = 'attempt';
  draft.service = 'vsftpd';
  return draft;
}

function eventOf(line: LogLine, text: string, { action, address, at, tail }: Reading): FleetEvent | Unparsed {
  if (action === 'CONNECT') {
    const draft = plainDraft('vsftpd', 'vsftpd-connection', CATEGORY.network, TYPE.start);
    setSource(draft, address);
    return draft.finish(line);
  }
  const isRefused = action === 'FTP response' && text.slice(tail) === USER_REFUSED;
  if (!action.endsWith(' LOGIN') && !isRefused) return notRelevant(line);
  const draft = action === 'OK LOGIN' ? logon('vsftpd', 'vsftpd-logon') : failure();
  if (isRefused) draft.action = 'vsftpd-user-refused';
  draft.service = 'vsftpd';
  if (at > 0) draft.user = text.slice(1, at);
  setSource(draft, address);
  if (action === 'FAIL LOGIN' && text.startsWith(', "', tail) && text.endsWith('"')) {
    draft.reason = text.slice(tail + 3, -1);
  }
  return draft.finish(line);
}
