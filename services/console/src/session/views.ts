import { iso, isoIf } from '../api/iso.js';
import type { Account } from './accounts.js';
import type { OpenSession } from './sessions.js';
import type { Token } from './tokens.js';

/** Accounts, sessions and tokens as the API answers them: never a hash of a secret. */

export function accountView(account: Account) {
  const { name, link, identity, createdMs, changedMs } = account;
  const times = { ...isoIf('linkUntil', link?.untilMs), created: iso(createdMs), changed: iso(changedMs) };
  return { name, ...rightsView(account), isOfProvider: identity !== undefined, ...times };
}

/** What of an account the audit log has before and after. */
export function rightsView({ role, tenant, password, identity, isDisabled }: Account) {
  const usable = password === undefined && !identity ? ('invited' as const) : ('active' as const);
  return {
    role,
    ...(tenant === undefined ? {} : { tenant }),
    state: isDisabled ? ('disabled' as const) : usable,
  };
}

export function sessionView({ createdMs, untilMs, ...shown }: OpenSession) {
  return { ...shown, created: iso(createdMs), until: iso(untilMs) };
}

export function tokenView({ createdMs, untilMs, usedMs, ownerSinceMs: _, ...shown }: Token) {
  return { ...shown, created: iso(createdMs), until: iso(untilMs), ...isoIf('used', usedMs) };
}
