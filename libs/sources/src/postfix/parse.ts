import type { FleetEvent } from '@fleetwall/core';
import { CATEGORY, type EventDraft, failedLogon, logon, plainDraft, TYPE } from '../event-builder.js';
import { numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * Postfix' servers of SMTP, under any `syslog_name`: `postfix/smtpd`, `postfix/submission/smtpd`, `postfix/postscreen`.
 * Source: smtpd.c, smtpd_sasl_glue.c, smtpd_check.c, smtpd_peer.c, postscreen.c of Postfix 2 and 3.
 */
export const postfix: Source = { name: 'postfix', programs: ['smtpd', 'postscreen'], parse: parsePostfix };

/**
 * `NAME[ADDR]` or, with `smtpd_client_port_logging`, `NAME[ADDR]:PORT`; postscreen leaves out the name. The name is a host
 * name that Postfix checked, or `unknown`: the only text of the peer's before the address.
 */
const CLIENT = String.raw`[\w.-]{0,255}\[([0-9A-Fa-f:.]{2,45}|unknown)\](?::(\d{1,5}))?`;

const SASL_FAILED = new RegExp(
  `^${CLIENT}: SASL ([^ ]{0,100}) authentication failed: (.*?)(?:, sasl_username=(.*))?$`,
  's',
);
const AUTHENTICATED = new RegExp(`^[0-9A-Za-z]{1,20}: client=${CLIENT}, sasl_method=`);
const REJECTED = new RegExp(
  `^(?:NOQUEUE|[0-9A-Za-z]{1,20}): (?:milter-)?(reject|reject_warning|discard|hold|filter|redirect|warn|info|header|body|bcc|prepend|replace|delay)(?:: |-)(?:[A-Z-]{1,16}|END-OF-MESSAGE|UNKNOWN) from ${CLIENT}: `,
);
/** The words before the client are Postfix' own. */
const CONNECTION = new RegExp(
  `^(connect|disconnect|lost connection|timeout|too many errors|improper command pipelining|SSL_accept error|non-SMTP command|Illegal address syntax|Connection (?:rate|concurrency) limit exceeded: \\d+|Anonymous TLS connection established|Trusted TLS connection established|Untrusted TLS connection established|Verified TLS connection established|PREGREET \\d+|HANGUP|COMMAND [A-Z ]{1,40}|DISCONNECT|CONNECT|PASS (?:NEW|OLD)|WHITELISTED|ALLOWLISTED|DENYLISTED|BLACKLISTED)(?: after [\\w. -]{1,40}?)?(?: from)? ${CLIENT}(?: |:|;|$)`,
);

function parsePostfix(line: LogLine): FleetEvent | Unparsed {
  const isWarning = line.message.startsWith('warning: ');
  const text = isWarning ? line.message.slice(9) : line.message;
  const failed = SASL_FAILED.exec(text);
  if (failed !== null) return saslFailed(line, failed);
  const authenticated = AUTHENTICATED.exec(text);
  if (authenticated !== null) return saslLogon(line, text, authenticated);
  const rejected = REJECTED.exec(text);
  if (rejected !== null) {
    return peer(plainDraft('postfix', 'smtp-rejected', CATEGORY.network, TYPE.denied), rejected[2], rejected[3]).finish(
      line,
    );
  }
  const connection = CONNECTION.exec(text);
  if (connection !== null) {
    const draft = plainDraft('postfix', actionOf(connection[1] as string), CATEGORY.network, TYPE.connection);
    return peer(draft, connection[2], connection[3]).finish(line);
  }
  return isWarning || NOT_RELEVANT.test(text) ? notRelevant(line) : unknownMessage(line);
}

function peer(draft: EventDraft, address = '', port?: string): EventDraft {
  setSource(draft, address);
  if (port !== undefined) draft.port = numberBetween(port, 0, port.length, 5);
  return draft;
}

/** Answers after which nobody's password was looked at: the client is broken, or the server. */
const NO_GUESS =
  /^(?:Connection lost to authentication server|Invalid authentication mechanism|no mechanism available|bad protocol|Invalid base64 data|generic failure|temporary failure|cannot decode)/i;

/** `NAME[ADDR]: SASL MECH authentication failed: ANSWER[, sasl_username=USER]`: the mechanism is the peer's word, too. */
function saslFailed(line: LogLine, match: RegExpExecArray): FleetEvent {
  const [, address, port, method = '', answer = '', user] = match;
  const draft = peer(failedLogon('postfix', 'smtp-logon-failed'), address, port);
  if (/^[\w-]{1,32}$/.test(method)) draft.method = method;
  draft.reason = answer;
  draft.service = 'postfix';
  draft.user = user;
  if (NO_GUESS.test(answer)) draft.action = 'smtp-logon-broken';
  else draft.role = 'attempt';
  return draft.finish(line);
}

/** `QUEUEID: client=NAME[ADDR], sasl_method=MECH, sasl_username=USER[, sasl_sender=…][, orig_client=…]`: a message by a user who logged on. */
function saslLogon(line: LogLine, text: string, match: RegExpExecArray): FleetEvent | Unparsed {
  const rest = /^([\w-]{1,32}), sasl_username=(.*)$/s.exec(text.slice(match[0].length));
  if (rest === null) return unknownMessage(line);
  const draft = peer(logon('postfix', 'smtp-logon'), match[1], match[2]);
  draft.method = rest[1];
  const user = rest[2] as string;
  const next = user.search(/, (?:sasl_sender|orig_queue_id|orig_client)=/);
  draft.user = next < 0 ? user : user.slice(0, next);
  draft.service = 'postfix';
  return draft.finish(line);
}

function actionOf(words: string): string {
  if (words === 'connect' || words === 'CONNECT') return 'smtp-connection';
  if (words === 'disconnect' || words === 'DISCONNECT' || words === 'lost connection') return 'smtp-disconnected';
  if (words === 'too many errors' || words === 'timeout') return 'smtp-disconnected';
  return /TLS|^PASS|LISTED$/.test(words) ? 'smtp-connection' : 'smtp-protocol-error';
}

/** Messages that were taken, TLS, tables and caches. */
const NOT_RELEVANT =
  /^(?:[0-9A-Za-z]{1,20}: (?:client=|uid=|message-id=|removed|from=|to=|replace|milter|prepend|warn)|NOQUEUE: |statistics: |TLS |SSL|setting up TLS|initializing |reload|using |cache |close |daemon |connect to |fatal: |error: |panic: |table |proxymap |Host offered STARTTLS|lookup )/;
