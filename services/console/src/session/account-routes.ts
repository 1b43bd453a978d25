import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { defineRoutes, ROLES } from '../api/route.js';
import { accountName, me, newPassword, session, tenantId } from './people-fields.js';

const account = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().optional().describe('All tenants when absent.'),
  state: z.enum(['active', 'disabled', 'invited']).describe('invited: has set no password yet.'),
  isOfProvider: z.boolean().describe('Whether the sign-in provider decides about role and tenant.'),
  linkUntil: isoTime.optional().describe('Until when the link that was made for it works.'),
  created: isoTime,
  changed: isoTime,
});

const link = z.object({
  path: z.string().describe('Of the page that sets the password, with the secret; answered this once.'),
  until: isoTime,
});

const named = z.object({ name: accountName });
const administrators = { tag: 'Accounts', roles: ['administrator'], isFleetWide: true } as const;

export const ACCOUNT_ROUTES = defineRoutes({
  listAccounts: {
    ...administrators,
    method: 'get',
    path: '/accounts',
    summary: 'People who may sign in.',
    answer: z.object({ accounts: z.array(account.extend({ sessions: z.int() })) }),
  },
  inviteAccount: {
    ...administrators,
    method: 'post',
    path: '/accounts',
    summary: 'An account without a password, and the one-time link by which its person sets one.',
    body: z.strictObject({ name: accountName, role: z.enum(ROLES), tenant: tenantId.optional() }),
    status: 201,
    answer: account.extend({ link }),
    audited: true,
  },
  putAccount: {
    ...administrators,
    method: 'put',
    path: '/accounts/{name}',
    summary: 'Create an account, or set its role, tenant and password; its sessions end.',
    params: named,
    body: z.strictObject({ role: z.enum(ROLES), tenant: tenantId.optional(), password: newPassword.optional() }),
    answer: account,
    audited: true,
  },
  changeAccount: {
    ...administrators,
    method: 'patch',
    path: '/accounts/{name}',
    summary: 'Change role, tenant or state of somebody else; their sessions end. The last administrator stays one.',
    params: named,
    body: z.strictObject({
      role: z.enum(ROLES).optional(),
      tenant: tenantId.nullable().optional().describe('null: all tenants.'),
      disabled: z.boolean().optional(),
    }),
    answer: account,
    audited: true,
  },
  deleteAccount: {
    ...administrators,
    method: 'delete',
    path: '/accounts/{name}',
    summary: 'Remove the account of somebody else; its sessions and tokens end. The last administrator stays.',
    params: named,
    status: 204,
    audited: true,
  },
  linkAccount: {
    ...administrators,
    method: 'post',
    path: '/accounts/{name}/link',
    summary: 'A one-time link to set a new password; the link before it is void, the old password works until then.',
    params: named,
    status: 201,
    answer: link,
    audited: true,
  },
  listAccountSessions: {
    ...administrators,
    method: 'get',
    path: '/accounts/{name}/sessions',
    summary: 'Where somebody is signed in.',
    params: named,
    answer: z.object({ sessions: z.array(session) }),
  },
  endAccountSessions: {
    ...administrators,
    method: 'delete',
    path: '/accounts/{name}/sessions',
    summary: 'End every session of somebody at once, on every replica.',
    params: named,
    status: 204,
    audited: true,
  },
  useLink: {
    method: 'post',
    path: '/session/link',
    tag: 'Session',
    summary: 'Set the password by a one-time link, and sign in. Every other session of the account ends.',
    roles: 'anyone',
    body: z.strictObject({ token: z.string().min(1).max(500), password: newPassword }),
    status: 201,
    answer: me,
    audited: true,
  },
});
