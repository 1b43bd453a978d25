import { z } from 'zod';
import { alert } from '../alerts/alert-routes.js';
import { addressText, isoTime, range } from '../api/fields.js';
import { defineRoutes, READERS, ROLES } from '../api/route.js';
import { block } from '../blocks/block-routes.js';
import { origin } from '../origins/origin-routes.js';

const counted = z.array(z.object({ value: z.string(), count: z.int() }));
const days = z.array(z.object({ start: isoTime, failures: z.int(), successes: z.int(), other: z.int() }));

/** What everybody may be told about a subject. */
const report = {
  from: isoTime,
  to: isoTime,
  events: z.int(),
  hidden: z.int().describe("How many more events are other tenants'."),
  first: isoTime.optional(),
  last: isoTime.optional(),
  days: days.describe('By UTC day; days without an event are left out.'),
  hosts: counted,
  alerts: z.array(alert).describe('At most 50, newest first; empty for the helpdesk.'),
};

const month = z.strictObject({ from: range.from.default('now-30d'), to: range.to });

export const SUBJECT_ROUTES = defineRoutes({
  addressReport: {
    method: 'get',
    path: '/addresses/{address}',
    tag: 'Addresses and users',
    summary: 'Everything known about an address or network: is it blocked and by what, alerts, accounts, hosts, days.',
    roles: ROLES,
    scope: 'blocks:read',
    params: z.object({ address: addressText }),
    query: month,
    answer: z.object({
      address: z.string(),
      origin,
      ...report,
      accounts: counted,
      blocked: z.boolean(),
      blocks: z
        .array(block)
        .describe('In force or over, of the address or of a network that shares an address with it.'),
      allowed: z.array(z.object({ target: z.string(), reason: z.string(), owner: z.string() })),
      refusal: z.string().optional().describe('Why no block of it would be taken.'),
    }),
  },
  userReport: {
    method: 'get',
    path: '/users/{name}',
    tag: 'Addresses and users',
    summary: 'Everything known about an account: logons from where, sessions, hosts, alerts, days.',
    roles: READERS,
    scope: 'events:read',
    params: z.object({ name: z.string().min(1).max(256) }),
    query: month,
    answer: z.object({
      user: z.string(),
      names: z.array(z.string()).describe('As its events name it: spellings, and masks of the same digest.'),
      masked: z.boolean().describe('Nothing says that there is such an account, and its name is not kept.'),
      ...report,
      addresses: counted.describe('Where it failed or logged on from.'),
      logons: z
        .array(z.object({ address: z.string(), count: z.int() }))
        .describe('Where it logged on from, most often first, at most 20.'),
      sessions: z
        .array(
          z.object({
            host: z.string(),
            from: isoTime.optional().describe('Absent where only its end is told.'),
            until: isoTime.optional().describe('Absent while no end is told.'),
            address: z.string().optional(),
          }),
        )
        .describe('Who was connected when, newest first, at most 50.'),
    }),
  },
});
