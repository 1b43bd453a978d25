import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { iso } from '../api/iso.js';
import { Accounts } from './accounts.js';
import { Sessions } from './sessions.js';
import { Tokens } from './tokens.js';
import { accountView, rightsView, sessionView } from './views.js';

/** People who may sign in. */
@Controller()
export class AccountController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Tokens) private readonly tokens: Tokens,
  ) {}

  @Endpoint('listAccounts')
  async listAccounts() {
    const accounts = await this.accounts.list();
    const open = await this.sessions.openOf(accounts);
    const sessionsOf = (name: string) => open.get(name)?.length ?? 0;
    return { accounts: accounts.map((account) => ({ ...accountView(account), sessions: sessionsOf(account.name) })) };
  }

  @Endpoint('inviteAccount')
  async inviteAccount(@Asks() { body, act }: AskOf<'inviteAccount'>) {
    const { name, role, tenant } = body;
    act.about = name;
    const account = await this.accounts.invite(name, { role, ...(tenant === undefined ? {} : { tenant }) });
    const link = await this.#link(name);
    act.after = rightsView(account);
    return { ...accountView(account), linkUntil: link.until, link };
  }

  @Endpoint('putAccount')
  async putAccount(@Asks() { params, body, caller, act }: AskOf<'putAccount'>) {
    act.about = params.name;
    const before = await this.accounts.get(params.name);
    const { role, tenant, password } = body;
    const change = {
      role,
      ...(tenant === undefined ? {} : { tenant }),
      ...(password === undefined ? {} : { password }),
    };
    const account = await this.accounts.put(params.name, change, caller.name);
    Object.assign(act, { about: account.name, before: before && rightsView(before), after: rightsView(account) });
    return accountView(account);
  }

  @Endpoint('changeAccount')
  async changeAccount(@Asks() { params, body, caller, act }: AskOf<'changeAccount'>) {
    act.about = params.name;
    const { role, tenant, disabled } = body;
    const change = { role, tenant, isDisabled: disabled };
    const { before, after } = await this.accounts.change(params.name, change, caller.name);
    Object.assign(act, { about: after.name, before: rightsView(before), after: rightsView(after) });
    return accountView(after);
  }

  @Endpoint('deleteAccount')
  async deleteAccount(@Asks() { params, caller, act }: AskOf<'deleteAccount'>): Promise<void> {
    act.about = params.name;
    const account = await this.accounts.delete(params.name, caller.name);
    const tokens = await this.tokens.deleteWhere(({ owner }) => owner === account.name);
    act.before = { ...rightsView(account), tokens };
  }

  @Endpoint('linkAccount')
  async linkAccount(@Asks() { params, act }: AskOf<'linkAccount'>) {
    act.about = params.name;
    const link = await this.#link(params.name);
    act.after = { linkUntil: link.until };
    return link;
  }

  @Endpoint('listAccountSessions')
  async listAccountSessions(@Asks() { params }: AskOf<'listAccountSessions'>) {
    const open = await this.sessions.of(await this.accounts.mustGet(params.name));
    return { sessions: open.map(sessionView) };
  }

  @Endpoint('endAccountSessions')
  async endAccountSessions(@Asks() { params, act }: AskOf<'endAccountSessions'>): Promise<void> {
    act.about = params.name;
    const open = await this.sessions.of(await this.accounts.mustGet(params.name));
    await this.accounts.endSessions(params.name);
    act.before = { sessions: open.length };
    act.after = { sessions: 0 };
  }

  /** After a `#`, which browsers send to no server. */
  async #link(name: string) {
    const { token, untilMs } = await this.accounts.newLink(name);
    return { path: `/password#${token}`, until: iso(untilMs) };
  }
}
