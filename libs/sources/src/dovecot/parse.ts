import type { FleetEvent } from '@fleetwall/core';
import { EventDraft } from '../event-builder.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readAuth } from './auth-log.js';
import { readLogin } from './login-log.js';
import { dovecotLog } from './own-log.js';

const LOGIN_PROCESSES = ['imap-login', 'pop3-login', 'managesieve-login', 'submission-login', 'imap-urlauth-login'];

/**
 * Dovecot 1.0 to 2.4, through syslog (program `dovecot`, the process in the message) and in its own logs, where the
 * process stands for the program. Source: lib/failures.c, login-common/client-common.c, auth/auth-request.c.
 */
export const dovecot: Source = {
  name: 'dovecot',
  programs: ['dovecot', 'dovecot-auth', 'auth', 'auth-worker', ...LOGIN_PROCESSES],
  formats: [dovecotLog(parseDovecot)],
  parse: repeated(parseDovecot),
};

/** `dovecot: ` and the level, where a log has them; twice where syslog repeats what the master process said. */
const PREFIX = /^(?:dovecot: |(?:Info|Warning|Warn|Error|Debug|Fatal): )+/;
/** `imap-login: `, `auth(default): `, `auth-worker(123): `. */
const PROCESS =
  /^(?:imap-login|pop3-login|managesieve-login|submission-login|imap-urlauth-login|auth|auth-worker)(?:\([\w-]{1,32}\))?: (?:Info: |Warning: |Error: |Debug: )?/;
/** Since 2.3 a worker says whose request it is: `conn unix:auth-worker (pid=1,uid=2): auth-worker<3>: `. */
const WORKER = /^conn unix:[\w/.-]{1,128} \((?:pid=\d+,)?uid=\d+\): (?:auth-worker<\d+>: )?/;

function parseDovecot(line: LogLine): FleetEvent | Unparsed {
  const text = messageOf(line.message);
  const draft = readAuth(line, text) ?? readLogin(line, text);
  if (draft instanceof EventDraft) return finish(line, draft);
  return draft ?? (isNotRelevant(text) ? notRelevant(line) : unknownMessage(line));
}

/** The message without the processes that wrote it. */
function messageOf(message: string): string {
  const text = message.replace(PREFIX, '').replace(PROCESS, '');
  return text.startsWith('conn unix:') ? text.replace(WORKER, '') : text;
}

function finish(line: LogLine, draft: EventDraft): FleetEvent {
  if (draft.category[0] === 'authentication') draft.service = 'dovecot';
  if (draft.reason === 'user disabled') draft.accountState = 'disabled';
  if (draft.reason === 'password expired') draft.accountState = 'expired';
  return draft.finish(line);
}

/** What sessions do once they are logged on, and how the server does its work. */
const NOT_RELEVANT =
  /^(?:(?:imap|pop3|lda|lmtp|managesieve|submission|IMAP|POP3|doveadm|indexer-worker|quota)(?:\([^)]*\))?[<:]|master: |Dovecot v|anvil: |config: |ssl-params: |stats: |log: |replicator: |lmtp\(|Panic: |Killed with signal|Generating |SIGHUP received|Server shutting down|userdb\(|Support not compiled in|Auth process died)/;

function isNotRelevant(text: string): boolean {
  return NOT_RELEVANT.test(text);
}
