import type { FleetEvent } from '@fleetwall/core';
import type { AccountState, EventDraft } from '../event-builder.js';

/** What a code of failure tells of the account and of the try. */
export interface FailureReason {
  text: string;
  /** Whether the account exists, where that follows. */
  userKnown?: boolean;
  /** The password was right, or was never looked at. */
  noGuess?: boolean;
  state?: AccountState;
}

/**
 * Why a logon fails, by its NTSTATUS ([MS-ERREF] 2.3.1; pages of 4625 and 4776) and by the error that it becomes for programs
 * (winerror.h, [MS-ERREF] 2.2): the same table for every log. With a restriction of the account the name and the password were
 * right ([MS-ERREF], STATUS_ACCOUNT_RESTRICTION), or were not looked at.
 */
const LOGON_FAILURES: readonly (readonly [ntStatus: number, win32: number, reason: FailureReason])[] = [
  [0xc000005e, 1311, { text: 'no logon server', noGuess: true }],
  [0xc0000064, 1317, { text: 'no such user', userKnown: false }],
  [0xc000006a, 86, { text: 'wrong password', userKnown: true }],
  [0xc000006d, 1326, { text: 'wrong user name or password' }],
  [0xc000006e, 1327, { text: 'account restriction', userKnown: true, noGuess: true }],
  [0xc000006f, 1328, { text: 'outside the allowed hours', userKnown: true, noGuess: true }],
  [0xc0000070, 1329, { text: 'workstation not allowed', userKnown: true, noGuess: true }],
  [0xc0000071, 1330, { text: 'password expired', userKnown: true, noGuess: true }],
  [0xc0000072, 1331, { text: 'account disabled', userKnown: true, state: 'disabled' }],
  [0xc00000dc, 1352, { text: 'server in the wrong state', noGuess: true }],
  [0xc0000133, 1398, { text: 'clocks differ', noGuess: true }],
  [0xc000015b, 1385, { text: 'logon type not granted', userKnown: true, noGuess: true }],
  [0xc000018c, 1788, { text: 'no trust between the domains', noGuess: true }],
  [0xc000018d, 1789, { text: 'no trust with the workstation', noGuess: true }],
  [0xc0000192, 1792, { text: 'Netlogon is not running', noGuess: true }],
  [0xc0000193, 1793, { text: 'account expired', userKnown: true, state: 'expired' }],
  [0xc0000224, 1907, { text: 'password must be changed', userKnown: true, noGuess: true }],
  [0xc0000234, 1909, { text: 'account locked out', userKnown: true, state: 'locked' }],
  [0xc0000413, 1935, { text: 'machine not allowed by the authentication firewall', userKnown: true, noGuess: true }],
];

/** SEC_E_LOGON_DENIED: what NTLM, Kerberos and Negotiate answer. */
const LOGON_DENIED = 0x8009030c;

const BY_NT_STATUS: ReadonlyMap<number, FailureReason> = new Map(
  LOGON_FAILURES.map(([ntStatus, , reason]) => [ntStatus, reason]),
);

const BY_WIN32: ReadonlyMap<number, FailureReason> = new Map([
  ...LOGON_FAILURES.map(([, win32, reason]) => [win32, reason] as const),
  [LOGON_DENIED, { text: 'wrong user name or password' }],
]);

/** Result codes of 4768 and 4771 (RFC 4120 7.5.9, [MS-KILE]). Code 0x12 does not tell the three states apart. */
const KERBEROS_STATUS: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['0x1', { text: 'account expired', userKnown: true, state: 'expired' }],
  ['0x6', { text: 'no such user', userKnown: false }],
  ['0xc', { text: 'workstation or hours not allowed', userKnown: true, noGuess: true }],
  ['0xe', { text: 'encryption type not supported', noGuess: true }],
  ['0x12', { text: 'account disabled, expired or locked out', userKnown: true, state: 'disabled' }],
  ['0x17', { text: 'password expired', userKnown: true, noGuess: true }],
  ['0x18', { text: 'wrong password', userKnown: true }],
  ['0x25', { text: 'clocks differ', noGuess: true }],
]);

/** A code in lower-case hex without leading zeros: `0xC000006A` and `-1073741718` are `0xc000006a`. */
export function statusCode(text: string | undefined): string {
  if (text === undefined) return '';
  const code = text.trim();
  const number = /^(0[xX][\da-fA-F]{1,16}|-?\d{1,10})$/.test(code) ? Number(code) : Number.NaN;
  return Number.isNaN(number) ? '' : `0x${(number < 0 ? number >>> 0 : number).toString(16)}`;
}

/** By a code of the Security log, an NTSTATUS or a result of Kerberos as {@link statusCode} gives it. */
export function reasonOf(code: string): FailureReason | undefined {
  return BY_NT_STATUS.get(Number(code)) ?? KERBEROS_STATUS.get(code);
}

const HRESULT_OF_WIN32 = 0x8007;

/** By what programs print of a logon: an error of Windows, the same as an HRESULT, or an NTSTATUS. */
export function reasonOfError(code: number): FailureReason | undefined {
  const win32 = code >>> 16 === HRESULT_OF_WIN32 ? code & 0xffff : code;
  return BY_WIN32.get(win32) ?? BY_NT_STATUS.get(code);
}

export function writeReason(event: FleetEvent, reason: FailureReason | undefined): void {
  if (reason === undefined) return;
  event['event.reason'] = reason.text;
  if (reason.userKnown !== undefined) event['fleetwall.user.known'] = reason.userKnown;
  if (reason.state !== undefined) event['fleetwall.account.state'] = reason.state;
}

/** The same, of an event that is still a draft. */
export function drawReason(draft: EventDraft, reason: FailureReason | undefined): void {
  draft.reason = reason?.text;
  draft.userKnown = reason?.userKnown;
  draft.accountState = reason?.state;
}
