import type { EvidenceClass } from '@fleetwall/core';
import { CATEGORY, TYPE } from '../event-builder.js';

/** What an event of Windows' Security log tells about logons. */
export interface LogonRecord {
  action: string;
  category: string[];
  type: string[];
  /** `status`: `0x0` is success. */
  outcome: 'success' | 'failure' | 'status' | undefined;
  /** Whether a failure is a try of its own, and not what another record tells as well. */
  counts: boolean;
  evidence: EvidenceClass;
}

function record(
  action: string,
  category: string[],
  type: string[],
  outcome: LogonRecord['outcome'],
  more: Partial<LogonRecord> = {},
): LogonRecord {
  return { action, category, type, outcome, counts: false, evidence: 'handshake', ...more };
}

/**
 * By event id (https://learn.microsoft.com/windows/security/threat-protection/auditing/).
 *
 * 4771 may come from one UDP packet (RFC 4120 7.2.1), so its address proves nothing. 4776 names no address, and the host
 * that was logged on to has a 4625 about the same.
 */
export const WINDOWS_LOGONS: ReadonlyMap<number, LogonRecord> = new Map([
  [4624, record('windows-logon', CATEGORY.authentication, TYPE.start, 'success')],
  [4625, record('windows-logon', CATEGORY.authentication, TYPE.start, 'failure', { counts: true })],
  [4634, record('windows-logoff', CATEGORY.session, TYPE.end, undefined)],
  [4647, record('windows-logoff', CATEGORY.session, TYPE.end, undefined)],
  [4648, record('windows-explicit-logon', CATEGORY.authentication, TYPE.info, undefined)],
  [4740, record('windows-lockout', CATEGORY.iam, TYPE.info, undefined)],
  [
    4771,
    record('kerberos-preauth', CATEGORY.authentication, TYPE.start, 'failure', { counts: true, evidence: 'spoofable' }),
  ],
  [4776, record('ntlm-validation', CATEGORY.authentication, TYPE.info, 'status')],
]);

interface FailureReason {
  text: string;
  /** Whether the account exists, where that follows. */
  userKnown?: boolean;
  /** The password was right, or was never looked at. */
  noGuess?: boolean;
}

/** NTSTATUS of 4625 and 4776, result codes of 4771 (RFC 4120 7.5.9), by the pages of those events. */
export const REASONS: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['0xc0000064', { text: 'no such user', userKnown: false }],
  ['0xc000006a', { text: 'wrong password', userKnown: true }],
  ['0xc000006d', { text: 'wrong user name or password' }],
  ['0xc000006e', { text: 'account restriction', userKnown: true }],
  ['0xc000006f', { text: 'outside the allowed hours', userKnown: true }],
  ['0xc0000070', { text: 'workstation not allowed', userKnown: true }],
  ['0xc0000071', { text: 'password expired', userKnown: true, noGuess: true }],
  ['0xc0000072', { text: 'account disabled', userKnown: true }],
  ['0xc0000133', { text: 'clocks differ', noGuess: true }],
  ['0xc000015b', { text: 'logon type not granted', userKnown: true, noGuess: true }],
  ['0xc0000193', { text: 'account expired', userKnown: true }],
  ['0xc0000224', { text: 'password must be changed', userKnown: true, noGuess: true }],
  ['0xc0000234', { text: 'account locked out', userKnown: true }],
  ['0x6', { text: 'no such user', userKnown: false }],
  ['0x12', { text: 'account disabled, expired or locked out', userKnown: true }],
  ['0x17', { text: 'password expired', userKnown: true, noGuess: true }],
  ['0x18', { text: 'wrong password', userKnown: true }],
  ['0x25', { text: 'clocks differ', noGuess: true }],
]);

/** Whether a failure with this status may have been a try at a password. */
export function isGuess(status: string): boolean {
  return REASONS.get(status)?.noGuess !== true;
}
