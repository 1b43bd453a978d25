import { randomUUID } from 'node:crypto';
import type { Clock, Registry, Versioned } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';
import type { Role } from '../api/route.js';
import type { Passwords } from './passwords.js';

const COLLECTION = 'console-accounts';

/** A document of the registry; its id is the name in lower case. */
export interface Account {
  name: string;
  role: Role;
  /** All tenants when absent. */
  tenant?: string;
  password: string;
  /** Another one after each change of password, role or tenant: sessions of the one before are over. */
  stamp: string;
  createdMs: number;
  changedMs: number;
}

export type AccountChange = Pick<Account, 'role'> & { tenant?: string; password?: string };

/** People who may sign in, in the registry. */
export class Accounts {
  constructor(
    private readonly registry: Registry,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
  ) {}

  async get(name: string): Promise<Account | undefined> {
    return (await this.#read(name))?.value;
  }

  async list(): Promise<Account[]> {
    return (await this.registry.list<Account>(COLLECTION)).map(({ value }) => value);
  }

  async hasFleetAdministrator(): Promise<boolean> {
    return (await this.list()).some(isFleetAdministrator);
  }

  /** The account when the password is right; takes as long when there is none. Throws SIGN_IN_BUSY. */
  async verify(name: string, password: string): Promise<Account | undefined> {
    const account = await this.get(name);
    return (await this.passwords.verify(password, account?.password)) ? account : undefined;
  }

  /** Creates or changes. A new one needs a password; throws INPUT_INVALID, LAST_ADMINISTRATOR. */
  async put(name: string, change: AccountChange): Promise<Account> {
    const old = await this.#read(name);
    if (old && isFleetAdministrator(old.value) && !isFleetAdministrator(change)) await this.#mustNotBeLast(old.value);
    if (!old && change.password === undefined)
      throw consoleError('INPUT_INVALID', { field: 'password', reason: 'a new account needs one' });
    const { role, tenant } = change;
    const nowMs = this.clock();
    const account: Account = {
      name: old?.value.name ?? name,
      role,
      ...(tenant === undefined ? {} : { tenant }),
      password:
        change.password === undefined
          ? (old as Versioned<Account>).value.password
          : await this.passwords.hash(change.password),
      stamp: randomUUID(),
      createdMs: old?.value.createdMs ?? nowMs,
      changedMs: nowMs,
    };
    await this.#write(account, old?.version ?? 0);
    return account;
  }

  async changePassword(name: string, password: string): Promise<void> {
    const old = await this.#mustRead(name);
    const hash = await this.passwords.hash(password);
    await this.#write({ ...old.value, password: hash, stamp: randomUUID(), changedMs: this.clock() }, old.version);
  }

  async delete(name: string): Promise<void> {
    const old = await this.#mustRead(name);
    if (isFleetAdministrator(old.value)) await this.#mustNotBeLast(old.value);
    await this.registry.delete(COLLECTION, accountIdOf(name), old.version);
  }

  #read(name: string): Promise<Versioned<Account> | undefined> {
    return this.registry.get<Account>(COLLECTION, accountIdOf(name));
  }

  async #mustRead(name: string): Promise<Versioned<Account>> {
    const found = await this.#read(name);
    if (!found) throw consoleError('NOT_FOUND', { what: 'account' });
    return found;
  }

  async #write(account: Account, ifVersion: number): Promise<void> {
    await this.registry.put(COLLECTION, accountIdOf(account.name), account, ifVersion).catch((error: unknown) => {
      throw isRegistryConflict(error) ? consoleError('CHANGED_MEANWHILE') : error;
    });
  }

  async #mustNotBeLast({ name }: Account): Promise<void> {
    const others = (await this.list()).filter((account) => account.name !== name && isFleetAdministrator(account));
    if (others.length === 0) throw consoleError('LAST_ADMINISTRATOR', { name });
  }
}

function isFleetAdministrator({ role, tenant }: { role: Role; tenant?: string }): boolean {
  return role === 'administrator' && tenant === undefined;
}

/** The one text for a name, however it is typed. */
export function accountIdOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
