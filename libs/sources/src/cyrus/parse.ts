import type { FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** Cyrus IMAP 2 and 3: IMAP, POP3, Sieve and LMTP. Source: imap/imapd.c, imap/pop3d.c, timsieved/parser.c. */
export const cyrus: Source = {
  name: 'cyrus',
  programs: ['imap', 'imaps', 'pop3', 'pop3s', 'imapd', 'pop3d', 'sieve', 'timsieved', 'managesieve', 'lmtp', 'lmtpd'],
  parse: repeated(parseCyrus),
};

/** `NAME [ADDR]`, `NAME[ADDR]` or `[ADDR]` after the first word: as the server looked it up. */
const CLIENT = /^(bad)?login: (?:[\w.-]{0,255} ?)\[([0-9A-Fa-f:.]{2,45})\] /;

/** Messages that other servers of the same names (`imapd`) do not have. */
export function isCyrus(message: string): boolean {
  return CLIENT.test(message);
}

function parseCyrus(line: LogLine): FleetEvent | Unparsed {
  const client = CLIENT.exec(line.message);
  if (client === null) return NOT_RELEVANT.test(line.message) ? notRelevant(line) : unknownMessage(line);
  const text = line.message.slice(client[0].length).trimEnd();
  const draft = client[1] === undefined ? readLogon(text) : readFailure(text);
  setSource(draft, client[2] as string);
  return draft.finish(line);
}

/** `USER MECH[+TLS] User logged in …`; before 2.2 without the words at the end. */
function readLogon(text: string): EventDraft {
  const draft = logon('cyrus', 'cyrus-logon');
  const words = text.indexOf(' User logged in');
  const names = words < 0 ? text : text.slice(0, words);
  const method = names.lastIndexOf(' ');
  draft.user = method < 0 ? names : names.slice(0, method);
  if (method >= 0) draft.method = names.slice(method + 1);
  return draft;
}

/** A password was refused, or there is no such user; other numbers are errors of the client or the server. */
const GUESS = /^\[?SASL\(-(?:13|14|20|21)\): /;
const DETAIL = ' SASL(-';
const INVALID = ' invalid user';

/** `plaintext USER SASL(-13): …`, `MECH [SASL(-13): …]`, since 3.0 `MECH (USER) [SASL(-13): …]`. */
function readFailure(text: string): EventDraft {
  const [, method = '', rest = ''] = /^([^ ]{1,40}) ?(.*)$/s.exec(text) ?? [];
  if (rest.startsWith('[')) return failure(method, undefined, rest.slice(1).replace(/\]$/, ''), GUESS.test(rest));
  const named = /^\((.*)\) (\[SASL\(-.*)$/s.exec(rest);
  if (named !== null) {
    const detail = named[2] as string;
    return failure(method, named[1], detail.slice(1).replace(/\]$/, ''), GUESS.test(detail));
  }
  if (rest.endsWith(INVALID)) {
    const draft = failure(method, rest.slice(0, -INVALID.length), 'invalid user', true);
    draft.userKnown = false;
    return draft;
  }
  const detail = rest.lastIndexOf(DETAIL);
  return detail < 0
    ? failure(method, undefined, '', true)
    : failure(method, rest.slice(0, detail), rest.slice(detail + 1), true);
}

function failure(method: string, user: string | undefined, reason: string, isGuess: boolean): EventDraft {
  const draft = failedLogon('cyrus', isGuess ? 'cyrus-logon-failed' : 'cyrus-logon-broken');
  if (isGuess) draft.role = 'attempt';
  if (/^[\w+-]{1,40}$/.test(method)) draft.method = method;
  draft.user = user;
  if (reason !== '') draft.reason = reason;
  if (/^SASL\(-\d+\): user not found/.test(reason)) draft.userKnown = false;
  return draft;
}

const NOT_RELEVANT =
  /^(?:accepted connection|executed|open: |seen_db|skiplist|starttls: |SQUAT|USAGE |Expunged|Delivered|duplicate_|created |mystore|fetching|inflated|connection from|Connection reset|idle |auxpropfunc|SASL |DIGEST-MD5|no |mailbox |auditlog: )/;
