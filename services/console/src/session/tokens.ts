import type { Clock, Registry, Versioned } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import type { Scope } from '../api/route.js';
import { type Account, type Accounts, accountIdOf } from './accounts.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-tokens';
const DAY_MS = 86_400_000;
/** A use is noted as often as this at most: reading must not become writing. */
const NOTED_EVERY_MS = 600_000;

/** A document of the registry; its id is the hash of the secret. */
export interface Token {
  name: string;
  /** Name of the account that it stands for; absent: of the installation. */
  owner?: string;
  /** `createdMs` of that account: another one of the same name later is somebody else. */
  ownerSinceMs?: number;
  scopes: Scope[];
  tenant?: string;
  createdBy: string;
  createdMs: number;
  untilMs: number;
  usedMs?: number;
}

export interface NewToken {
  name: string;
  scopes: Scope[];
  tenant?: string | undefined;
  days: number;
}

/** What programs sign in with. Names are unique for each owner, and among those of the installation. */
export class Tokens {
  constructor(
    private readonly registry: Registry,
    private readonly accounts: Accounts,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Token[]> {
    return (await this.registry.list<Token>(COLLECTION)).map(({ value }) => value);
  }

  async listOf(owner: string): Promise<Token[]> {
    const account = await this.accounts.get(owner);
    return account ? (await this.list()).filter((token) => isOf(token, account)) : [];
  }

  /** Answers the secret, which nobody can read again. Throws ACCOUNT_EXISTS. */
  async create(
    { name, scopes, tenant, days }: NewToken,
    createdBy: string,
    owner?: Account,
  ): Promise<{ secret: string; token: Token }> {
    if (await this.#find(name, owner?.name)) throw consoleError('ACCOUNT_EXISTS', { what: 'token', name });
    const secret = `fw_${newSecret()}`;
    const createdMs = this.clock();
    const token: Token = {
      name,
      ...(owner === undefined ? {} : { owner: owner.name, ownerSinceMs: owner.createdMs }),
      scopes,
      ...(tenant === undefined ? {} : { tenant }),
      createdBy,
      createdMs,
      untilMs: createdMs + days * DAY_MS,
    };
    await this.registry.put(COLLECTION, hashOf(secret), token, 0);
    return { secret, token };
  }

  /** Answers what it was. Throws NOT_FOUND. */
  async delete(name: string, owner?: string): Promise<Token> {
    const found = await this.#find(name, owner);
    if (!found) throw consoleError('NOT_FOUND', { what: 'token' });
    await this.registry.delete(COLLECTION, found.id);
    return found.value;
  }

  /** Those for which it holds. Answers how many. */
  async deleteWhere(holds: (token: Token) => boolean): Promise<number> {
    const all = (await this.registry.list<Token>(COLLECTION)).filter(({ value }) => holds(value));
    for (const { id } of all) await this.registry.delete(COLLECTION, id);
    return all.length;
  }

  /** A person's own token has role and tenant of that person as they are now; none when they are gone or disabled. */
  async callerOf(secret: string): Promise<Caller | undefined> {
    const document = await this.registry.get<Token>(COLLECTION, hashOf(secret));
    if (!document || document.value.untilMs <= this.clock()) return undefined;
    const { name, owner, scopes, tenant, untilMs } = document.value;
    const account = owner === undefined ? undefined : await this.accounts.get(owner);
    if (owner !== undefined && !(account && isOf(document.value, account) && !account.isDisabled)) return undefined;
    await this.#noteUse(document);
    const ofTenant = account ? account.tenant : tenant;
    return {
      name: owner === undefined ? `token:${name}` : `token:${owner}/${name}`,
      ...(account ? { role: account.role } : {}),
      scopes,
      ...(ofTenant === undefined ? {} : { tenant: ofTenant }),
      untilMs,
    };
  }

  async #noteUse({ id, version, value }: Versioned<Token>): Promise<void> {
    const nowMs = this.clock();
    if (nowMs - (value.usedMs ?? 0) < NOTED_EVERY_MS) return;
    await this.registry.put(COLLECTION, id, { ...value, usedMs: nowMs }, version).catch((error: unknown) => {
      // Another request noted it, or it was revoked just now.
      if (!isRegistryConflict(error)) throw error;
    });
  }

  async #find(name: string, owner: string | undefined) {
    const all = await this.registry.list<Token>(COLLECTION);
    return all.find(({ value }) => value.name === name && idOrNone(value.owner) === idOrNone(owner));
  }
}

function isOf({ owner, ownerSinceMs }: Token, account: Account): boolean {
  return idOrNone(owner) === accountIdOf(account.name) && ownerSinceMs === account.createdMs;
}

function idOrNone(name: string | undefined): string | undefined {
  return name === undefined ? undefined : accountIdOf(name);
}
