import { createHash, type KeyObject } from 'node:crypto';

/**
 * The pin of a public key: SHA-256 of its SubjectPublicKeyInfo in DER, base64 (RFC 7469 section 2.4). It survives the
 * renewal of a certificate with the same key.
 */
export function pinOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
