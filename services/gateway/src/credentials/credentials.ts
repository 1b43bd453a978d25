import { timingSafeEqual } from 'node:crypto';
import { type AgentIdentity, type CredentialRow, hashOfToken, isToken } from '@fleetwall/protocol';

/** A credential that a token belongs to. */
export interface Credential {
  identity: AgentIdentity;
  tokenSha256: string;
}

/** Who may connect. */
export interface Credentials {
  /** What a token belongs to. Costs one hash at most, whatever the text. */
  find(token: string): Credential | undefined;
  /** Whether the credential is still there, and still makes its holder who it made it. */
  holds(credential: Credential): boolean;
  /** Called after each change. */
  onChange(listener: () => void): void;
}

/** One set of credentials: never changed, only replaced. */
export class CredentialSet {
  readonly #byHash: ReadonlyMap<string, Credential>;

  constructor(rows: readonly CredentialRow[]) {
    this.#byHash = new Map(
      rows.map(({ agent, host, tenant, tokenSha256 }) => [
        tokenSha256,
        { identity: { agentId: agent, host, tenant }, tokenSha256 },
      ]),
    );
  }

  get size(): number {
    return this.#byHash.size;
  }

  find(token: string): Credential | undefined {
    if (!isToken(token)) return undefined;
    const hash = hashOfToken(token);
    const credential = this.#byHash.get(hash);
    // The map compares prefixes of hashes in ways that take more or less time; who cannot choose the hash learns nothing.
    const stored = Buffer.from(credential?.tokenSha256 ?? '0'.repeat(64), 'hex');
    return timingSafeEqual(stored, Buffer.from(hash, 'hex')) ? credential : undefined;
  }

  holds({ identity, tokenSha256 }: Credential): boolean {
    const now = this.#byHash.get(tokenSha256)?.identity;
    return now?.agentId === identity.agentId && now.host === identity.host && now.tenant === identity.tenant;
  }
}
