import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/** Sendmail 8 as a server, under the names that systems give it (`-L`). Source: sendmail/srvrsmtp.c. */
export const sendmail: Source = {
  name: 'sendmail',
  programs: ['sendmail', 'sm-mta', 'sm-acceptingconnections', 'sm-msp-queue'],
  parse: repeated(parseSendmail),
};

/** `NAME [ADDR]`, `IDENT@NAME [ADDR]`, `[ADDR]`: what ident said is the peer's, but has no blanks here. One group. */
const CLIENT = String.raw`(?:[^\s,[\]]{0,255} )?\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\](?: \(may be forged\))?`;
const QUEUE_ID = /^(?:NOQUEUE|[0-9A-Za-z]{8,20}): /;

/** The mechanism is the peer's word, and SASL's details may hold his name; the relay comes last. */
const FAILED = new RegExp(
  `^AUTH failure \\((.{0,60}?)\\): ([^()]{0,80}) \\((-\\d{1,3})\\) ?(.*), relay=${CLIENT}$`,
  's',
);
const ATTACK = new RegExp(`^${CLIENT}: possible SMTP attack: command=([A-Z]{1,10}), count=(\\d{1,6})$`);
const AUTHENTICATED = new RegExp(
  `^AUTH=server, relay=${CLIENT}, authid=(.*), mech=([\\w-]{1,32}), bits=\\d{1,5}$`,
  's',
);
/** What the peer said stands before the relay and after it. */
const RULESET = new RegExp(`^ruleset=\\w{1,40}, .*, relay=${CLIENT}, (?:reject|discard|quarantine)=`, 's');
const CONNECTION = new RegExp(
  `^(?:rejecting commands from ${CLIENT} due to |lost input channel from ${CLIENT} |timeout waiting for input from ${CLIENT} |${CLIENT} did not issue |${CLIENT}: (?:VRFY|EXPN|vrfy|expn|ETRN|probable open proxy|possible SMTP attack)|STARTTLS=server, relay=${CLIENT}, )`,
);

function parseSendmail(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.replace(QUEUE_ID, '');
  const failed = FAILED.exec(text);
  if (failed !== null) return parseFailed(line, failed);
  const authenticated = AUTHENTICATED.exec(text);
  if (authenticated !== null) return parseLogon(line, authenticated);
  const attack = ATTACK.exec(text);
  if (attack !== null && attack[2] === 'AUTH') return parseAttack(line, attack);
  if (text.startsWith('ruleset=')) return parseRuleset(line, text);
  const connection = CONNECTION.exec(text);
  if (connection === null) return NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line);
  const address = connection.slice(1).find((group) => group !== undefined);
  return finish(line, plainDraft('sendmail', 'smtp-protocol-error', CATEGORY.network, TYPE.connection), address);
}

/** `sasl.h`: the password was wrong, there is no such user, or the account may not be used; others are errors. */
const GUESSES = new Set(['-13', '-14', '-20', '-21']);
const USER = ', user=';

/** `AUTH failure (MECH): WORDS (NUMBER) DETAIL[, user=USER], relay=CLIENT`; the user since 8.16. */
function parseFailed(
  line: LogLine,
  [, method = '', words, code = '', detail = '', address]: RegExpExecArray,
): FleetEvent {
  const isGuess = GUESSES.has(code);
  const draft = failedLogon('sendmail', isGuess ? 'smtp-logon-failed' : 'smtp-logon-broken');
  if (isGuess) draft.role = 'attempt';
  if (/^[\w-]{1,32}$/.test(method)) draft.method = method;
  draft.reason = words;
  if (code === '-20') draft.userKnown = false;
  const user = detail.indexOf(USER);
  if (user >= 0) draft.user = detail.slice(user + USER.length);
  return finish(line, draft, address);
}

function parseLogon(line: LogLine, [, address, user, method]: RegExpExecArray): FleetEvent {
  const draft = logon('sendmail', 'smtp-logon');
  draft.user = user;
  draft.method = method;
  return finish(line, draft, address);
}

/** `CLIENT: possible SMTP attack: command=AUTH, count=N`: so many on one connection, each with or without its own line. */
function parseAttack(line: LogLine, [, address, , count = '']: RegExpExecArray): FleetEvent {
  const draft = failedLogon('sendmail', 'smtp-too-many-failures');
  draft.role = 'summary';
  draft.count = numberBetween(count, 0, count.length, 6);
  return finish(line, draft, address);
}

/** `ruleset=check_rcpt, arg1=<…>, relay=CLIENT, reject=…`; when more than one relay stands there, nobody is named. */
function parseRuleset(line: LogLine, text: string): FleetEvent | Unparsed {
  const match = RULESET.exec(text);
  if (match === null) return notRelevant(line);
  const isCertain = text.indexOf(', relay=') === text.lastIndexOf(', relay=');
  const draft = plainDraft('sendmail', 'smtp-rejected', CATEGORY.network, TYPE.denied);
  return finish(line, draft, isCertain ? match[1] : undefined);
}

function finish(line: LogLine, draft: EventDraft, address = ''): FleetEvent {
  setSource(draft, address);
  return draft.finish(line);
}

/** Messages that were taken and delivered, filters, TLS and the daemon. */
const NOT_RELEVANT =
  /^(?:from=|to=|<.{0,256}>\.\.\. |Milter|milter|STARTTLS|TLS |starting daemon|stopping daemon|alias|SYSERR|collect:|Losing |lost |timeout |AUTH |tls_|DSN|return to sender|postmaster notify|clone |discarded|error |NOQUEUE|rejecting connections|accepting connections|grew WorkList|unable |daemon |SMTP outgoing|x509|makeconnection|locked|--- |<-- )/;
