import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { defineRoutes, ROLES, SCOPES } from '../api/route.js';

const accountName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'has 1 to 64 letters, digits, dots, dashes, underscores and @');

/** Long ones cost time to hash; short ones are guessed. */
const newPassword = z.string().min(12).max(256);
const password = z.string().min(1).max(256);

export const me = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().optional().describe('All tenants when absent.'),
  until: isoTime.optional().describe('When the session ends by itself.'),
});

const account = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().optional(),
  created: isoTime,
  changed: isoTime,
});

const token = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  tenant: z.string().optional(),
  createdBy: z.string(),
  created: isoTime,
  until: isoTime,
});

export const SESSION_ROUTES = defineRoutes({
  signIn: {
    method: 'post',
    path: '/session',
    tag: 'Session',
    summary: 'Sign in. The answer sets a cookie; a session that was there before ends.',
    roles: 'anyone',
    body: z.strictObject({ name: z.string().min(1).max(64), password }),
    answer: me,
    audited: true,
  },
  signOut: {
    method: 'delete',
    path: '/session',
    tag: 'Session',
    summary: 'Sign out: the session ends at once, on every replica.',
    roles: ROLES,
    status: 204,
    audited: true,
  },
  whoAmI: {
    method: 'get',
    path: '/me',
    tag: 'Session',
    summary: 'Who is signed in, and what they may do.',
    roles: ROLES,
    answer: me,
  },
  changePassword: {
    method: 'put',
    path: '/me/password',
    tag: 'Session',
    summary: 'Change the own password. Every session of this account ends.',
    roles: ROLES,
    body: z.strictObject({ old: password, new: newPassword }),
    status: 204,
    audited: true,
  },
  setUp: {
    method: 'post',
    path: '/setup',
    tag: 'Session',
    summary: 'Create the first administrator with the one-time token that the start of the service printed.',
    roles: 'anyone',
    body: z.strictObject({ token: z.string().min(1).max(100), name: accountName, password: newPassword }),
    status: 201,
    answer: me,
    audited: true,
  },
  listAccounts: {
    method: 'get',
    path: '/accounts',
    tag: 'Accounts',
    summary: 'People who may sign in.',
    roles: ['administrator'],
    isFleetWide: true,
    answer: z.object({ accounts: z.array(account) }),
  },
  putAccount: {
    method: 'put',
    path: '/accounts/{name}',
    tag: 'Accounts',
    summary: 'Create an account, or change its role, tenant or password; its sessions end.',
    roles: ['administrator'],
    isFleetWide: true,
    params: z.object({ name: accountName }),
    body: z.strictObject({
      role: z.enum(ROLES),
      tenant: z.string().min(1).max(100).optional(),
      password: newPassword.optional(),
    }),
    answer: account,
    audited: true,
  },
  deleteAccount: {
    method: 'delete',
    path: '/accounts/{name}',
    tag: 'Accounts',
    summary: 'Remove an account; its sessions end. The last administrator stays.',
    roles: ['administrator'],
    isFleetWide: true,
    params: z.object({ name: accountName }),
    status: 204,
    audited: true,
  },
  listTokens: {
    method: 'get',
    path: '/tokens',
    tag: 'Accounts',
    summary: 'Tokens of programs; never the secrets themselves.',
    roles: ['administrator'],
    isFleetWide: true,
    answer: z.object({ tokens: z.array(token) }),
  },
  createToken: {
    method: 'post',
    path: '/tokens',
    tag: 'Accounts',
    summary: 'A token for a program. Its secret is answered this once, and only its hash kept.',
    roles: ['administrator'],
    isFleetWide: true,
    body: z.strictObject({
      name: accountName,
      scopes: z.array(z.enum(SCOPES)).min(1).max(10),
      tenant: z.string().min(1).max(100).optional(),
      days: z.int().min(1).max(366).default(90),
    }),
    status: 201,
    answer: token.extend({ secret: z.string().describe('For the header `Authorization: Bearer …`.') }),
    audited: true,
  },
  deleteToken: {
    method: 'delete',
    path: '/tokens/{name}',
    tag: 'Accounts',
    summary: 'Revoke a token at once.',
    roles: ['administrator'],
    isFleetWide: true,
    params: z.object({ name: accountName }),
    status: 204,
    audited: true,
  },
});
