import { consoleError } from '../api/errors.js';
import type { Rights } from '../session/accounts.js';
import { accountName } from '../session/people-fields.js';
import type { OidcOptions } from './oidc-options.js';

/** Claims of an ID token or of UserInfo, by name. */
export type Claims = Record<string, unknown>;

/** Name and rights that claims give. Throws OIDC_NO_NAME, OIDC_NOT_MAPPED. */
export function rightsOf(
  claims: Claims,
  { nameClaim, rightsClaim, rights }: Pick<OidcOptions, 'nameClaim' | 'rightsClaim' | 'rights'>,
): { name: string; rights: Rights } {
  const name = accountName.safeParse(claims[nameClaim]);
  if (!name.success) throw consoleError('OIDC_NO_NAME', { claim: nameClaim });
  const has = valuesOf(claims[rightsClaim]);
  const row = rights.find(({ value }) => has.includes(value));
  if (!row) throw consoleError('OIDC_NOT_MAPPED', { claim: rightsClaim, name: name.data });
  const { role, tenant } = row;
  return { name: name.data, rights: { role, ...(tenant === undefined ? {} : { tenant }) } };
}

/** One text, or each text of a list; nothing else is a value. */
function valuesOf(claim: unknown): string[] {
  const all: unknown[] = Array.isArray(claim) ? claim : [claim];
  return all.filter((each) => typeof each === 'string');
}
