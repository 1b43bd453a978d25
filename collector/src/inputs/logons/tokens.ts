import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface ApplicationToken {
  /** Name of the application that holds it. */
  application: string;
  /** SHA-256 of the token, 64 hex digits. */
  tokenSha256: string;
}

/** Which application sends a request; tokens are compared by their hashes, in constant time. */
export class Tokens {
  readonly #known: { application: string; hash: Buffer }[];

  constructor(tokens: readonly ApplicationToken[]) {
    this.#known = tokens.map(({ application, tokenSha256 }) => ({
      application,
      hash: Buffer.from(tokenSha256, 'hex'),
    }));
  }

  /** `Authorization: Bearer TOKEN` (RFC 6750 2.1); undefined for nobody's. */
  applicationOf({ headers }: IncomingMessage): string | undefined {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const hash = createHash('sha256').update(token).digest();
    return this.#known.find((candidate) => timingSafeEqual(candidate.hash, hash))?.application;
  }
}
