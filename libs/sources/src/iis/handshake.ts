/** Steps of NTLM and Kerberos that are refused as such: SEC_I_CONTINUE_NEEDED, SEC_E_INVALID_TOKEN, SEC_E_NO_CREDENTIALS. */
const HANDSHAKE = new Set([0x00090312, 0x80090308, 0x8009030e]);

/** Whether the answer is a step on the way to a logon, and none of its results. */
export function isHandshake(code: number): boolean {
  return HANDSHAKE.has(code);
}
