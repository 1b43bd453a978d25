import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage, withMemory } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { parseAccessMessage } from '../web-access/parse.js';
import { Visitors } from '../web-access/visitors.js';
import { finishHttp } from '../web-access/web-event.js';

const PROGRAM = 'lighttpd';

/**
 * lighttpd's error log: `2026-11-22 07:00:00: (mod_auth.c.853) MESSAGE`. The address stands at the end of a message about a
 * password, behind all that the peer chose. Sources: log.c, http_auth.c (1.4 up to .42), mod_auth.c (since).
 */
const errorLog: LogFormat = {
  name: 'lighttpd error log',
  begins: '0',
  files: ['/var/log/lighttpd/error.log', '/var/log/lighttpd.error.log'],
  recognises: (raw) => raw.charCodeAt(19) === 58 && PLACE.test(raw.slice(20, 100)),
  open: openErrorLog,
};

/** Where in the source the message is written; one version left out the first parenthesis. */
const PLACE = /^ ?\(?[a-z_]{1,40}\.c\.\d{1,6}\) /;

export const lighttpd: Source = {
  name: 'lighttpd',
  programs: [PROGRAM],
  formats: [errorLog],
  ...withMemory(() => new Visitors(), parseSyslog),
};

function openErrorLog(stream: StreamContext): FormatReader {
  return (raw) => {
    const place = raw.charCodeAt(19) === 58 ? PLACE.exec(raw.slice(20, 100)) : null;
    if (place === null) return undefined;
    const timeMs = readDatedStamp(stream.clock, raw, 0);
    if (timeMs < 0) return undefined;
    return parseMessage(lineOf(raw, stream, PROGRAM, timeMs), raw.slice(20 + place[0].length));
  };
}

function parseSyslog(line: LogLine, visitors?: Visitors): FleetEvent | Unparsed {
  const place = PLACE.exec(line.message.slice(0, 80));
  if (place !== null) return parseMessage(line, line.message.slice(place[0].length));
  return parseAccessMessage(line, 'lighttpd', visitors) ?? unknownMessage(line);
}

function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  const end = /,? IP: ([0-9A-Fa-f:.]{2,45})$/.exec(text.slice(-60));
  if (end === null) return notRelevant(line);
  const draft = readRefusal(text.slice(0, text.length - end[0].length));
  if (draft === undefined) return notRelevant(line);
  setSource(draft, end[1] as string);
  return finishHttp(draft, line);
}

/** @param said the message without the address and what stands before it */
function readRefusal(said: string): EventDraft | undefined {
  if (said.startsWith("password doesn't match for ")) {
    const draft = refused('password');
    draft.user = onlyAfter(said, ' username: ');
    return draft;
  }
  if (said === 'get_password failed') return refused('get_password failed');
  if (said.startsWith('digest: auth failed for ') && /: ?wrong password$/.test(said)) {
    const draft = refused('wrong password');
    draft.user = said.slice(24, said.lastIndexOf(':')).trim();
    draft.method = 'digest';
    return draft;
  }
  // The client asked for another page than it signed for: nobody's password.
  if (!said.startsWith('digest: auth failed: ')) return undefined;
  return plainDraft('lighttpd', 'http-request-malformed', CATEGORY.web, TYPE.denied);
}

function refused(reason: string): EventDraft {
  const draft = failedLogon('lighttpd', 'http-logon-failed');
  draft.reason = reason;
  draft.role = 'part';
  return draft;
}

/** What follows the words, where they stand once: else path and user name cannot be told apart. */
function onlyAfter(text: string, words: string): string | undefined {
  const at = text.indexOf(words);
  return at < 0 || text.indexOf(words, at + 1) >= 0 ? undefined : text.slice(at + words.length);
}
