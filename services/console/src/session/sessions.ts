import type { Clock, Registry } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import type { Account, Accounts } from './accounts.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-sessions';
const LASTS_MS = 12 * 3_600_000;

/** A document of the registry; its id is the hash of the cookie. */
interface Session {
  account: string;
  /** Of the account at sign-in; another one there means that the session is over. */
  stamp: string;
  createdMs: number;
  untilMs: number;
}

/**
 * Sessions of people, read from the registry at every request: what ends one replica's session ends it on all. The cookie
 * itself is kept nowhere.
 */
export class Sessions {
  constructor(
    private readonly registry: Registry,
    private readonly accounts: Accounts,
    private readonly clock: Clock,
  ) {}

  /** Always a new cookie, whatever the browser brought along. */
  async begin({ name, stamp }: Account): Promise<{ cookie: string; lastsMs: number; untilMs: number }> {
    const cookie = newSecret();
    const createdMs = this.clock();
    const untilMs = createdMs + LASTS_MS;
    const session: Session = { account: name, stamp, createdMs, untilMs };
    await this.registry.put(COLLECTION, hashOf(cookie), session, 0);
    return { cookie, lastsMs: LASTS_MS, untilMs };
  }

  async callerOf(cookie: string): Promise<Caller | undefined> {
    const session = (await this.registry.get<Session>(COLLECTION, hashOf(cookie)))?.value;
    if (!session || session.untilMs <= this.clock()) return undefined;
    const account = await this.accounts.get(session.account);
    if (account?.stamp !== session.stamp) return undefined;
    const { name, role, tenant } = account;
    return { name, role, ...(tenant === undefined ? {} : { tenant }), untilMs: session.untilMs };
  }

  /** Idempotent. */
  async end(cookie: string): Promise<void> {
    await this.registry.delete(COLLECTION, hashOf(cookie));
  }

  /** Forgets those that are over. */
  async sweep(): Promise<void> {
    const nowMs = this.clock();
    const all = await this.registry.list<Session>(COLLECTION);
    for (const { id, value } of all) if (value.untilMs <= nowMs) await this.registry.delete(COLLECTION, id);
  }
}
