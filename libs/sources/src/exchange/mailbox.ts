import type { FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { type LogLine, notRelevant, type Unparsed, unknownMessage } from '../source.js';
import { exchangeEvent, isGuess } from './logon.js';
import { peerOf } from './row.js';

const LOGON_COMMANDS: ReadonlyMap<string, 'imap' | 'pop3'> = new Map([
  ['login', 'imap'],
  ['authenticate', 'imap'],
  ['pass', 'pop3'],
  ['auth', 'pop3'],
  ['apop', 'pop3'],
]);

/** The answer: `R=ok`, `R="7 NO LOGIN failed."`, `R="-ERR Logon failure: …"`. The tag before NO is the peer's, one word. */
const OK = /^R=(?:ok\b|"(?:\+OK |[^\s"]{1,64} OK ))/i;
const REFUSED = /^R="(?:-ERR|[^\s"]{1,64} NO) ([^"]{0,200})/i;
/** Exchange's own reason, which ends the context. */
const ERROR = /(?:^|;)ErrMsg="?([\w]{1,40})(?::([\w]{1,60}))?"?;?$/;
const LOGON_FAILED = /^(?:(?:AUTHENTICATE|LOGIN) failed|Logon failure|Authentication failure)/i;

/** A row of the IMAP4 or POP3 log: one command and what came of it. */
export function readMailboxRow(line: LogLine, row: ReadonlyMap<string, string>): FleetEvent | Unparsed {
  const application = LOGON_COMMANDS.get(row.get('command')?.toLowerCase() ?? '');
  if (application === undefined) return notRelevant(line);
  const peer = peerOf(row.get('cip'));
  if (peer === undefined) return unknownMessage(line);
  const context = row.get('context') ?? '';
  const user = row.get('user') || undefined;
  if (OK.test(context)) {
    // `auth` and `authenticate` without a user are the first half of a logon.
    if (user === undefined) return notRelevant(line);
    return exchangeEvent(line, logon('exchange', 'mailbox-logon'), peer, user, application);
  }
  const answer = REFUSED.exec(context)?.[1];
  if (answer === undefined) return notRelevant(line);
  const error = ERROR.exec(context);
  const draft = failedLogon('exchange', 'mailbox-logon-failed');
  draft.reason = error?.[2] ?? error?.[1] ?? (answer.trim() || undefined);
  const isAuth = error === null ? LOGON_FAILED.test(answer) : error[1] === 'AuthFailed' && isGuess(error[2] ?? '');
  if (isAuth) draft.role = 'attempt';
  return exchangeEvent(line, draft, peer, user, application);
}
