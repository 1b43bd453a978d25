import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Registry } from '@fleetwall/core';
import { isRegistryConflict } from '@fleetwall/service';
import { consoleError } from '../api/errors.js';
import type { Account, Accounts } from './accounts.js';
import { hashOf, newSecret } from './secrets.js';

const COLLECTION = 'console-setup';

/**
 * The one-time token by which the first administrator is created: in a file that only the owner of the service can read,
 * its hash in the registry, so that any replica takes it. There is none once there is an administrator.
 */
export class SetupLink {
  #token: string | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly accounts: Accounts,
    private readonly path: string,
  ) {}

  /** Makes a token where one is needed, or finds the one of the start before. */
  async start(): Promise<void> {
    if (await this.accounts.hasFleetAdministrator()) return this.#forget();
    const kept = this.#read();
    if (kept !== undefined && (await this.registry.get(COLLECTION, hashOf(kept)))) {
      this.#token = kept;
      return;
    }
    const token = newSecret();
    writeFileSync(this.path, `${token}\n`, { mode: 0o600, flush: true });
    await this.registry.put(COLLECTION, hashOf(token), {});
    this.#token = token;
  }

  /** The path of the page and the token; undefined when there is nothing to set up. */
  page(): string | undefined {
    return this.#token === undefined ? undefined : `/setup#${this.#token}`;
  }

  /** Creates the first administrator; the token is gone. Throws SETUP_REFUSED. */
  async use(token: string, name: string, password: string): Promise<Account> {
    const document = await this.registry.get(COLLECTION, hashOf(token));
    if (!document || (await this.accounts.hasFleetAdministrator())) throw consoleError('SETUP_REFUSED');
    // Of two at once, one finds it gone.
    await this.registry.delete(COLLECTION, document.id, document.version).catch((error: unknown) => {
      throw isRegistryConflict(error) ? consoleError('SETUP_REFUSED') : error;
    });
    const account = await this.accounts.put(name, { role: 'administrator', password });
    for (const { id } of await this.registry.list(COLLECTION)) await this.registry.delete(COLLECTION, id);
    this.#forget();
    return account;
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8').trim() || undefined;
    } catch {
      // Absent, as after every setup, or unreadable: then a new one takes its place.
      return undefined;
    }
  }

  #forget(): void {
    this.#token = undefined;
    rmSync(this.path, { force: true });
  }
}
