import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuditLog } from '../audit/audit-log.js';
import { Sessions } from '../session/sessions.js';
import { Tokens } from '../session/tokens.js';
import { Tenants } from '../tenancy/tenants.js';
import type { Ask, HttpReply, HttpRequest } from './ask.js';
import type { Caller } from './caller.js';
import { ClientAddress } from './client-address.js';
import { consoleError } from './errors.js';
import { CSRF_HEADER, OIDC_COOKIE, SESSION_COOKIE, TENANT_HEADER } from './names.js';
import { parsed } from './parsed.js';
import type { Route } from './route.js';
import { type Operation, ROUTES } from './routes.js';

/** Metadata of a handler: the name of its row. */
export const OPERATION = 'fleetwall operation';

/**
 * The one guard of the API: who asks -> may they -> is it the console that asks -> is it well-formed. Each step throws its
 * own error; what gets through is an `Ask`.
 */
@Injectable()
export class ApiGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Tokens) private readonly tokens: Tokens,
    @Inject(Tenants) private readonly tenants: Tenants,
    @Inject(ClientAddress) private readonly clientAddress: ClientAddress,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<Operation>(OPERATION, context.getHandler());
    const route: Route = ROUTES[operation];
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const address = this.clientAddress.of(request);
    const cookie = cookieOf(request, SESSION_COOKIE);
    const secret = bearerOf(request) ?? (route.isFeed ? feedKeyOf(request) : undefined);
    const asker = await this.#callerOf(cookie, secret);
    const caller = asker && narrowed(asker, textOf(request.headers[TENANT_HEADER]));
    try {
      mustBePermitted(route, caller);
      if (asker && route.roles !== 'anyone') await this.#mustBeOpen(asker);
      // A program's token is nothing that a browser sends by itself.
      if (route.method !== 'get' && secret === undefined) mustBeOfTheConsole(request);
    } catch (error) {
      if (caller) await this.audit.record(refusal(operation, caller, address, error));
      throw error;
    }
    const input = inputOf(route, request);
    const ifMatch = textOf(request.headers['if-match']);
    const ifNoneMatch = textOf(request.headers['if-none-match']);
    const userAgent = textOf(request.headers['user-agent']);
    const reply = http.getResponse<HttpReply>();
    const evidence = this.clientAddress.evidenceOf(request);
    const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(textOf(request.headers['host']) ?? '');
    const oidcCookie = cookieOf(request, OIDC_COOKIE);
    const isHead = request.method === 'HEAD';
    const sender = {
      caller,
      address,
      evidence,
      isLoopback,
      cookie,
      oidcCookie,
      ifMatch,
      ifNoneMatch,
      userAgent,
      isHead,
    };
    const ask: Ask = { operation, route, ...sender, ...input, signal: goneOf(reply), act: {}, reply };
    request.ask = ask;
    return true;
  }

  /** Read with every request: a suspension holds at once, on every replica. */
  async #mustBeOpen({ tenant }: Caller): Promise<void> {
    if (tenant !== undefined && !(await this.tenants.isOpen(tenant)))
      throw consoleError('TENANT_SUSPENDED', { tenant });
  }

  async #callerOf(cookie: string | undefined, secret: string | undefined): Promise<Caller | undefined> {
    if (secret !== undefined) return this.tokens.callerOf(secret);
    return cookie === undefined ? undefined : this.sessions.callerOf(cookie);
  }
}

/** Never widened: somebody of a tenant stays who they are. */
function narrowed(caller: Caller, tenant: string | undefined): Caller {
  return tenant === undefined || caller.tenant !== undefined ? caller : { ...caller, tenant };
}

function mustBePermitted({ roles, scope, isFleetWide }: Route, caller: Caller | undefined): void {
  if (roles === 'anyone') return;
  if (!caller) throw consoleError('SIGNED_OUT');
  const { role, scopes, tenant } = caller;
  if (isFleetWide && tenant !== undefined) throw consoleError('FORBIDDEN', { who: `tenant ${tenant}` });
  // A program is bound by its scopes, a person by their role, a person's own program by both.
  const mayRole = role === undefined ? scopes !== undefined : roles.includes(role);
  const mayScope = scopes === undefined || (scope !== undefined && scopes.includes(scope));
  if (!mayRole || !mayScope) throw consoleError('FORBIDDEN', { who: mayScope && role ? role : 'this token' });
}

function goneOf({ raw }: HttpReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** No page of another site can send a header of its own, and browsers say where a request comes from. */
function mustBeOfTheConsole({ headers }: HttpRequest): void {
  const refused = consoleError('FOREIGN_SITE', { header: CSRF_HEADER });
  if (textOf(headers[CSRF_HEADER]) === undefined) throw refused;
  const origin = textOf(headers['origin']);
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== textOf(headers['host'])) throw refused;
}

function inputOf(route: Route, { headers, params, query, body }: HttpRequest) {
  if (route.body && !isJson(textOf(headers['content-type']))) throw consoleError('CONTENT_TYPE_REFUSED');
  return {
    params: route.params && parsed(route.params, params),
    query: route.query && parsed(route.query, query),
    body: route.body && parsed(route.body, body),
  };
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json(?:; ?charset=utf-8)?$/i.test(contentType ?? '');
}

function refusal(what: Operation, { name, tenant }: Caller, from: string | undefined, error: unknown) {
  const { code } = error as { code: string };
  const known = { ...(tenant === undefined ? {} : { tenant }), ...(from === undefined ? {} : { from }) };
  return { who: name, what, ...known, outcome: 'refused' as const, code };
}

function cookieOf({ headers }: HttpRequest, wanted: string): string | undefined {
  const cookies = (textOf(headers['cookie']) ?? '').split(';').map((part) => part.trim().split('='));
  return cookies.find(([name]) => name === wanted)?.[1];
}

function bearerOf({ headers }: HttpRequest): string | undefined {
  return /^Bearer (\S{1,200})$/.exec(textOf(headers['authorization']) ?? '')?.[1];
}

/** Where bouncers of CrowdSec put their key, and where firewalls that fetch a list can: as the password of any name. */
function feedKeyOf({ headers }: HttpRequest): string | undefined {
  const key = textOf(headers['x-api-key']);
  if (key !== undefined) return /^\S{1,200}$/.test(key) ? key : undefined;
  const basic = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(textOf(headers['authorization']) ?? '')?.[1];
  if (basic === undefined) return undefined;
  return /^[^:]*:(\S{1,200})$/.exec(Buffer.from(basic, 'base64').toString('utf8'))?.[1];
}

/** Undefined also of a header that came more than once. */
function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
