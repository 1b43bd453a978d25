import { FleetwallError } from '@fleetwall/core';
import { Controller, Inject } from '@nestjs/common';
import { type Ask, type AskOf, Asks } from '../api/ask.js';
import { Endpoint } from '../api/endpoint.js';
import { consoleError } from '../api/errors.js';
import { OIDC_COOKIE } from '../api/names.js';
import { AuditLog } from '../audit/audit-log.js';
import { Accounts } from '../session/accounts.js';
import { setSessionCookie } from '../session/session-cookie.js';
import { Sessions } from '../session/sessions.js';
import { SignIn } from '../session/sign-in.js';
import { rightsView } from '../session/views.js';
import { OidcProvider, type Pending } from './oidc-provider.js';
import { rightsOf } from './oidc-rights.js';

const PENDING_SECONDS = 600;

/** Signing in by a provider: there and back again. */
@Controller()
export class OidcController {
  constructor(
    @Inject(OidcProvider) private readonly provider: OidcProvider,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SignIn) private readonly signIns: SignIn,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  @Endpoint('signInWays')
  signInWays() {
    const { label } = this.provider;
    return label === undefined ? {} : { provider: label };
  }

  @Endpoint('beginOidc')
  async beginOidc(@Asks() ask: AskOf<'beginOidc'>): Promise<void> {
    try {
      const { url, pending } = await this.provider.begin();
      setPending(ask, encoded({ ...pending, to: ownPath(ask.query.to) }), PENDING_SECONDS);
      redirect(ask, url);
    } catch (error) {
      redirect(ask, failurePage(error));
    }
  }

  /** The record of the act is written here: what failed is answered by a redirection, too. */
  @Endpoint('finishOidc')
  async finishOidc(@Asks() ask: AskOf<'finishOidc'>): Promise<void> {
    setPending(ask, '', 0);
    let who = 'nobody';
    try {
      const { to, ...pending } = decoded(ask.oidcCookie);
      const { before, after: account } = await this.#vouch(ask, pending);
      who = account.name;
      await this.signIns.vouched(account, ask.evidence);
      const rights = { before: before && rightsView(before), after: rightsView(account) };
      await this.#record(ask, who, { about: who, ...rights, outcome: 'done' });
      const { cookie, lastsMs } = await this.sessions.begin(account, ask.address);
      setSessionCookie(ask, cookie, lastsMs);
      redirect(ask, to);
    } catch (error) {
      const known = error instanceof FleetwallError ? { code: error.code, after: { reason: error.message } } : {};
      await this.#record(ask, who, { outcome: known.code === undefined ? 'failed' : 'refused', ...known });
      redirect(ask, failurePage(error));
    }
  }

  @Endpoint('endOidc')
  async endOidc(@Asks() ask: AskOf<'endOidc'>): Promise<void> {
    redirect(ask, await this.provider.end().catch(failurePage));
  }

  async #vouch({ query }: AskOf<'finishOidc'>, pending: Pending) {
    const { identity, claims } = await this.provider.finish(withoutAbsent(query), pending);
    const { name, rights } = rightsOf(claims, this.provider.options);
    return this.accounts.vouched(name, identity, rights);
  }

  #record({ operation, address }: AskOf<'finishOidc'>, who: string, rest: Outcome): Promise<void> {
    return this.audit.record({ who, what: operation, ...(address === undefined ? {} : { from: address }), ...rest });
  }
}

type Outcome = Pick<Parameters<AuditLog['record']>[0], 'about' | 'before' | 'after' | 'outcome' | 'code'>;

function redirect({ reply }: Pick<Ask, 'reply'>, url: string): void {
  reply.header('location', url);
}

/** The sign-in page, which says what became of it; what failed inside is not told. */
function failurePage(error: unknown): string {
  return `/#sign-in=${error instanceof FleetwallError ? error.code : 'INTERNAL'}`;
}

/** A path of the console itself, never another site's. */
function ownPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/';
}

/** Lax: the provider sends the browser back from another site. */
function setPending({ reply, isLoopback }: Pick<Ask, 'reply' | 'isLoopback'>, value: string, seconds: number): void {
  const secure = isLoopback ? '' : '; Secure';
  const scope = `Path=/api/v1/session/oidc; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
  reply.header('set-cookie', `${OIDC_COOKIE}=${value}; ${scope}`);
}

function encoded(pending: Pending & { to: string }): string {
  return Buffer.from(JSON.stringify(pending)).toString('base64url');
}

/** Throws OIDC_REFUSED: absent, or of another making. */
function decoded(cookie: string | undefined): Pending & { to: string } {
  try {
    const { state, nonce, verifier, to } = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString()) as Pending & {
      to: string;
    };
    if ([state, nonce, verifier, to].every((each) => typeof each === 'string' && each !== ''))
      return { state, nonce, verifier, to: ownPath(to) };
  } catch {
    // Answered below, as every cookie that is none.
  }
  throw consoleError('OIDC_REFUSED', { reason: 'this browser has begun no sign-in, or too long ago' });
}

function withoutAbsent(query: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
