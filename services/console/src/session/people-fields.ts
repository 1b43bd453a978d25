import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { ROLES } from '../api/route.js';

/** Fields that the routes of sessions, accounts and tokens share. */

export const accountName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u, 'has 1 to 64 letters, digits, dots, dashes, underscores and @');

/** Long ones cost time to hash; short ones are guessed. */
export const newPassword = z.string().min(12).max(256);
export const password = z.string().min(1).max(256);

/** As in `organization.id`. */
export const tenantId = z.string().min(1).max(100);

export const me = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  tenant: z.string().optional().describe('All tenants when absent.'),
  isOfProvider: z.boolean().optional().describe('Whether the sign-in provider vouches for the account.'),
  until: isoTime.optional().describe('When the session ends by itself.'),
});

export const session = z.object({
  id: z.string(),
  from: z.string().optional().describe('Address that it was begun from.'),
  created: isoTime,
  until: isoTime,
});
