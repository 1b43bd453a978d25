import * as client from 'openid-client';
import { consoleError } from '../api/errors.js';
import type { Identity } from '../session/accounts.js';
import type { OidcOptions } from './oidc-options.js';
import type { Claims } from './oidc-rights.js';

const TIMEOUT_SECONDS = 10;

/** What the browser has to bring back: of one sign-in, in a cookie that no script reads. */
export interface Pending {
  state: string;
  nonce: string;
  /** Of PKCE (RFC 7636). */
  verifier: string;
}

/**
 * A provider of OpenID Connect Core 1.0: authorization code with PKCE, state and nonce. Its documents are read with the first
 * sign-in, so that it may come up after the console.
 */
export class OidcProvider {
  #discovered: Promise<client.Configuration> | undefined;

  constructor(private readonly known: OidcOptions | undefined) {}

  /** Throws OIDC_OFF. */
  get options(): OidcOptions {
    if (!this.known) throw consoleError('OIDC_OFF');
    return this.known;
  }

  /** What the button says; undefined: there is no provider. */
  get label(): string | undefined {
    return this.known?.label;
  }

  /** Where the browser goes to sign in. Throws OIDC_OFF, OIDC_UNREACHABLE. */
  async begin(): Promise<{ url: string; pending: Pending }> {
    const configuration = await this.#discover();
    const pending: Pending = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const { scopes } = this.options;
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#callback,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  /**
   * Who came back: the code is changed for an ID token whose issuer, audience, nonce, times and signature hold. Claims that
   * the token has not are asked for. Throws OIDC_OFF, OIDC_UNREACHABLE, OIDC_DENIED, OIDC_REFUSED.
   *
   * @param answer the query of the callback, as it came
   */
  async finish(answer: Record<string, string>, pending: Pending): Promise<{ identity: Identity; claims: Claims }> {
    const configuration = await this.#discover();
    try {
      const tokens = await client.authorizationCodeGrant(
        configuration,
        new URL(`${this.#callback}?${new URLSearchParams(answer)}`),
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        },
      );
      const claims = tokens.claims() as client.IDToken;
      const more = await this.#moreClaims(configuration, claims, tokens.access_token);
      return { identity: { issuer: claims.iss, subject: claims.sub }, claims: { ...more, ...claims } };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Where the browser goes so that the provider forgets it too; the console itself where the provider has no such place. */
  async end(): Promise<string> {
    const configuration = await this.#discover();
    const home = `${this.options.origin}/`;
    if (configuration.serverMetadata().end_session_endpoint === undefined) return home;
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: home }).href;
  }

  get #callback(): string {
    return `${this.options.origin}/api/v1/session/oidc/callback`;
  }

  async #moreClaims(configuration: client.Configuration, { sub, ...claims }: client.IDToken, accessToken: string) {
    const { nameClaim, rightsClaim } = this.options;
    const isWhole = nameClaim in claims && rightsClaim in claims;
    if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return client.fetchUserInfo(configuration, accessToken, sub);
  }

  #discover(): Promise<client.Configuration> {
    const { options } = this;
    this.#discovered ??= discover(options);
    this.#discovered.catch(() => {
      this.#discovered = undefined;
    });
    return this.#discovered;
  }
}

async function discover({ issuer, clientId, clientSecret, clockToleranceSeconds }: OidcOptions) {
  const isPlain = issuer.startsWith('http:');
  const metadata = {
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    [client.clockTolerance]: clockToleranceSeconds,
  };
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  try {
    return await client.discovery(new URL(issuer), clientId, metadata, authentication, {
      timeout: TIMEOUT_SECONDS,
      execute: [
        // Signatures are checked although the token came straight from the provider.
        client.enableNonRepudiationChecks,
        // The options allow that on this very host alone.
        ...(isPlain ? [client.allowInsecureRequests] : []),
      ],
    });
  } catch (error) {
    throw consoleError('OIDC_UNREACHABLE', { issuer, reason: reasonOf(error) });
  }
}

function refusalOf(error: unknown): Error {
  if (error instanceof client.AuthorizationResponseError)
    return consoleError('OIDC_DENIED', { reason: reasonOf(error) });
  return consoleError('OIDC_REFUSED', { reason: reasonOf(error) });
}

/** The words of the library, never those of the provider's answer. */
function reasonOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return /^[a-z_]{1,60}$/.test(error.error) ? error.error : 'an unknown error';
  const { message, cause } = error as Error;
  const { message: deeper } = (cause ?? {}) as { message?: string };
  return deeper === undefined ? message : `${message}, ${deeper}`;
}
