import { createHmac } from 'node:crypto';

/** The header of a signed webhook: `t=1764511200,v1=<64 hex digits>`. */
export const SIGNATURE_HEADER = 'x-fleetwall-signature';

/**
 * HMAC-SHA256 of `<seconds since 1970>.<body>`: who has the key knows that the body is Fleetwall's, and how old it is. How to
 * verify it: docs/notifications.md.
 */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
