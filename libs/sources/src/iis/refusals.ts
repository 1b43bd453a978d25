import { type FailureReason, reasonOf } from '../windows/status.js';

/** Errors of Windows for a logon (winerror.h); 2148074252 is SEC_E_LOGON_DENIED, what NTLM and Negotiate answer. */
const LOGON_ERRORS: ReadonlyMap<number, FailureReason> = new Map<number, FailureReason>([
  [86, { text: 'wrong password', userKnown: true }],
  [1311, { text: 'no logon server', noGuess: true }],
  [1317, { text: 'no such user', userKnown: false }],
  [1326, { text: 'wrong user name or password' }],
  [1327, { text: 'account restriction', userKnown: true }],
  [1328, { text: 'outside the allowed hours', userKnown: true }],
  [1329, { text: 'workstation not allowed', userKnown: true }],
  [1330, { text: 'password expired', userKnown: true, noGuess: true }],
  [1331, { text: 'account disabled', userKnown: true, state: 'disabled' }],
  [1385, { text: 'logon type not granted', userKnown: true, noGuess: true }],
  [1793, { text: 'account expired', userKnown: true, state: 'expired' }],
  [1907, { text: 'password must be changed', userKnown: true, noGuess: true }],
  [1909, { text: 'account locked out', userKnown: true, state: 'locked' }],
  [0x8009030c, { text: 'wrong user name or password' }],
]);

/** Steps of NTLM and Kerberos that are refused as such: SEC_I_CONTINUE_NEEDED, SEC_E_INVALID_TOKEN, SEC_E_NO_CREDENTIALS. */
const HANDSHAKE = new Set([0x00090312, 0x80090308, 0x8009030e]);

const HRESULT_OF_WIN32 = 0x8007;

/** What `sc-win32-status` says of a logon: an error of Windows, the same as an HRESULT, or an NTSTATUS; undefined for nothing. */
export function logonError(code: number): FailureReason | undefined {
  const win32 = code >>> 16 === HRESULT_OF_WIN32 ? code & 0xffff : code;
  return LOGON_ERRORS.get(win32) ?? (code >= 0xc0000000 ? reasonOf(`0x${code.toString(16)}`) : undefined);
}

/** Whether the answer is a step on the way to a logon, and none of its results. */
export function isHandshake(code: number): boolean {
  return HANDSHAKE.has(code);
}
