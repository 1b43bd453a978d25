import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { iso } from '../api/iso.js';
import { type Account, Accounts } from './accounts.js';
import { type Token, Tokens } from './tokens.js';

/** People who may sign in, and tokens of programs. */
@Controller()
export class AccountController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Tokens) private readonly tokens: Tokens,
  ) {}

  @Endpoint('listAccounts')
  async listAccounts() {
    return { accounts: (await this.accounts.list()).map(accountView) };
  }

  @Endpoint('putAccount')
  async putAccount(@Asks() { params, body, act }: AskOf<'putAccount'>) {
    const before = await this.accounts.get(params.name);
    const { role, tenant, password } = body;
    const change = {
      role,
      ...(tenant === undefined ? {} : { tenant }),
      ...(password === undefined ? {} : { password }),
    };
    const account = await this.accounts.put(params.name, change);
    Object.assign(act, { about: account.name, before: before && rights(before), after: rights(account) });
    return accountView(account);
  }

  @Endpoint('deleteAccount')
  async deleteAccount(@Asks() { params, act }: AskOf<'deleteAccount'>): Promise<void> {
    act.about = params.name;
    await this.accounts.delete(params.name);
  }

  @Endpoint('listTokens')
  async listTokens() {
    return { tokens: (await this.tokens.list()).map(tokenView) };
  }

  @Endpoint('createToken')
  async createToken(@Asks() { body, caller, act }: AskOf<'createToken'>) {
    const { secret, token } = await this.tokens.create(body, caller.name);
    Object.assign(act, { about: token.name, after: tokenView(token) });
    return { ...tokenView(token), secret };
  }

  @Endpoint('deleteToken')
  async deleteToken(@Asks() { params, act }: AskOf<'deleteToken'>): Promise<void> {
    act.about = params.name;
    await this.tokens.delete(params.name);
  }
}

function rights({ role, tenant }: Account) {
  return { role, ...(tenant === undefined ? {} : { tenant }) };
}

function accountView(account: Account) {
  const { name, createdMs, changedMs } = account;
  return { name, ...rights(account), created: iso(createdMs), changed: iso(changedMs) };
}

function tokenView({ name, scopes, tenant, createdBy, createdMs, untilMs }: Token) {
  const times = { created: iso(createdMs), until: iso(untilMs) };
  return { name, scopes, ...(tenant === undefined ? {} : { tenant }), createdBy, ...times };
}
