import type { Clock, Registry, Versioned } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import type { Account, Accounts } from './accounts.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-sessions';
const LASTS_MS = 12 * 3_600_000;
/** Of the hash: enough to tell a person's sessions apart. */
const SHOWN_DIGITS = 16;

/** A document of the registry; its id is the hash of the cookie. */
interface Session {
  account: string;
  /** Of the account at sign-in; another one there means that the session is over. */
  stamp: string;
  /** Address of the client, where it is known. */
  from?: string;
  createdMs: number;
  untilMs: number;
}

/** A session as people may see it: by this id nobody can use it. */
export interface OpenSession {
  id: string;
  from?: string;
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
  async begin({ name, stamp }: Account, from?: string): Promise<{ cookie: string; lastsMs: number; untilMs: number }> {
    const cookie = newSecret();
    const createdMs = this.clock();
    const untilMs = createdMs + LASTS_MS;
    const known = from === undefined ? {} : { from };
    const session: Session = { account: name, stamp, ...known, createdMs, untilMs };
    await this.registry.put(COLLECTION, hashOf(cookie), session, 0);
    return { cookie, lastsMs: LASTS_MS, untilMs };
  }

  async callerOf(cookie: string): Promise<Caller | undefined> {
    const session = (await this.registry.get<Session>(COLLECTION, hashOf(cookie)))?.value;
    if (!session || session.untilMs <= this.clock()) return undefined;
    const account = await this.accounts.get(session.account);
    if (account?.stamp !== session.stamp) return undefined;
    const { name, role, tenant, identity } = account;
    return {
      name,
      role,
      ...(tenant === undefined ? {} : { tenant }),
      ...(identity ? { isOfProvider: true } : {}),
      untilMs: session.untilMs,
    };
  }

  /** Those of these accounts, by name; the newest first. */
  async openOf(accounts: readonly Account[]): Promise<Map<string, OpenSession[]>> {
    const open = new Map(accounts.map(({ name }): [string, OpenSession[]] => [name, []]));
    const stamps = new Map(accounts.map(({ name, stamp }) => [name, stamp]));
    const all = await this.registry.list<Session>(COLLECTION);
    for (const { id, value } of all.filter(({ value }) => this.#isOpen(value, stamps.get(value.account)))) {
      const { account, stamp: _, ...shown } = value;
      open.get(account)?.push({ id: id.slice(0, SHOWN_DIGITS), ...shown });
    }
    for (const sessions of open.values()) sessions.sort((a, b) => b.createdMs - a.createdMs);
    return open;
  }

  /** Of one account; the newest first. */
  async of(account: Account): Promise<OpenSession[]> {
    return (await this.openOf([account])).get(account.name) ?? [];
  }

  /** The id under which {@link openOf} shows the session of a cookie. */
  idOf(cookie: string): string {
    return hashOf(cookie).slice(0, SHOWN_DIGITS);
  }

  /** Idempotent. */
  async end(cookie: string): Promise<void> {
    await this.registry.delete(COLLECTION, hashOf(cookie));
  }

  /** Of one's own, as {@link openOf} shows it. Throws NOT_FOUND. */
  async endShown(account: string, shownId: string): Promise<void> {
    const all: Versioned<Session>[] = await this.registry.list<Session>(COLLECTION);
    const found = all.find(({ id, value }) => value.account === account && id.slice(0, SHOWN_DIGITS) === shownId);
    if (!found) throw consoleError('NOT_FOUND', { what: 'session' });
    await this.registry.delete(COLLECTION, found.id);
  }

  /** Forgets those that are over. */
  async sweep(): Promise<void> {
    const nowMs = this.clock();
    const all = await this.registry.list<Session>(COLLECTION);
    for (const { id, value } of all) if (value.untilMs <= nowMs) await this.registry.delete(COLLECTION, id);
  }

  #isOpen({ stamp, untilMs }: Session, accountStamp: string | undefined): boolean {
    return stamp === accountStamp && untilMs > this.clock();
  }
}
