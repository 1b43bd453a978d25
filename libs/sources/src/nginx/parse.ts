import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { digitsEnd, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage, withMemory } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { parseAccessMessage } from '../web-access/parse.js';
import { Visitors } from '../web-access/visitors.js';
import { finishHttp } from '../web-access/web-event.js';

/**
 * nginx' error log: `2026/11/22 07:00:00 [error] 12#12: *3 MESSAGE, client: ADDR, server: NAME, request: "…", host: "…"`.
 * Nothing in it is escaped.
 *
 * Sources: ngx_log.c (ngx_log_error_core), ngx_http_request.c (ngx_http_log_error_handler), ngx_http_auth_basic_module.c,
 * ngx_http_limit_req_module.c, ngx_http_access_module.c, ngx_mail_handler.c (ngx_mail_log_error), ngx_http_auth_pam_module.c.
 */
const errorLog: LogFormat = {
  name: 'nginx error log',
  files: ['/var/log/nginx/*error.log', '/var/log/nginx-error.log'],
  begins: '0',
  recognises: (raw) => messageStart(raw, 0) > 0,
  open: openErrorLog,
};

const PROGRAM = 'nginx';

export const nginx: Source = {
  name: 'nginx',
  programs: [PROGRAM],
  formats: [errorLog],
  ...withMemory(() => new Visitors(), parseSyslog),
};

function openErrorLog(stream: StreamContext): FormatReader {
  return (raw) => {
    const start = messageStart(raw, 0);
    if (start < 0) return undefined;
    const timeMs = readDatedStamp(stream.clock, raw, 0);
    if (timeMs < 0) return undefined;
    return parseMessage(lineOf(raw, stream, PROGRAM, timeMs), raw.slice(start));
  };
}

/** journald's forwarding may put `HOST nginx: ` once more before it. */
const NESTED = /^[\w.-]{1,255} nginx: /;

/** `access_log syslog:` and `error_log syslog:`; the header's time is the one that counts. */
function parseSyslog(line: LogLine, visitors?: Visitors): FleetEvent | Unparsed {
  const text = line.message;
  const start = messageStart(text, NESTED.exec(text.slice(0, 264))?.[0].length ?? 0);
  if (start > 0) return parseMessage(line, text.slice(start));
  return parseAccessMessage(line, 'nginx', visitors) ?? unknownMessage(line);
}

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];

/** After `2026/11/22 07:00:00 [LEVEL] PID#TID: ` and the number of the connection; -1 when it does not begin so. */
function messageStart(text: string, start: number): number {
  if (text.charCodeAt(start + 4) !== 47 || text.charCodeAt(start + 7) !== 47 || !text.startsWith(' [', start + 19))
    return -1;
  const levelEnd = text.indexOf('] ', start + 21);
  if (levelEnd < 0 || levelEnd > start + 28 || !LEVELS.includes(text.slice(start + 21, levelEnd))) return -1;
  const pidEnd = digitsEnd(text, levelEnd + 2);
  if (pidEnd === levelEnd + 2 || text.charCodeAt(pidEnd) !== 35) return -1;
  const tidEnd = digitsEnd(text, pidEnd + 1);
  if (!text.startsWith(': ', tidEnd)) return -1;
  const at = tidEnd + 2;
  if (text.charCodeAt(at) !== 42) return at;
  const connectionEnd = digitsEnd(text, at + 1);
  return text.charCodeAt(connectionEnd) === 32 ? connectionEnd + 1 : at;
}

function parseMessage(line: LogLine, text: string): FleetEvent | Unparsed {
  switch (text.charCodeAt(0)) {
    case 117: // u
      if (text.startsWith('user "')) return parseBasic(line, text);
      break;
    case 80: // P
      if (text.startsWith("PAM: user '")) return parsePam(line, text);
      break;
    case 99: // c
      if (text.startsWith('client login failed: "')) return parseMailLogon(line, text);
      break;
    case 108: // l
      if (/^limiting (?:requests|connections)/.test(text)) return limited(line, text, 'http-rate-limited');
      break;
    case 97: // a
      if (text.startsWith('access forbidden by rule, ')) return limited(line, text, 'http-access-forbidden');
      break;
    default:
  }
  return notRelevant(line);
}

/**
 * `user "U": password mismatch, client: …`, `user "U" was not found in "FILE", client: …`. A name of basic authentication
 * ends at its first colon (RFC 7617), so it holds none.
 */
function parseBasic(line: LogLine, text: string): FleetEvent | Unparsed {
  const client = text.indexOf(', client: ');
  if (client < 0) return unknownMessage(line);
  const said = text.slice(0, client);
  const mismatch = said.endsWith('": password mismatch');
  const found = mismatch ? said.length - 20 : said.lastIndexOf('" was not found in "');
  if (found < 6) return unknownMessage(line);
  const draft = failedLogon('nginx', 'http-logon-failed');
  draft.user = text.slice(6, found);
  draft.userKnown = mismatch;
  draft.reason = mismatch ? 'password mismatch' : 'was not found';
  draft.role = 'part';
  if (SAID_TWICE.test(text.slice(client))) setClient(draft, text, client);
  else setFirstClient(draft, text, client);
  return finishHttp(draft, line);
}

/** Behind the client: then a name may have been what is in front of it, for whoever splits names otherwise. */
const SAID_TWICE = /: password mismatch|was not found in "/;

/** `PAM: user 'U' - not authenticated: REASON, client: …`. */
function parsePam(line: LogLine, text: string): FleetEvent | Unparsed {
  const client = text.indexOf(', client: ');
  const end = text.indexOf("' - not authenticated: ");
  if (client < 0 || end < 11 || end > client) return notRelevant(line);
  const draft = failedLogon('nginx', 'http-logon-failed');
  draft.user = text.slice(11, end);
  draft.method = 'pam';
  draft.reason = text.slice(end + 23, client);
  draft.role = 'part';
  setClient(draft, text, client);
  return finishHttp(draft, line);
}

/** The mail proxy: `client login failed: "REASON" while in http auth state, client: ADDR, server: ADDR, login: "U"`. */
function parseMailLogon(line: LogLine, text: string): FleetEvent | Unparsed {
  const client = text.indexOf('" while in http auth state, client: ');
  const login = text.indexOf(', login: "', client);
  if (client < 0 || login < 0 || !text.endsWith('"')) return notRelevant(line);
  const draft = failedLogon('nginx', 'mail-logon-failed');
  draft.user = text.slice(login + 10, -1);
  draft.reason = text.slice(22, client);
  draft.role = 'attempt';
  setClient(draft, text, client + 26);
  return draft.finish(line);
}

/** Too fast, or not from there: nobody's password. */
function limited(line: LogLine, text: string, action: string): FleetEvent {
  const draft = plainDraft('nginx', action, CATEGORY.web, TYPE.denied);
  setClient(draft, text, text.indexOf(', client: '));
  return finishHttp(draft, line);
}

/**
 * The address after `, client: ` at `at`. What comes behind it (request, host, referrer) and most of what comes before are
 * the peer's own words, unescaped: where they hold the same once more, nobody can be named.
 */
function setClient(draft: EventDraft, text: string, at: number): void {
  if (at >= 0 && !text.includes(', client: ', at + 10)) setFirstClient(draft, text, at);
}

/** The address after `, client: ` at `at`, where nothing of the peer's can have written that. */
function setFirstClient(draft: EventDraft, text: string, at: number): void {
  const start = at + 10;
  const end = text.indexOf(',', start);
  setSource(draft, text.slice(start, end < 0 ? text.length : end));
  draft.domain = undefined;
}
