import type { Query } from '@fleetwall/core';

/** What a query finds among the events of a tenant; of all without one. */
export function withinTenant(query: Query, tenant: string | undefined): Query {
  if (tenant === undefined) return query;
  return { type: 'and', of: [{ type: 'term', field: 'organization.id', value: tenant }, query] };
}
