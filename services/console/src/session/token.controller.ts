import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import type { Role, Route, Scope } from '../api/route.js';
import { ROUTES } from '../api/routes.js';
import { Accounts } from './accounts.js';
import { Tokens } from './tokens.js';
import { tokenView } from './views.js';

/** What programs sign in with: of the installation, and of people for their own programs. */
@Controller()
export class TokenController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Tokens) private readonly tokens: Tokens,
  ) {}

  @Endpoint('listTokens')
  async listTokens() {
    return { tokens: (await this.tokens.list()).map(tokenView) };
  }

  @Endpoint('createToken')
  async createToken(@Asks() { body, caller, act }: AskOf<'createToken'>) {
    act.about = body.name;
    const { secret, token } = await this.tokens.create(body, caller.name);
    act.after = tokenView(token);
    return { ...tokenView(token), secret };
  }

  @Endpoint('deleteToken')
  async deleteToken(@Asks() { params, query, act }: AskOf<'deleteToken'>): Promise<void> {
    act.about = params.name;
    act.before = tokenView(await this.tokens.delete(params.name, query.owner));
  }

  @Endpoint('listMyTokens')
  async listMyTokens(@Asks() { caller }: AskOf<'listMyTokens'>) {
    return { tokens: (await this.tokens.listOf(caller.name)).map(tokenView) };
  }

  @Endpoint('createMyToken')
  async createMyToken(@Asks() { body, caller, act }: AskOf<'createMyToken'>) {
    act.about = body.name;
    const owner = await this.accounts.get(caller.name);
    if (!owner) throw consoleError('SIGNED_OUT');
    const useless = body.scopes.find((scope) => !mayUse(owner.role, owner.tenant, scope));
    if (useless !== undefined) throw consoleError('SCOPE_BEYOND_ROLE', { scope: useless, role: owner.role });
    const { secret, token } = await this.tokens.create(body, caller.name, owner);
    act.after = tokenView(token);
    return { ...tokenView(token), secret };
  }

  @Endpoint('deleteMyToken')
  async deleteMyToken(@Asks() { params, caller, act }: AskOf<'deleteMyToken'>): Promise<void> {
    act.about = params.name;
    act.before = tokenView(await this.tokens.delete(params.name, caller.name));
  }
}

/** Whether there is anything that somebody of this role may do with the scope. */
function mayUse(role: Role, tenant: string | undefined, scope: Scope): boolean {
  return Object.values<Route>(ROUTES).some(
    (route) => route.scope === scope && route.roles.includes(role) && (tenant === undefined || !route.isFleetWide),
  );
}
