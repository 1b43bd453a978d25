import type { Clock, Registry } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import type { Scope } from '../api/route.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-tokens';
const DAY_MS = 86_400_000;

/** A document of the registry; its id is the hash of the secret. */
export interface Token {
  name: string;
  scopes: Scope[];
  tenant?: string;
  createdBy: string;
  createdMs: number;
  untilMs: number;
}

export interface NewToken {
  name: string;
  scopes: Scope[];
  tenant?: string | undefined;
  days: number;
}

/** What programs sign in with. */
export class Tokens {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Token[]> {
    return (await this.registry.list<Token>(COLLECTION)).map(({ value }) => value);
  }

  /** Answers the secret, which nobody can read again. Throws ACCOUNT_EXISTS. */
  async create({ name, scopes, tenant, days }: NewToken, createdBy: string): Promise<{ secret: string; token: Token }> {
    if (await this.#find(name)) throw consoleError('ACCOUNT_EXISTS', { what: 'token', name });
    const secret = `fw_${newSecret()}`;
    const createdMs = this.clock();
    const untilMs = createdMs + days * DAY_MS;
    const token: Token = { name, scopes, ...(tenant === undefined ? {} : { tenant }), createdBy, createdMs, untilMs };
    await this.registry.put(COLLECTION, hashOf(secret), token, 0);
    return { secret, token };
  }

  async delete(name: string): Promise<void> {
    const found = await this.#find(name);
    if (!found) throw consoleError('NOT_FOUND', { what: 'token' });
    await this.registry.delete(COLLECTION, found.id);
  }

  async callerOf(secret: string): Promise<Caller | undefined> {
    const token = (await this.registry.get<Token>(COLLECTION, hashOf(secret)))?.value;
    if (!token || token.untilMs <= this.clock()) return undefined;
    const { name, scopes, tenant, untilMs } = token;
    return { name: `token:${name}`, scopes, ...(tenant === undefined ? {} : { tenant }), untilMs };
  }

  async #find(name: string) {
    return (await this.registry.list<Token>(COLLECTION)).find(({ value }) => value.name === name);
  }
}
