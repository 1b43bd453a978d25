import type { FleetEvent } from '@fleetwall/core';
import { failedLogon, logon } from '../event-builder.js';
import { digitsEnd, numberBetween, setSource } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * Audit records of sshd's logons: USER_LOGIN, USER_AUTH, USER_ERR. The message is `TYPE FIELDS`, as in the journal; the
 * reader of audit files writes it alike, and so do the forwarders to syslog after their `node=`/`type=`/`msg=` part.
 *
 * `FIELDS msg='op=OP acct="USER" exe="/usr/sbin/sshd" hostname=H addr=ADDR terminal=T res=failed'`. The kernel writes a
 * name with a space, a quote or a control character as hexadecimal digits, so a quoted name ends at its quote.
 *
 * Source: audit-userspace lib/audit_logging.c (audit_log_acct_message), linux audit_log_untrustedstring.
 */
export const auditd: Source = {
  name: 'auditd',
  programs: ['auditd', 'audit', 'audispd', 'audisp-syslog'],
  parse: parseAudit,
};

const RECORD = /^(?:USER_LOGIN|USER_AUTH|USER_ERR) /;
const DETAILS =
  /^msg='op=([^ ]+) (?:[a-z_-]+=[^ ]+ ){0,4}?(?:acct=("[^"]*"|[^ ]+)|id=(\d+)) exe="([^"]*)" hostname=([^ ]+) addr=([^ ]+) terminal=([^ ]+) res=(\w+)'/;
const FORWARDED = /^(?:node=[^ ]+ )?type=([A-Z_]+) msg=audit\(\d+\.\d+:\d+\): /;

function parseAudit(line: LogLine): FleetEvent | Unparsed {
  const forwarded = FORWARDED.exec(line.message);
  const text = forwarded === null ? line.message : `${forwarded[1]} ${line.message.slice(forwarded[0].length)}`;
  if (!RECORD.test(text)) return notRelevant(line);
  const match = DETAILS.exec(text.slice(Math.max(0, text.indexOf("msg='op="))));
  if (match === null) return unknownMessage(line);
  const [, operation = '', account, , executable = '', , address = '?', , result] = match;
  if (!/\/sshd(?:-session|-auth)?$/.test(executable)) return notRelevant(line);
  const isLogin = text.startsWith('USER_LOGIN ');
  const failed = result !== 'success';
  const draft = failed
    ? failedLogon('auditd', isLogin ? 'audit-logon-failed' : 'audit-auth-failed')
    : logon('auditd', isLogin ? 'audit-logon' : 'audit-authenticated');
  // USER_LOGIN repeats at the end what USER_AUTH or USER_ERR told of each try.
  if (failed && !isLogin) draft.role = 'part';
  draft.reason = operation;
  draft.user = accountName(account);
  if (address !== '?') setSource(draft, address);
  const event = draft.finish(line);
  const pid = senderPid(text);
  if (pid !== undefined) event['process.pid'] = pid;
  event['process.name'] = executable.slice(executable.lastIndexOf('/') + 1);
  return event;
}

/** A name in quotes, or in hexadecimal digits; `?` and names in brackets (`(unknown user)`) stand for none. */
function accountName(text: string | undefined): string | undefined {
  if (text === undefined || text === '?' || text === '"?"') return undefined;
  let name = text.slice(1, -1);
  if (!text.startsWith('"')) {
    if (!/^(?:[0-9A-F]{2})+$/.test(text)) return undefined;
    name = Buffer.from(text, 'hex').toString('utf8');
  }
  return /^\((?:unknown|invalid)( user)?\)$/.test(name) ? undefined : name;
}

/** `pid=N` among the fields that the kernel writes, which come first. */
function senderPid(text: string): number | undefined {
  const at = text.indexOf(' pid=');
  if (at < 0 || at > 32) return undefined;
  const number = numberBetween(text, at + 5, digitsEnd(text, at + 5));
  return number < 0 ? undefined : number;
}
