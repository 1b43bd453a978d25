import { type Config, readSecret } from '@fleetwall/config';

/** `console.oidc`, with the secret read from where it lies. */
export interface OidcOptions extends Omit<NonNullable<Config['console']['oidc']>, 'clientSecretFile'> {
  clientSecret?: string | undefined;
}

/** For {@link ConsoleOptions}; nothing where there is no provider. Throws SECRET_UNREADABLE. */
export function oidcOptions({ console: { oidc } }: Config): { oidc?: OidcOptions } {
  if (!oidc) return {};
  const { clientSecretFile, ...rest } = oidc;
  return {
    oidc: { ...rest, clientSecret: readSecret('console.oidc.clientSecret', oidc.clientSecret, clientSecretFile) },
  };
}
