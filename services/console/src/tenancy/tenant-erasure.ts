import type { Erasures } from '../erasure/erasures.js';
import type { Accounts } from '../session/accounts.js';
import type { Tokens } from '../session/tokens.js';
import type { Tenants } from './tenants.js';

interface Parts {
  tenants: Tenants;
  accounts: Accounts;
  tokens: Tokens;
  erasures: Erasures;
}

/**
 * Erases a tenant: people with their sessions and tokens, tokens of the installation that are bound to it, what is stored
 * about it ({@link Erasures}), and last the tenant itself. Broken off, it is begun again and finds the rest.
 */
export class TenantErasure {
  constructor(private readonly parts: Parts) {}

  async erase(tenant: string) {
    const { tenants, accounts, tokens, erasures } = this.parts;
    await tenants.beginErasing(tenant);
    const owners = new Set((await accounts.list()).filter((each) => each.tenant === tenant).map(({ name }) => name));
    const tokensGone = await tokens.deleteWhere(
      (token) => token.tenant === tenant || (token.owner !== undefined && owners.has(token.owner)),
    );
    const people = await accounts.deleteOf(tenant);
    const { events, alerts, notes, blocks, remains } = await erasures.erase({ kind: 'tenant', value: tenant });
    await tenants.forget(tenant);
    return { erased: { accounts: people, tokens: tokensGone, events, alerts, notes, blocks }, remains };
  }
}
