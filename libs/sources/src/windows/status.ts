import type { FleetEvent } from '@fleetwall/core';

/** What a code of failure tells of the account and of the try. */
export interface FailureReason {
  text: string;
  /** Whether the account exists, where that follows. */
  userKnown?: boolean;
  /** The password was right, or was never looked at. */
  noGuess?: boolean;
  state?: 'disabled' | 'expired' | 'locked' | 'removed';
}

/** NTSTATUS of 4625 and 4776, by the pages of those events and [MS-ERREF] 2.3.1. */
const NT_STATUS: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ['0xc000005e', { text: 'no logon server', noGuess: true }],
  ['0xc0000064', { text: 'no such user', userKnown: false }],
  ['0xc000006a', { text: 'wrong password', userKnown: true }],
  ['0xc000006d', { text: 'wrong user name or password' }],
  ['0xc000006e', { text: 'account restriction', userKnown: true }],
  ['0xc000006f', { text: 'outside the allowed hours', userKnown: true }],
  ['0xc0000070', { text: 'workstation not allowed', userKnown: true }],
  ['0xc0000071', { text: 'password expired', userKnown: true, noGuess: true }],
  ['0xc0000072', { text: 'account disabled', userKnown: true, state: 'disabled' }],
  ['0xc00000dc', { text: 'server in the wrong state', noGuess: true }],
  ['0xc0000133', { text: 'clocks differ', noGuess: true }],
  ['0xc000015b', { text: 'logon type not granted', userKnown: true, noGuess: true }],
  ['0xc000018c', { text: 'no trust between the domains', noGuess: true }],
  ['0xc000018d', { text: 'no trust with the workstation', noGuess: true }],
  ['0xc0000192', { text: 'Netlogon is not running', noGuess: true }],
  ['0xc0000193', { text: 'account expired', userKnown: true, state: 'expired' }],
  ['0xc0000224', { text: 'password must be changed', userKnown: true, noGuess: true }],
  ['0xc0000234', { text: 'account locked out', userKnown: true, state: 'locked' }],
  ['0xc0000413', { text: 'machine not allowed by the authentication firewall', userKnown: true, noGuess: true }],
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

export function reasonOf(code: string): FailureReason | undefined {
  return NT_STATUS.get(code) ?? KERBEROS_STATUS.get(code);
}

export function writeReason(event: FleetEvent, reason: FailureReason | undefined): void {
  if (reason === undefined) return;
  event['event.reason'] = reason.text;
  if (reason.userKnown !== undefined) event['fleetwall.user.known'] = reason.userKnown;
  if (reason.state !== undefined) event['fleetwall.account.state'] = reason.state;
}
