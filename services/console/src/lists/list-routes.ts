import { z } from 'zod';
import { addressText, isoTime, line } from '../api/fields.js';
import { DECIDERS, defineRoutes, READERS } from '../api/route.js';

const entry = z.object({
  target: z.string(),
  reason: z.string(),
  owner: z.string(),
  created: isoTime,
  until: isoTime.optional().describe('Until someone removes it when absent.'),
});

export const LIST_ROUTES = defineRoutes({
  listAllowed: {
    method: 'get',
    path: '/lists/allow',
    tag: 'Lists',
    summary: 'What is never blocked, besides what the rails shelter by themselves.',
    roles: READERS,
    isFleetWide: true,
    scope: 'blocks:read',
    answer: z.object({ entries: z.array(entry) }),
  },
  allow: {
    method: 'put',
    path: '/lists/allow/{target}',
    tag: 'Lists',
    summary: 'Never block an address or network: for the whole fleet, so by those who answer for all tenants.',
    roles: DECIDERS,
    isFleetWide: true,
    scope: 'blocks:write',
    params: z.object({ target: addressText }),
    body: z.strictObject({
      reason: line,
      duration: z.string().max(20).optional().describe('12h, 30d; for good when absent.'),
    }),
    answer: entry,
    audited: true,
  },
  disallow: {
    method: 'delete',
    path: '/lists/allow/{target}',
    tag: 'Lists',
    summary: 'Take an entry off the allowlist.',
    roles: DECIDERS,
    isFleetWide: true,
    scope: 'blocks:write',
    params: z.object({ target: addressText }),
    status: 204,
    audited: true,
  },
});
