import { createHash, randomBytes } from 'node:crypto';

/** 256 bits that nobody guesses, as text. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret: it has nothing to guess, so a plain hash does. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
