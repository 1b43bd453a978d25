import type { EventStore, Query, TimeRange } from '@fleetwall/core';
import { withinTenant } from '../tenancy/tenant-query.js';

const MOST_SPELLINGS = 20;

/** An account as events name it. */
export interface AccountNames {
  /** Events of the account, however it is named in them. */
  query: Query;
  /** As events and alerts may name it: the name, its other spellings, and masks. */
  names: string[];
}

/**
 * Events of an account: those that name it, and those in which its name is masked, which have the same digest. A mask finds
 * the account that it stands for, where events within the range name it.
 */
export async function accountNames(
  store: EventStore,
  name: string,
  range: TimeRange,
  tenant: string | undefined,
): Promise<AccountNames> {
  const named: Query = { type: 'term', field: 'user.name', value: name };
  const hashes = await store.top({
    query: withinTenant(named, tenant),
    range,
    field: 'user.hash',
    limit: MOST_SPELLINGS,
  });
  const digests = new Set(hashes.map(({ value }) => value));
  const query: Query = {
    type: 'or',
    of: [named, ...[...digests].map((value): Query => ({ type: 'term', field: 'user.hash', value }))],
  };
  const spellings = await store.top({
    query: withinTenant(query, tenant),
    range,
    field: 'user.name',
    limit: MOST_SPELLINGS,
  });
  const masks = [...digests].map((digest) => `~${digest}`);
  return { query, names: [...new Set([name, ...spellings.map(({ value }) => value), ...masks])] };
}
