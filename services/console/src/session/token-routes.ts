import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { defineRoutes, ROLES, SCOPES } from '../api/route.js';
import { accountName, tenantId } from './people-fields.js';

const token = z.object({
  name: z.string(),
  owner: z.string().optional().describe('Whose it is, and with whom it ends; absent: of the installation.'),
  scopes: z.array(z.string()),
  tenant: z.string().optional().describe("Of a token of the installation; one's own has that of its owner."),
  createdBy: z.string(),
  created: isoTime,
  until: isoTime,
  used: isoTime.optional().describe('Last use, up to ten minutes late; absent: never.'),
});

const newToken = z.strictObject({
  name: accountName,
  scopes: z.array(z.enum(SCOPES)).min(1).max(10),
  days: z.int().min(1).max(366).default(90),
});
const newTokenOfTenant = newToken.extend({ tenant: tenantId.optional() });
const withSecret = token.extend({ secret: z.string().describe('For the header `Authorization: Bearer …`.') });
const tokens = z.object({ tokens: z.array(token) });

const named = z.object({ name: accountName });
const administrators = { tag: 'Accounts', roles: ['administrator'], isFleetWide: true } as const;
const everyone = { tag: 'Session', roles: ROLES } as const;

export const TOKEN_ROUTES = defineRoutes({
  listTokens: {
    ...administrators,
    method: 'get',
    path: '/tokens',
    summary: "Tokens of programs, people's own included; never the secrets themselves.",
    answer: tokens,
  },
  createToken: {
    ...administrators,
    method: 'post',
    path: '/tokens',
    summary: 'A token for a program. Its secret is answered this once, and only its hash kept.',
    body: newTokenOfTenant,
    status: 201,
    answer: withSecret,
    audited: true,
  },
  deleteToken: {
    ...administrators,
    method: 'delete',
    path: '/tokens/{name}',
    summary: 'Revoke a token at once.',
    params: named,
    query: z.strictObject({ owner: accountName.optional().describe("Whose own it is; absent: the installation's.") }),
    status: 204,
    audited: true,
  },
  listMyTokens: {
    ...everyone,
    method: 'get',
    path: '/me/tokens',
    summary: 'Tokens of the own programs.',
    answer: tokens,
  },
  createMyToken: {
    ...everyone,
    method: 'post',
    path: '/me/tokens',
    summary:
      'A token for an own program: it may what its scopes say and its owner may at the time, and ends with them.',
    body: newToken,
    status: 201,
    answer: withSecret,
    audited: true,
  },
  deleteMyToken: {
    ...everyone,
    method: 'delete',
    path: '/me/tokens/{name}',
    summary: 'Revoke an own token at once.',
    params: named,
    status: 204,
    audited: true,
  },
});
