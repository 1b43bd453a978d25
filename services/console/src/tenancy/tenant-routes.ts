import { z } from 'zod';
import { isoTime, line } from '../api/fields.js';
import { defineRoutes, READERS } from '../api/route.js';
import { erased, remains } from '../erasure/erasure-routes.js';

/** What a panel may name a tenant: part of paths and of the query language, so without blanks and signs. */
const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'has 1 to 100 letters, digits, dots, dashes and underscores');
const hostName = z.string().regex(/^[^\s\p{C}]{1,256}$/u, 'has 1 to 256 characters and no blanks');
const state = z.enum(['active', 'suspended']);

const tenant = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['active', 'suspended', 'erasing']),
  hosts: z.array(
    z.object({
      name: z.string(),
      seen: z.boolean().describe('Whether events of this host came for this tenant within 30 days.'),
    }),
  ),
  otherHosts: z.array(z.string()).describe('Hosts whose events come for this tenant though nobody listed them.'),
  created: isoTime,
  changed: isoTime,
});

const named = z.object({ id });
const panels = { tag: 'Tenants', roles: ['administrator'], isFleetWide: true, scope: 'tenants:write' } as const;

export const TENANT_ROUTES = defineRoutes({
  listTenants: {
    ...panels,
    method: 'get',
    path: '/tenants',
    summary: 'Tenants that were made here; others are only named by credentials of collectors.',
    answer: z.object({ tenants: z.array(tenant) }),
  },
  listTenantNames: {
    method: 'get',
    path: '/tenant-names',
    tag: 'Tenants',
    summary: 'Names of all tenants: of those that were made here, and of those that events of the last 30 days name.',
    roles: READERS,
    isFleetWide: true,
    answer: z.object({ names: z.array(z.string()) }),
  },
  getTenant: {
    ...panels,
    method: 'get',
    path: '/tenants/{id}',
    summary: 'A tenant, and whether its hosts report for it.',
    params: named,
    answer: tenant,
  },
  putTenant: {
    ...panels,
    method: 'put',
    path: '/tenants/{id}',
    summary: 'Create or change a tenant. The same request again changes nothing; what is left out stays.',
    params: named,
    body: z.strictObject({
      name: line.max(200).optional(),
      hosts: z.array(hostName).max(10_000).optional().describe('All of them. A host belongs to one tenant.'),
      state: state.optional(),
    }),
    answer: tenant,
    audited: true,
  },
  setTenantState: {
    ...panels,
    method: 'put',
    path: '/tenants/{id}/state',
    summary: 'Suspend or resume. Suspended: its people and programs stay out, its hosts stay protected.',
    params: named,
    body: z.strictObject({ state }),
    answer: tenant,
    audited: true,
  },
  eraseTenant: {
    ...panels,
    method: 'delete',
    path: '/tenants/{id}',
    summary: 'Erase a tenant with its people, tokens and what is stored about it; again: finds nothing more.',
    params: named,
    answer: z.object({
      erased: z.object(erased),
      remains,
    }),
    audited: true,
  },
});
