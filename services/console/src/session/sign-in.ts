import type { Clock, FleetEvent } from '@fleetwall/core';
import { consoleError } from '../api/errors.js';
import type { Tenants } from '../tenancy/tenants.js';
import type { Account, Accounts } from './accounts.js';
import { logonEvent } from './logon-event.js';
import type { Throttle } from './throttle.js';

export interface SignInOptions {
  accounts: Accounts;
  tenants: Tenants;
  throttle: Throttle;
  clock: Clock;
  host: string;
  report: (event: FleetEvent) => Promise<void>;
  onError: (error: unknown) => void;
}

/** throttle -> verify -> tell. */
export class SignIn {
  constructor(private readonly options: SignInOptions) {}

  /**
   * Throws SIGN_IN_THROTTLED, SIGN_IN_BUSY, SIGN_IN_REFUSED; ACCOUNT_DISABLED, TENANT_SUSPENDED, when the password is right.
   *
   * @param address of the client, for throttling
   * @param evidence the address as rules may count it
   */
  async attempt(
    { name, password }: { name: string; password: string },
    address: string | undefined,
    evidence: string | undefined,
  ): Promise<Account> {
    const { accounts, throttle } = this.options;
    const from = address ?? 'unknown';
    throttle.admit(from, name);
    const account = await accounts.verify(name, password).catch((error: unknown) => {
      throttle.forgive(from, name);
      throw error;
    });
    const known = account ?? (await accounts.get(name));
    this.#tell(account && !account.isDisabled ? 'success' : 'failure', evidence, known?.name);
    if (!account) throw consoleError('SIGN_IN_REFUSED');
    throttle.forgive(from, name);
    await this.mustBeOpen(account);
    return account;
  }

  /** Somebody whom the provider vouches for comes in. Throws ACCOUNT_DISABLED, TENANT_SUSPENDED. */
  async vouched(account: Account, evidence: string | undefined): Promise<void> {
    await this.mustBeOpen(account);
    this.#tell('success', evidence, account.name);
  }

  /** Throws ACCOUNT_DISABLED, TENANT_SUSPENDED. */
  async mustBeOpen({ name, tenant, isDisabled }: Account): Promise<void> {
    if (isDisabled) throw consoleError('ACCOUNT_DISABLED', { name });
    if (tenant !== undefined && !(await this.options.tenants.isOpen(tenant)))
      throw consoleError('TENANT_SUSPENDED', { tenant });
  }

  /** The answer does not wait for it: how long it takes would tell whether there is such an account. */
  #tell(outcome: 'success' | 'failure', address: string | undefined, account: string | undefined): void {
    const { clock, host, report, onError } = this.options;
    report(logonEvent({ outcome, nowMs: clock(), host, address, account })).catch(onError);
  }
}
