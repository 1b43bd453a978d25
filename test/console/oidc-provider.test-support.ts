import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who is signed in at the provider. */
export interface Person {
  sub: string;
  name: string;
  groups: string[];
}

/** What is done to an ID token on its way: the claims, and how it is signed anew. */
export interface Tampering {
  claims?: (claims: Record<string, unknown>) => Record<string, unknown>;
  signature?: 'own' | 'none' | 'foreign';
}

interface Context {
  path: string;
  req: IncomingMessage;
  res: ServerResponse;
  body: unknown;
}

/** The parts of oidc-provider that are used here: it has no types of its own. */
interface RealProvider {
  use(step: (context: Context, next: () => Promise<void>) => Promise<void>): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ prompt: { name: string } }>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}

const CLIENT = { client_id: 'fleetwall', client_secret: 'a secret of this test' };

/** A certified provider (npm's oidc-provider) on loopback that signs in whoever `person` is, without asking. */
export class TestProvider {
  person: Person = { sub: 'sub-1', name: 'nora', groups: [] };
  tampering: Tampering | undefined;
  denies = false;
  issuer = '';
  #server: Server | undefined;
  readonly #own = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
  readonly #foreign = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;

  async start(callback: string, home: string): Promise<this> {
    const server = createServer();
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // @ts-expect-error: the package has no types
    const { Provider } = (await import('oidc-provider')) as {
      Provider: new (issuer: string, options: object) => RealProvider;
    };
    const provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [callback], post_logout_redirect_uris: [home] }],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      cookies: { keys: ['a key of this test'] },
      jwks: { keys: [{ ...this.#own.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'own' }] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: () => '/interaction' },
      findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => this.#claims(accountId) }),
      loadExistingGrant: loadGrant,
      pkce: { required: () => true },
    });
    provider.use((context, next) => this.#step(provider, context, next));
    server.on('request', provider.callback());
    return this;
  }

  get client() {
    return { clientId: CLIENT.client_id, clientSecret: CLIENT.client_secret };
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #claims(sub: string) {
    return { sub, preferred_username: this.person.name, groups: this.person.groups };
  }

  async #step(provider: RealProvider, context: Context, next: () => Promise<void>): Promise<void> {
    if (context.path === '/interaction') {
      const { req, res } = context;
      await provider.interactionDetails(req, res);
      const denied = { error: 'access_denied', error_description: 'not today' };
      return provider.interactionFinished(req, res, this.denies ? denied : { login: { accountId: this.person.sub } });
    }
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (context.path === '/token' && body?.id_token && this.tampering)
      context.body = { ...body, id_token: this.#tampered(body.id_token, this.tampering) };
  }

  #tampered(token: string, { claims = (same) => same, signature = 'own' }: Tampering): string {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
    const header = signature === 'none' ? { alg: 'none' } : { alg: 'RS256', kid: 'own' };
    const text = [header, claims(payload)].map((part) => encoded(JSON.stringify(part))).join('.');
    if (signature === 'none') return `${text}.`;
    return `${text}.${signed(text, signature === 'own' ? this.#own : this.#foreign)}`;
  }
}

/** Nobody is asked whether the console may know of them. */
async function loadGrant(context: {
  oidc: {
    client: { clientId: string };
    session: { accountId: string };
    provider: { Grant: new (of: object) => { addOIDCScope(scope: string): void; save(): Promise<string> } };
  };
}): Promise<object> {
  const { client, session, provider } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid profile');
  await grant.save();
  return grant;
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function signed(text: string, key: KeyObject): string {
  return createSign('RSA-SHA256').update(text).sign(key, 'base64url');
}
