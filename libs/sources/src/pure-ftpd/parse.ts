import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** Pure-FTPd, through syslog. Source: logfile() and dopass() in src/ftpd.c, src/messages_en.h. */
export const pureFtpd: Source = { name: 'pure-ftpd', programs: ['pure-ftpd'], parse: parsePureFtpd };

/** Before anybody is logged on: `(?@HOST) [LEVEL] `. */
const BEFORE = /^\(\?@([\w.:-]{1,255})\) \[([A-Z]{1,10})\] /;
/** `(USER@HOST) [LEVEL] ` of a user who is logged on; virtual users have an `@` in their names. */
const AFTER = /^\(([^()]{1,127})@([\w.:-]{1,255})\) \[([A-Z]{1,10})\] /;

function parsePureFtpd(line: LogLine): FleetEvent | Unparsed {
  const before = BEFORE.exec(line.message);
  if (before !== null) return parseBefore(line, before, line.message.slice(before[0].length).trimEnd());
  const after = AFTER.exec(line.message);
  if (after === null) return unknownMessage(line);
  const [matched, user = '', host = ''] = after;
  const text = line.message.slice(matched.length);
  if (text !== `${user} is now logged in` && text !== 'Anonymous user logged in') return notRelevant(line);
  return finish(line, logon('pure-ftpd', 'pure-ftpd-logon'), host, user);
}

function parseBefore(line: LogLine, [, host = '', level]: RegExpExecArray, text: string): FleetEvent | Unparsed {
  const userStart = text.indexOf(' [') + 2;
  // The words are those of the language it was built for; no other warning before a logon ends with a name.
  if (level === 'WARNING' && userStart > 1 && text.endsWith(']')) {
    return attempt(line, 'pure-ftpd-logon-failed', host, text.slice(userStart, -1));
  }
  // Said instead of the line above at the last try.
  if (text === 'Too many authentication failures') return attempt(line, 'pure-ftpd-too-many-failures', host);
  const disabled = /^Can't login as \[(.*)\]: account disabled/s.exec(text);
  if (disabled !== null) {
    const event = attempt(line, 'pure-ftpd-account-disabled', host, disabled[1]);
    event['fleetwall.account.state'] = 'disabled';
    return event;
  }
  const user = /^(.*) is now logged in$/s.exec(text)?.[1];
  if (level === 'INFO' && user !== undefined) return finish(line, logon('pure-ftpd', 'pure-ftpd-logon'), host, user);
  if (text === 'Anonymous user logged in') return finish(line, logon('pure-ftpd', 'pure-ftpd-logon'), host, 'ftp');
  if (!text.startsWith('New connection from ')) return notRelevant(line);
  return finish(line, plainDraft('pure-ftpd', 'pure-ftpd-connection', CATEGORY.network, TYPE.start), host);
}

function attempt(line: LogLine, action: string, host: string, user?: string): FleetEvent {
  const draft = failedLogon('pure-ftpd', action);
  draft.role = 'attempt';
  return finish(line, draft, host, user);
}

function finish(line: LogLine, draft: ReturnType<typeof logon>, host: string, user?: string): FleetEvent {
  if (draft.outcome !== undefined) draft.service = 'pure-ftpd';
  draft.user = user;
  setSource(draft, host);
  return draft.finish(line);
}
