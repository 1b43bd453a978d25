import { foldedAccount } from '@fleetwall/core';

/** A mail server has tens of thousands of accounts; the one unheard of for longest goes first. */
const MAX_ACCOUNTS = 50_000;

/** Digests of accounts that exist, in the order in which they were last heard of. Case makes no difference. */
export class KnownAccounts {
  readonly #digests = new Set<string>();
  /** Grows with every account that was not known before, so that whoever keeps them knows when to. */
  revision = 0;

  add(digest: string): void {
    const account = foldedAccount(digest);
    if (!this.#digests.delete(account)) this.revision++;
    this.#digests.add(account);
    if (this.#digests.size > MAX_ACCOUNTS) this.#digests.delete(this.#digests.values().next().value as string);
  }

  has(digest: string): boolean {
    return this.#digests.has(foldedAccount(digest));
  }

  /** The one unheard of for longest first. */
  list(): string[] {
    return [...this.#digests];
  }
}
