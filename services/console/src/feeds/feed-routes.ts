import { z } from 'zod';
import { defineRoutes, READERS } from '../api/route.js';

const decision = z.object({
  id: z.int().describe('Of the value: the same in `new` and in `deleted`.'),
  origin: z.string().describe('Always `fleetwall`.'),
  scenario: z.string().describe('`fleetwall/` and the rule, or `manual`.'),
  scope: z.enum(['Ip', 'Range']),
  type: z.literal('ban'),
  value: z.string(),
  duration: z.string().describe('As Go writes it: 3h59m59s; negative when it is over.'),
});

const text = z.string().max(2_000).optional();
const list = text.describe('Parted by commas.');
const filters = {
  scopes: list,
  origins: list,
  scenarios_containing: list,
  scenarios_not_containing: list,
};

const tag = 'For other programs';

export const FEED_ROUTES = defineRoutes({
  streamDecisions: {
    method: 'get',
    path: '/decisions/stream',
    isFeed: true,
    tag,
    summary: 'What is blocked, as bouncers of CrowdSec pull it: everything at the start, then what changed.',
    roles: READERS,
    scope: 'decisions:read',
    query: z.object({ startup: text, ...filters }),
    answer: z.object({ new: z.array(decision).nullable(), deleted: z.array(decision).nullable() }),
  },
  listDecisions: {
    method: 'get',
    path: '/decisions',
    isFeed: true,
    tag,
    summary: 'Decisions that hold an address or a range, as bouncers of CrowdSec ask for them one by one; or `null`.',
    roles: READERS,
    scope: 'decisions:read',
    query: z.object({
      ip: text,
      range: text,
      contains: text.describe('`false`: those inside the range, not those around it.'),
      value: text,
      type: text,
      scope: text,
      ...filters,
    }),
    streams: ['application/json'],
  },
  blocklist: {
    method: 'get',
    path: '/blocklist.txt',
    isFeed: true,
    tag,
    summary: 'What is blocked as plain text, an address or network a line, in order, none inside another. Has an ETag.',
    roles: READERS,
    scope: 'decisions:read',
    query: z.strictObject({
      family: z.enum(['4', '6']).optional(),
      scope: z
        .enum(['all', 'web'])
        .default('all')
        .describe('`web` is for what stands before web applications alone: also blocks of their ports only.'),
    }),
    streams: ['text/plain'],
  },
});
