import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { eximLog } from './own-log.js';
import { ADDRESS, PEER, setPeer } from './peer.js';

/** Exim 4: its main and reject logs, and the same lines through syslog. Source: smtp_in.c, host.c, receive.c of Exim. */
export const exim: Source = {
  name: 'exim',
  programs: ['exim', 'exim4'],
  formats: [eximLog(parseExim)],
  parse: repeated(parseExim),
};

/** Through syslog the time may stand there again (`syslog_timestamp`), and long lines come in parts. */
const SYSLOG = /^(?:\[\d{1,4}[/\\]\d{1,4}\] )?(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})? )?/;
/** `[PID] ` (`log_selector = +pid`) and the id of a message. */
const IDS = /^(?:\[\d{1,10}\] )?(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} )?/;

/** The message may begin with what stands before exim's words in either kind of log. */
function parseExim(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.replace(SYSLOG, '').replace(IDS, '');
  const failed = FAILED.exec(text);
  if (failed !== null) return parseFailed(line, text.slice(failed[0].length));
  if (text.startsWith('<= ')) return parseArrival(line, text);
  return parseConnection(line, text) ?? (NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line));
}

const FAILED = /^[^\s"]{1,64} authenticator failed for /;
/** The end of the peer and exim's answer: `[ADDR]:PORT I=[ADDR]:PORT: 535 …`. */
const ANSWER = new RegExp(`${ADDRESS}: (\\d{3}) ([^()]*)`, 'g');

/**
 * `NAME (HELO) [ADDR]: 535 Incorrect authentication data (set_id=USER)`. HELO and user are the peer's, and stand before
 * and after the answer: where there is more than one, nobody can tell which is exim's.
 */
function parseFailed(line: LogLine, text: string): FleetEvent | Unparsed {
  const answers = [...text.matchAll(ANSWER)];
  const [answer] = answers;
  if (answer === undefined) return unknownMessage(line);
  const [matched, address = '', port, code, words = ''] = answer;
  const isGuess = code === '535';
  const draft = failedLogon('exim', isGuess ? 'smtp-logon-failed' : 'smtp-logon-broken');
  draft.service = 'exim';
  if (isGuess) draft.role = 'attempt';
  if (answers.length > 1 && answers.some((other) => other[1] !== address)) return draft.finish(line);
  setPeer(draft, address, port);
  draft.reason = words.trim();
  const rest = text.slice(answer.index + matched.length);
  if (rest.startsWith('(set_id=') && rest.endsWith(')')) draft.user = rest.slice(8, -1);
  return draft.finish(line);
}

/**
 * `<= SENDER H=NAME (HELO) [ADDR] P=esmtpsa X=… A=AUTHENTICATOR:USER S=…`: a message by a user who logged on. A sender may
 * be quoted and hold anything; then nothing is read.
 */
const ARRIVAL = new RegExp(
  `^<= [^\\s"]+ (?:R=\\S+ )?H=${PEER} P=[el]?smtps?a(?: (?:L-?|K|PRDR|TFO\\*?|X=\\S+|CV=\\S+|SNI=\\S+|DN="[^"]*"))* A=([^\\s:]{1,64})(?::(\\S+))?(?: |$)`,
);

function parseArrival(line: LogLine, text: string): FleetEvent | Unparsed {
  const match = ARRIVAL.exec(text);
  if (match === null || text.indexOf(' P=', text.indexOf(' P=') + 3) >= 0) return notRelevant(line);
  const draft = logon('exim', 'smtp-logon');
  draft.service = 'exim';
  setPeer(draft, match[1] as string, match[2]);
  draft.method = match[3];
  draft.user = match[4];
  return draft.finish(line);
}

/** What begins with exim's own words and the peer. */
const CONNECTION = new RegExp(
  `^(H=|SMTP connection from |SMTP call from |no MAIL in (?:SMTP|TLS) connection from |TLS error on connection from |rejected (?:EHLO|HELO) from |rejected connection from H=|unexpected disconnection while reading SMTP command from |SMTP (?:command|data) timeout (?:\\([^()]*\\) )?on (?:TLS )?connection from |SMTP protocol synchronization error \\([^()]*\\): rejected connection from H=|SMTP protocol error in "AUTH [\\w-]{0,20}" H=|Connection from )${PEER}(?=[ :,]|$)`,
);

function parseConnection(line: LogLine, text: string): FleetEvent | undefined {
  const match = CONNECTION.exec(text);
  if (match === null) return undefined;
  const [matched, words = '', address = '', port] = match;
  const isConnection = words === 'SMTP connection from ';
  const action = words === 'H=' ? 'smtp-rejected' : isConnection ? 'smtp-connection' : 'smtp-protocol-error';
  const draft = plainDraft('exim', action, CATEGORY.network, words === 'H=' ? TYPE.denied : TYPE.connection);
  // A HELO with blanks (`helo_accept_junk_hosts`) may have ended its bracket itself.
  if (!text.includes(') [', matched.length)) setPeer(draft, address, port);
  return draft.finish(line);
}

/** Deliveries, the queue, the daemon, names, and refusals whose line begins with words of the peer's. */
const NOT_RELEVANT =
  /^(?:[=-]> |>> |\*\* |== |\*> |Completed|Frozen|SMTP |no (?:host name|IP address) found |Start queue run|End queue run|exim \d|daemon |pid |DKIM|SPF |TLS |Warning: |cancelled|removed|retry |host name alias|F=|U=|Sender identification|Message |Spool |queue run|ident |dnslists|list |failed to |error |ALERT|\S+ \[[0-9A-Fa-f:.]+\] )/i;
