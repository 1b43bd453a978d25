import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { type EventDraft, failedLogon, logon } from '../event-builder.js';
import { clientOf } from '../proxy/client-of.js';
import { setSource } from '../scan.js';
import type { LogLine } from '../source.js';
import { finishHttp } from '../web-access/web-event.js';

/** Where a request came from, as Roundcube prints it: `ADDR`, or `ADDR(X-Real-IP: …,X-Forwarded-For: …)` with the peer's headers. */
interface Origin {
  /** Where ` from ADDR` begins. */
  start: number;
  address: string;
  headers: string;
}

/**
 * Sources: program/include/rcmail.php (log_login), program/lib/Roundcube/rcube_imap.php (connect), rcube_utils.php
 * (remote_ip), rcube.php (log_bug).
 *
 * @param text the message without stamp and session; undefined when it tells of no logon
 */
export function parseRoundcube(line: LogLine, text: string): FleetEvent | undefined {
  const found = readUserLogin(text) ?? readImapError(text);
  if (found === undefined) return undefined;
  const { draft, origin } = found;
  const peer = origin === undefined ? undefined : canonicalAddress(origin.address);
  const client =
    peer === undefined ? undefined : clientOf(peer, forwardedFor(origin?.headers ?? ''), line.trustedProxies);
  if (client !== undefined) setSource(draft, client);
  return finishHttp(draft, line);
}

interface Found {
  draft: EventDraft;
  origin: Origin | undefined;
}

const LOGIN = /^(?:Failed|FAILED) login for /;
const SUCCESS = 'Successful login for ';
/** ` in session ID[ (error: N)]`; older versions end with the address. */
const SESSION = / in session [\w,-]{1,64}(?: \(error: (-?\d{1,10})\))?$/;
/** Of rcmail: 0 a wrong password, 4 one too many; others are a server that is away, no cookies, a form that was too old. */
const GUESSES: readonly string[] = ['0', '4'];

/** userlogins: `Failed login for U from ORIGIN in session S (error: N)`, `Successful login for U (ID: N) from ORIGIN in session S`. */
function readUserLogin(text: string): Found | undefined {
  const failed = LOGIN.exec(text)?.[0].length;
  if (failed === undefined && !text.startsWith(SUCCESS)) return undefined;
  const [session = '', error = '0'] = SESSION.exec(text.slice(-160)) ?? [];
  const said = text.slice(0, text.length - session.length);
  const origin = originAtEnd(said);
  if (failed !== undefined) {
    if (!GUESSES.includes(error)) return undefined;
    const draft = refusal('roundcube-logon-failed');
    if (origin !== undefined) draft.user = said.slice(failed, origin.start);
    return { draft, origin };
  }
  const user = /^(.*) \(ID: \d{1,12}\)$/s.exec(said.slice(SUCCESS.length, origin?.start ?? 0))?.[1];
  if (user === undefined) return undefined;
  const draft = logon('roundcube', 'roundcube-logon');
  draft.user = user;
  return { draft, origin };
}

const IMAP = /^IMAP Error(?: in [^\s:]{1,255} \(\d{1,6}\))?: Login failed for /;
/** The address: a full stop follows, and the words of the IMAP library, or the text ends. */
const IMAP_ORIGIN = / from ([0-9A-Fa-f:.]{2,45}?)(\((?:X-Real-IP|X-Forwarded-For): [^()]{0,4096}\))?(?=\. |\.?$)/g;
/** What the IMAP server said to a wrong password. Where it cannot be reached there are other words, and nobody has guessed. */
const ANSWER = /^\. (?:AUTHENTICATE|LOGIN)\b/;
const PLACE = / in \/\S{1,255} on line \d{1,6} \([A-Z]{1,10} [^\s]{0,4096}\)$/;
/** RFC 5530: the server's own trouble. */
const TROUBLE = /^[^[]{0,200} NO \[(?:UNAVAILABLE|SERVERBUG|INUSE|LIMIT|CONTACTADMIN)\]/;

/** More than a name that anybody has can hold: such a text is nobody's, whatever stands in it. */
const MAX_ORIGINS = 16;

/** errors: `IMAP Error: Login failed for U[ against HOST] from ORIGIN[. IMAP'S WORDS] in FILE on line N (POST URL)`. */
function readImapError(text: string): Found | undefined {
  const start = IMAP.exec(text.slice(0, 320))?.[0].length;
  if (start === undefined) return undefined;
  const whole = text.slice(start);
  const said = whole.replace(PLACE, '');
  const matches = firstOrigins(said);
  if (matches.length > MAX_ORIGINS) return { draft: refusal('roundcube-imap-refused'), origin: undefined };
  const origins = matches
    .map((match) => ({ match, rest: said.slice(match.index + match[0].length) }))
    // Where a place in the source follows, a full stop stands between.
    .filter(({ rest }) => said === whole || rest.startsWith('.'));
  const last = origins.at(-1);
  const answered = origins.filter(({ rest }) => ANSWER.test(rest));
  if (last === undefined || (answered.length === 0 && last.rest.length > 1)) return undefined;
  if (answered.some(({ rest }) => TROUBLE.test(rest))) return undefined;
  const draft = refusal('roundcube-imap-refused');
  // The name before the address and the server's words behind it may hold another: then nobody is named.
  if (answered.length > 1 || (answered.length === 1 && answered[0] !== last)) return { draft, origin: undefined };
  const { match } = last;
  draft.user = said.slice(0, match.index).replace(/ against \S{1,255}$/, '');
  return { draft, origin: { start: start + match.index, address: match[1] as string, headers: match[2] ?? '' } };
}

/** The places where an address may stand, one more than {@link MAX_ORIGINS} at most. */
function firstOrigins(said: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  for (const match of said.matchAll(IMAP_ORIGIN)) {
    matches.push(match);
    if (matches.length > MAX_ORIGINS) break;
  }
  return matches;
}

function refusal(action: string): EventDraft {
  const draft = failedLogon('roundcube', action);
  draft.role = 'part';
  return draft;
}

const WITH_HEADERS = / from ([0-9A-Fa-f:.]{2,45})\((?:X-Real-IP|X-Forwarded-For): /g;

/** The origin that ends the text; undefined when it could begin at several places, since its headers are the peer's. */
function originAtEnd(text: string): Origin | undefined {
  if (text.endsWith(')') && !/\(ID: \d{1,12}\)$/.test(text.slice(-20))) {
    const matches = [...text.matchAll(WITH_HEADERS)];
    const [only] = matches;
    if (only === undefined || matches.length > 1) return undefined;
    return { start: only.index, address: only[1] as string, headers: text.slice(only.index + 6) };
  }
  const start = text.lastIndexOf(' from ');
  const address = text.slice(start + 6);
  return start < 0 || address.length > 45 ? undefined : { start, address, headers: '' };
}

/** The header's value, which comes last and ends with the parenthesis. */
function forwardedFor(headers: string): string | undefined {
  const at = headers.lastIndexOf('X-Forwarded-For: ');
  return at < 0 ? undefined : headers.slice(at + 17, -1);
}
