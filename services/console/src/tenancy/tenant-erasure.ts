import type { Accounts } from '../session/accounts.js';
import type { Tokens } from '../session/tokens.js';
import type { Tenants } from './tenants.js';

interface Parts {
  tenants: Tenants;
  accounts: Accounts;
  tokens: Tokens;
}

/**
 * The tenant's own part of its erasure: first people with their sessions and tokens, and tokens of the installation that are
 * bound to it; when what is stored about it is gone, the tenant itself. Broken off, it is begun again and finds the rest.
 */
export class TenantErasure {
  constructor(private readonly parts: Parts) {}

  async begin(tenant: string): Promise<{ accounts: number; tokens: number }> {
    const { tenants, accounts, tokens } = this.parts;
    await tenants.beginErasing(tenant);
    const owners = new Set((await accounts.list()).filter((each) => each.tenant === tenant).map(({ name }) => name));
    const tokensGone = await tokens.deleteWhere(
      (token) => token.tenant === tenant || (token.owner !== undefined && owners.has(token.owner)),
    );
    return { accounts: await accounts.deleteOf(tenant), tokens: tokensGone };
  }

  end(tenant: string): Promise<void> {
    return this.parts.tenants.forget(tenant);
  }
}
