import { randomUUID } from 'node:crypto';
import type { Clock, Registry, Versioned } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';
import type { Role } from '../api/route.js';
import type { Passwords } from './passwords.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-accounts';
const LINK_LASTS_MS = 3 * 86_400_000;

/** A document of the registry; its id is the name in lower case. */
export interface Account {
  name: string;
  role: Role;
  /** All tenants when absent. */
  tenant?: string;
  /** Hash; absent: nobody signs in with one. */
  password?: string;
  isDisabled?: true;
  /** Who it is at the sign-in provider, which then decides about role and tenant. Names there change, this does not. */
  identity?: Identity;
  /** Of the one link by which its person sets a password. */
  link?: { hash: string; untilMs: number };
  /** Another one after each change of password, role, tenant or state: sessions of the one before are over. */
  stamp: string;
  createdMs: number;
  changedMs: number;
}

/** `iss` and `sub` of OpenID Connect. */
export interface Identity {
  issuer: string;
  subject: string;
}

export type Rights = Pick<Account, 'role' | 'tenant'>;
export type AccountChange = Rights & { password?: string };

/** What becomes of rights and state; `null`: all tenants. */
export interface RightsChange {
  role?: Role | undefined;
  tenant?: string | null | undefined;
  isDisabled?: boolean | undefined;
}

/** People who may sign in, in the registry. Whatever takes rights away ends the sessions of before. */
export class Accounts {
  constructor(
    private readonly registry: Registry,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
  ) {}

  async get(name: string): Promise<Account | undefined> {
    return (await this.#read(name))?.value;
  }

  /** Throws NOT_FOUND. */
  async mustGet(name: string): Promise<Account> {
    return (await this.#mustRead(name)).value;
  }

  async list(): Promise<Account[]> {
    return (await this.registry.list<Account>(COLLECTION)).map(({ value }) => value);
  }

  async hasFleetAdministrator(): Promise<boolean> {
    return (await this.list()).some(isInCharge);
  }

  /** The account when the password is right; takes as long when there is none. Throws SIGN_IN_BUSY. */
  async verify(name: string, password: string): Promise<Account | undefined> {
    const account = await this.get(name);
    return (await this.passwords.verify(password, account?.password)) ? account : undefined;
  }

  /** Creates or changes. A new one needs a password; throws INPUT_INVALID and as {@link change}. */
  async put(name: string, { password, ...rights }: AccountChange, by?: string): Promise<Account> {
    const hash = password === undefined ? {} : { password: await this.passwords.hash(password) };
    const old = await this.get(name);
    if (old) {
      mustBeLocal(old);
      const changed = (old: Account): Account => ({ ...withRights(old, { tenant: null, ...rights }), ...hash });
      return (await this.#change(name, changed, by)).after;
    }
    if (password === undefined)
      throw consoleError('INPUT_INVALID', { field: 'password', reason: 'a new account needs one' });
    return this.#create({ name, ...rights, ...hash });
  }

  /** An account without a password: its person sets one by {@link newLink}. Throws ACCOUNT_EXISTS. */
  async invite(name: string, rights: Rights): Promise<Account> {
    if (await this.#read(name)) throw consoleError('ACCOUNT_EXISTS', { what: 'account', name });
    return this.#create({ name, ...rights });
  }

  /**
   * Changes role, tenant or state. Throws NOT_FOUND, CHANGED_MEANWHILE, LAST_ADMINISTRATOR, OWN_RIGHTS, ACCOUNT_OF_PROVIDER.
   *
   * @param by who does it: nobody changes their own
   */
  change(name: string, change: RightsChange, by?: string): Promise<{ before: Account; after: Account }> {
    const changed = (old: Account): Account => {
      if (change.role !== undefined || change.tenant !== undefined) mustBeLocal(old);
      return withRights(old, change);
    };
    return this.#change(name, changed, by);
  }

  /**
   * Of whom the provider vouches for: made when there is none, and given the rights that the provider's word means today.
   * Throws OIDC_NAME_TAKEN: a local account, or somebody else there, is never taken over by its name.
   */
  async vouched(
    name: string,
    identity: Identity,
    rights: Rights,
  ): Promise<{ before: Account | undefined; after: Account }> {
    const before = (await this.list()).find((each) => isSameIdentity(each.identity, identity));
    if (!before) {
      if (await this.#read(name)) throw consoleError('OIDC_NAME_TAKEN', { name });
      return { before, after: await this.#create({ name, ...rights, identity }) };
    }
    if (before.role === rights.role && before.tenant === rights.tenant) return { before, after: before };
    return this.#change(before.name, (old) => withRights(old, { tenant: null, ...rights }));
  }

  async changePassword(name: string, password: string): Promise<void> {
    const hash = await this.passwords.hash(password);
    await this.#change(name, ({ link: _, ...old }) => ({ ...old, password: hash }));
  }

  /** Ends every session of it. */
  async endSessions(name: string): Promise<void> {
    await this.#change(name, (old) => old);
  }

  /** A link by which its person sets a password, once; the one before it is void. Sessions and old password stay till then. */
  async newLink(name: string): Promise<{ token: string; untilMs: number }> {
    const { value, version } = await this.#mustRead(name);
    mustBeLocal(value);
    const secret = newSecret();
    const untilMs = this.clock() + LINK_LASTS_MS;
    await this.#write({ ...value, link: { hash: hashOf(secret), untilMs } }, version);
    return { token: `${Buffer.from(accountIdOf(name)).toString('base64url')}.${secret}`, untilMs };
  }

  /** Sets the password by a link; of two at once one succeeds. Throws LINK_REFUSED. */
  async useLink(token: string, password: string): Promise<Account> {
    const [id = '', secret = ''] = token.split('.');
    const name = Buffer.from(id, 'base64url').toString();
    const isOf = ({ link, isDisabled }: Account) =>
      link?.hash === hashOf(secret) && link.untilMs > this.clock() && !isDisabled;
    const found = await this.get(name);
    if (!found || !isOf(found)) throw consoleError('LINK_REFUSED');
    const hash = await this.passwords.hash(password);
    const { after } = await this.#change(name, (old) => {
      if (!isOf(old)) throw consoleError('LINK_REFUSED');
      const { link: _, ...rest } = old;
      return { ...rest, password: hash };
    });
    return after;
  }

  async delete(name: string, by?: string): Promise<Account> {
    const { value, version } = await this.#mustRead(name);
    if (isInCharge(value)) await this.#mustNotBeLast(value);
    mustBeAnothers(value, by);
    await this.registry.delete(COLLECTION, accountIdOf(name), version).catch(asChangedMeanwhile);
    return value;
  }

  /** All of a tenant. Answers how many there were. */
  async deleteOf(tenant: string): Promise<number> {
    const all = (await this.list()).filter((account) => account.tenant === tenant);
    for (const { name } of all) await this.delete(name);
    return all.length;
  }

  async #create(account: Omit<Account, 'stamp' | 'createdMs' | 'changedMs'>): Promise<Account> {
    const nowMs = this.clock();
    const created: Account = { ...account, stamp: randomUUID(), createdMs: nowMs, changedMs: nowMs };
    await this.#write(created, 0);
    return created;
  }

  async #change(name: string, changed: (old: Account) => Account, by?: string) {
    const { value: before, version } = await this.#mustRead(name);
    const after: Account = { ...changed(before), stamp: randomUUID(), changedMs: this.clock() };
    if (isInCharge(before) && !isInCharge(after)) await this.#mustNotBeLast(before);
    if (hasOtherRights(before, after)) mustBeAnothers(before, by);
    await this.#write(after, version);
    return { before, after };
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
    await this.registry.put(COLLECTION, accountIdOf(account.name), account, ifVersion).catch(asChangedMeanwhile);
  }

  /**
   * Somebody else stays in charge: their document is written again as it is, at the version that was read. Whoever takes
   * their rights away at the same time has read an older version, or finds the other one changed: of any number at once, at
   * least one administrator stays, on however many replicas. The account itself must have been read before.
   */
  async #mustNotBeLast({ name }: Account): Promise<void> {
    const all = await this.registry.list<Account>(COLLECTION);
    const witness = all.find(({ value }) => value.name !== name && isInCharge(value));
    if (!witness) throw consoleError('LAST_ADMINISTRATOR', { name });
    await this.#write(witness.value, witness.version);
  }
}

/** Answers for all tenants, and needs nobody else to sign in. */
function isInCharge({ role, tenant, password, isDisabled }: Account): boolean {
  return role === 'administrator' && tenant === undefined && password !== undefined && !isDisabled;
}

function withRights(old: Account, { role, tenant, isDisabled }: RightsChange): Account {
  const { tenant: oldTenant, isDisabled: wasDisabled, link, ...rest } = old;
  const newTenant = tenant === undefined ? oldTenant : (tenant ?? undefined);
  const isOff = isDisabled ?? wasDisabled ?? false;
  return {
    ...rest,
    role: role ?? old.role,
    ...(newTenant === undefined ? {} : { tenant: newTenant }),
    ...(isOff ? { isDisabled: true } : {}),
    // Who is disabled gets no way back in by what was sent before.
    ...(isOff || link === undefined ? {} : { link }),
  };
}

function hasOtherRights(before: Account, after: Account): boolean {
  return before.role !== after.role || before.tenant !== after.tenant || before.isDisabled !== after.isDisabled;
}

function mustBeLocal({ name, identity }: Account): void {
  if (identity) throw consoleError('ACCOUNT_OF_PROVIDER', { name });
}

function isSameIdentity(a: Identity | undefined, b: Identity): boolean {
  return a?.issuer === b.issuer && a.subject === b.subject;
}

function mustBeAnothers({ name }: Account, by: string | undefined): void {
  if (by !== undefined && accountIdOf(by) === accountIdOf(name)) throw consoleError('OWN_RIGHTS');
}

function asChangedMeanwhile(error: unknown): never {
  throw isRegistryConflict(error) ? consoleError('CHANGED_MEANWHILE') : error;
}

/** The one text for a name, however it is typed. */
export function accountIdOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
