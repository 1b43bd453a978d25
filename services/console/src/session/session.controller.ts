import { Controller, Inject } from '@nestjs/common';
import { type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { type Account, Accounts } from './accounts.js';
import { setSessionCookie } from './session-cookie.js';
import { Sessions } from './sessions.js';
import { SetupLink } from './setup-link.js';
import { SignIn } from './sign-in.js';
import { sessionView } from './views.js';

/** Signing in and out, and the first administrator. */
@Controller()
export class SessionController {
  constructor(
    @Inject(SignIn) private readonly signIns: SignIn,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SetupLink) private readonly setup: SetupLink,
  ) {}

  @Endpoint('signIn')
  async signIn(@Asks() ask: AskOf<'signIn'>) {
    const account = await this.signIns.attempt(ask.body, ask.address, ask.evidence);
    ask.act.who = account.name;
    return this.#begin(ask, account);
  }

  @Endpoint('signOut')
  async signOut(@Asks() ask: AskOf<'signOut'>): Promise<void> {
    if (ask.cookie !== undefined) await this.sessions.end(ask.cookie);
    setSessionCookie(ask, '', 0);
  }

  @Endpoint('whoAmI')
  whoAmI(@Asks() { caller }: AskOf<'whoAmI'>) {
    const { role, untilMs } = caller;
    if (role === undefined) throw consoleError('FORBIDDEN', { who: 'a program' });
    return meView({ ...caller, role }, untilMs);
  }

  @Endpoint('changePassword')
  async changePassword(@Asks() ask: AskOf<'changePassword'>): Promise<void> {
    const { name } = ask.caller;
    await this.signIns.attempt({ name, password: ask.body.old }, ask.address, ask.evidence);
    await this.accounts.changePassword(name, ask.body.new);
    setSessionCookie(ask, '', 0);
  }

  @Endpoint('listMySessions')
  async listMySessions(@Asks() { caller, cookie }: AskOf<'listMySessions'>) {
    const account = await this.accounts.get(caller.name);
    const mine = account ? await this.sessions.of(account) : [];
    const current = cookie === undefined ? undefined : this.sessions.idOf(cookie);
    return { sessions: mine.map((each) => ({ ...sessionView(each), isThis: each.id === current })) };
  }

  @Endpoint('endMySession')
  async endMySession(@Asks() { params, caller, act }: AskOf<'endMySession'>): Promise<void> {
    act.about = params.id;
    await this.sessions.endShown(caller.name, params.id);
  }

  @Endpoint('useLink')
  async useLink(@Asks() ask: AskOf<'useLink'>) {
    const account = await this.accounts.useLink(ask.body.token, ask.body.password);
    Object.assign(ask.act, { who: account.name, about: account.name });
    await this.signIns.mustBeOpen(account);
    return this.#begin(ask, account);
  }

  @Endpoint('setUp')
  async setUp(@Asks() ask: AskOf<'setUp'>) {
    const { token, name, password } = ask.body;
    const account = await this.setup.use(token, name, password);
    ask.act.who = account.name;
    return this.#begin(ask, account);
  }

  /** In place of the session that the browser brought along. */
  async #begin(ask: AskOf<'signIn' | 'setUp' | 'useLink'>, account: Account) {
    if (ask.cookie !== undefined) await this.sessions.end(ask.cookie);
    const { cookie, lastsMs, untilMs } = await this.sessions.begin(account, ask.address);
    setSessionCookie(ask, cookie, lastsMs);
    return meView(account, untilMs);
  }
}

type Me = Pick<Account, 'name' | 'role' | 'tenant'> & { isOfProvider?: boolean };

function meView({ name, role, tenant, isOfProvider }: Me, untilMs: number) {
  const known = { ...(tenant === undefined ? {} : { tenant }), ...(isOfProvider ? { isOfProvider } : {}) };
  return { name, role, ...known, until: iso(untilMs) };
}
