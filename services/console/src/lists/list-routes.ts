import { z } from 'zod';
import { addressText, isoTime, line } from '../api/fields.js';
import { DECIDERS, defineRoutes, READERS } from '../api/route.js';
import { block } from '../blocks/block-routes.js';

const entry = z.object({
  target: z.string(),
  reason: z.string(),
  owner: z.string(),
  created: isoTime,
  until: isoTime.optional().describe('Until someone removes it when absent.'),
  state: z.enum(['valid', 'ending', 'over']).describe('`ending`: within 7 days.'),
});

const listed = entry.extend({
  coveredBy: z.array(z.string()).describe('Other entries of the list that hold all of it, the narrowest first.'),
  hits: z
    .object({ count: z.int(), since: isoTime, last: isoTime.optional() })
    .optional()
    .describe(
      'Of the allowlist: blocks that it prevented; of the denylist: alerts about what it blocks. Each alert and target once, at least so many; absent: unknown.',
    ),
});

const denied = listed.extend({
  block: block.optional().describe('What holds it, or held it last; absent: none was made.'),
  refusal: z.string().optional().describe('Why it is not blocked: the allowlist and the rails come first.'),
});

const written = z.strictObject({
  reason: line,
  owner: line.optional().describe('Who answers for it; who asks when absent.'),
  duration: z.string().max(20).optional().describe('12h, 30d; for good when absent.'),
  until: isoTime.optional().describe('In place of a duration.'),
});

const nested = {
  coveredBy: z.array(z.string()).describe('Entries that hold all of it already.'),
  holds: z.array(z.string()).describe('Entries that share addresses with it otherwise.'),
};

const of = z.object({ target: addressText });
const fleetWide = { tag: 'Lists', isFleetWide: true } as const;

export const LIST_ROUTES = defineRoutes({
  listAllowed: {
    ...fleetWide,
    method: 'get',
    path: '/lists/allow',
    summary: 'What is never blocked, besides what the rails shelter by themselves.',
    roles: READERS,
    scope: 'blocks:read',
    answer: z.object({ entries: z.array(listed) }),
  },
  previewAllow: {
    ...fleetWide,
    method: 'post',
    path: '/lists/allow/preview',
    summary: 'Which blocks in force an entry of the allowlist would lift or narrow.',
    roles: DECIDERS,
    scope: 'blocks:read',
    body: z.strictObject({ target: addressText }),
    status: 200,
    answer: z.object({
      target: z.string().describe('In its canonical form.'),
      shelters: z.string().describe('What is exempt: of a single IPv6 address its /64.'),
      ...nested,
      lifts: z.array(block).describe('At most 50.'),
      liftCount: z.int(),
      narrows: z.array(block).describe('Networks that stay blocked around it; at most 50.'),
      narrowCount: z.int(),
      isComplete: z.boolean().describe('False: there are more blocks than were looked at.'),
      denied: z.array(z.string()).describe('Entries of the denylist that it overrules, in whole or in part.'),
    }),
  },
  allow: {
    ...fleetWide,
    method: 'put',
    path: '/lists/allow/{target}',
    summary: 'Never block an address or network: for the whole fleet, so by those who answer for all tenants.',
    roles: DECIDERS,
    scope: 'blocks:write',
    params: of,
    body: written,
    answer: entry,
    audited: true,
  },
  disallow: {
    ...fleetWide,
    method: 'delete',
    path: '/lists/allow/{target}',
    summary: 'Take an entry off the allowlist. What it lifted stays lifted.',
    roles: DECIDERS,
    scope: 'blocks:write',
    params: of,
    status: 204,
    audited: true,
  },
  listDenied: {
    ...fleetWide,
    method: 'get',
    path: '/lists/deny',
    summary: 'What is blocked on every host until it is taken off the list, and where that is in force.',
    roles: READERS,
    scope: 'blocks:read',
    answer: z.object({ entries: z.array(denied) }),
  },
  previewDeny: {
    ...fleetWide,
    method: 'post',
    path: '/lists/deny/preview',
    summary: 'What an entry of the denylist would block, and what the allowlist and the rails exempt of it.',
    roles: DECIDERS,
    scope: 'blocks:read',
    body: z.strictObject({ target: addressText }),
    status: 200,
    answer: z.object({
      target: z.string().describe('In its canonical form.'),
      allowed: z.boolean(),
      reason: z.string().optional().describe('Why the rails or the allowlist refuse it.'),
      except: z.array(z.string()),
      covers: z.string().describe('How many IPv4 addresses, or IPv6 networks of 64 bits; a whole number as text.'),
      hosts: z.array(z.object({ host: z.string(), armed: z.boolean() })),
      blocks: z.array(block).describe('Blocks in force that hold some of it already; at most 20.'),
      ...nested,
      exempt: z.array(z.object({ target: z.string(), reason: z.string(), owner: z.string() })),
    }),
  },
  deny: {
    ...fleetWide,
    method: 'put',
    path: '/lists/deny/{target}',
    summary: 'Block an address or network on every host until somebody takes it off the list.',
    roles: DECIDERS,
    scope: 'blocks:write',
    params: of,
    body: written,
    answer: entry,
    audited: true,
  },
  undeny: {
    ...fleetWide,
    method: 'delete',
    path: '/lists/deny/{target}',
    summary: 'Take an entry off the denylist, which lifts its block.',
    roles: DECIDERS,
    scope: 'blocks:write',
    params: of,
    status: 204,
    audited: true,
  },
});
