import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { numberBetween, setSource, wordEnd } from '../scan.js';
import { type LogLine, type Unparsed, unknownMessage } from '../source.js';

const RIP = 'rip=';
/** How a line of a login process begins, whatever the version. */
const BEGINNING =
  /^(?:Login|Logged in|Login aborted|Aborted login|Disconnected|Remote closed connection|Client has quit the connection|Maximum number of connections|Connection closed|proxy\()/;

/**
 * `STATUS: user=<USER>, method=MECH, rip=ADDR, lip=ADDR, …` (`login_log_format_elements`), where STATUS is all the
 * server's own. Undefined when the text is none of these.
 */
export function readLogin(line: LogLine, text: string): EventDraft | Unparsed | undefined {
  if (!BEGINNING.test(text)) return undefined;
  if (text.startsWith('proxy(')) return readProxy(line, text);
  const start = elementsStart(text);
  const status = start < 0 ? text : text.slice(0, start);
  const draft = draftOf(status);
  if (start >= 0) readElements(draft, text, start + 2);
  return draft;
}

/** The first of the elements, whichever of them are there. */
function elementsStart(text: string): number {
  return text.search(/: (?:user=<|method=|rip=)/);
}

/**
 * User and mechanism are the peer's words and may hold `, rip=`; what follows the address is the server's. So the last
 * address counts, unless it comes first of all.
 */
function readElements(draft: EventDraft, text: string, start: number): void {
  const rip = text.startsWith(RIP, start) ? start : text.lastIndexOf(`, ${RIP}`) + 2;
  if (rip < start) return;
  const end = wordEnd(text, rip);
  setSource(draft, text.slice(rip + RIP.length, text.charCodeAt(end - 1) === 44 ? end - 1 : end));
  if (rip === start) return;
  const names = text.slice(start, rip - 2);
  const method = /(?:^|>, )method=([\w-]{1,32})$/.exec(names);
  if (method !== null) draft.method = method[1];
  if (!names.startsWith('user=<')) return;
  const user = method === null ? names : names.slice(0, method.index + 1);
  if (user.endsWith('>') && user.length > 6) draft.user = user.slice(6, -1);
}

/** `proxy(USER): started proxying to …: user=<USER>, …`; of names that may be read in two ways nothing is told. */
function readProxy(line: LogLine, text: string): EventDraft | Unparsed {
  const match = /^proxy\(([^()<>]{0,256})\): (started proxying|Login failed)/.exec(text);
  const start = elementsStart(text);
  if (match === null || start < 0 || !text.startsWith(`: user=<${match[1]}>, `, start)) return unknownMessage(line);
  const isLogon = match[2] === 'started proxying';
  const draft = isLogon ? logon('dovecot', 'dovecot-logon') : failedAttempts('dovecot-logon-failed', 1);
  readElements(draft, text, start + 2);
  return draft;
}

const AUTH_FAILED = '(auth failed, ';

/** What the status tells: `Disconnected: Inactivity (auth failed, 1 attempts in 2 secs)`. */
function draftOf(status: string): EventDraft {
  if (status === 'Login' || status === 'Logged in') return logon('dovecot', 'dovecot-logon');
  const failed = status.indexOf(AUTH_FAILED);
  if (failed >= 0) {
    const digits = failed + AUTH_FAILED.length;
    return failedAttempts('dovecot-logon-failed', numberBetween(status, digits, wordEnd(status, digits), 6));
  }
  const reason = /\((user disabled|password expired|proxy dest auth failed)\)/.exec(status)?.[1];
  if (reason === undefined) return withoutAttempt(status);
  const draft = failedAttempts('dovecot-logon-failed', 1);
  draft.reason = reason;
  return draft;
}

/**
 * Tries on one connection, told at its end. A part and not a summary: one address has many connections, and lines of
 * auth and of PAM tell of the same tries one by one.
 */
function failedAttempts(action: string, count: number): EventDraft {
  const draft = failedLogon('dovecot', action);
  draft.role = 'part';
  if (count > 1) draft.count = count;
  return draft;
}

/** Nobody's password was refused: the client gave up, asked for what is not allowed, or never tried. */
function withoutAttempt(status: string): EventDraft {
  const refused = /\((tried to use (?:disabled|disallowed|unsupported) [^()]+|authorization failed[^()]*)\)/.exec(
    status,
  );
  if (refused === null) return plainDraft('dovecot', 'dovecot-disconnected', CATEGORY.network, TYPE.end);
  const draft = failedLogon('dovecot', 'dovecot-logon-refused');
  draft.reason = refused[1];
  return draft;
}
