import { createHash, randomBytes } from 'node:crypto';

/** What a gateway knows of a credential: who it makes a collector, and a hash of its token. */
export interface CredentialRow {
  agent: string;
  host: string;
  tenant: string;
  /** SHA-256 of the token's text, 64 lower-case hex digits. */
  tokenSha256: string;
}

/** Begins every token, so that people and scanners know one when they see it. */
const TOKEN_PREFIX = 'fw1_';
const TOKEN_PATTERN = /^fw1_[A-Za-z0-9_-]{43}$/;

/**
 * A credential for one collector. The token goes to the collector and is not kept: 256 random bits, so that one hash is
 * enough to keep it secret, and no attempt at guessing costs the gateway more than that hash.
 */
export function newCredential(
  who: { agent: string; host: string; tenant: string },
  random: (bytes: number) => Buffer = randomBytes,
): { token: string; row: CredentialRow } {
  const token = `${TOKEN_PREFIX}${random(32).toString('base64url')}`;
  const { agent, host, tenant } = who;
  return { token, row: { agent, host, tenant, tokenSha256: hashOfToken(token) } };
}

/** Whether a text has the form of a token at all; costs next to nothing. */
export function isToken(text: string): boolean {
  return TOKEN_PATTERN.test(text);
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
