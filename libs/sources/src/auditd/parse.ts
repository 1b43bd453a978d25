import type { FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { digitsEnd, numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { accountEvent, accountName, isAccountRecord } from './account-changes.js';
import { auditStateEvent } from './audit-state.js';
import { type Details, readDetails, setPeer } from './details.js';

/**
 * Audit records of logons (USER_LOGIN, USER_AUTH, USER_ERR), of changed accounts and of auditing itself. The message is
 * `TYPE FIELDS`, as in the journal; the reader of audit files writes it alike, and so do the forwarders to syslog after
 * their `node=`/`type=`/`msg=` part.
 *
 * Source: audit-userspace lib/audit_logging.c (audit_log_acct_message), docs of its record types.
 */
export const auditd: Source = {
  name: 'auditd',
  addressFirst: true,
  programs: ['auditd', 'audit', 'audispd', 'audisp-syslog'],
  parse: parseAudit,
};

const LOGON_RECORD = /^(?:USER_LOGIN|USER_AUTH|USER_ERR) /;
const FORWARDED = /^(?:node=[^ ]+ )?type=([A-Z_]+) msg=audit\(\d+\.\d+:\d+\): /;

/** Programs by their path to the `service.type` of the source that reads their own lines; sshd's is known by its pid. */
const SERVICES: readonly (readonly [ending: string, service: string])[] = [
  ['/vsftpd', 'vsftpd'],
  ['/proftpd', 'proftpd'],
  ['/pure-ftpd', 'pure-ftpd'],
  ['/dovecot/auth', 'dovecot'],
];

function parseAudit(line: LogLine): FleetEvent | Unparsed {
  const forwarded = FORWARDED.exec(line.message);
  const text = forwarded === null ? line.message : `${forwarded[1]} ${line.message.slice(forwarded[0].length)}`;
  const type = text.slice(0, Math.max(0, text.indexOf(' ')));
  const isLogon = LOGON_RECORD.test(text);
  if (!isLogon && !isAccountRecord(type)) return auditStateEvent(line, type, text) ?? notRelevant(line);
  const details = readDetails(text);
  if (details === undefined) return unknownMessage(line);
  const event = isLogon ? logonEvent(line, type, details) : accountEvent(line, type, details);
  const pid = senderPid(text);
  if (pid !== undefined) event['process.pid'] = pid;
  event['process.name'] = details.executable.slice(details.executable.lastIndexOf('/') + 1);
  return event;
}

function logonEvent(line: LogLine, type: string, details: Details): FleetEvent {
  const isLogin = type === 'USER_LOGIN';
  const draft = details.succeeded
    ? logon('auditd', isLogin ? 'audit-logon' : 'audit-authenticated')
    : failedLogon('auditd', isLogin ? 'audit-logon-failed' : 'audit-auth-failed');
  // USER_LOGIN repeats at the end what USER_AUTH or USER_ERR told of each try; a client offers every key and ticket it has.
  const isRoutine = isLogin || /^(?:pubkey|gssapi)/.test(details.operation);
  if (!details.succeeded && !isRoutine) draft.role = 'part';
  draft.reason = details.operation;
  draft.user = accountName(details.account);
  draft.service = SERVICES.find(([ending]) => details.executable.endsWith(ending))?.[1];
  setPeer(draft, details);
  return draft.finish(line);
}

/** `pid=N` among the fields that the kernel writes, which come first. */
function senderPid(text: string): number | undefined {
  const at = text.indexOf(' pid=');
  if (at < 0 || at > 32) return undefined;
  const number = numberBetween(text, at + 5, digitsEnd(text, at + 5));
  return number < 0 ? undefined : number;
}
