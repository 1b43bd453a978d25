import { z } from 'zod';
import { addressText, cursor, isoTime, line, nextCursor, pageSize, range } from '../api/fields.js';
import { DECIDERS, defineRoutes, ROLES } from '../api/route.js';

export const BLOCK_STATES = ['held', 'active', 'lifted', 'withdrawn', 'expired', 'too-late', 'dry-run'] as const;

const scope = z
  .string()
  .regex(/^(fleet|(tenant|host):.{1,250})$/, 'is fleet, tenant:NAME or host:NAME')
  .describe('`fleet`, `tenant:acme`, `host:web-01`.');

const ports = z.enum(['all', 'web']).describe("`web`: only the web's ports of each host (`firewallWebPorts`).");

const enforcement = z
  .object({
    hosts: z.int().describe('Hosts that it is meant for and that have told of themselves.'),
    inForce: z.int(),
    disarmed: z.int(),
    behind: z.int().describe('Did not yet tell what became of it.'),
    ineffective: z.int(),
    refused: z.int(),
    exceptions: z
      .array(z.object({ host: z.string(), state: z.enum(['ineffective', 'refused']), reason: z.string() }))
      .describe('At most 20.'),
  })
  .describe('Where it holds; the parts add up. All zero when it is not in force.');

export const block = z.object({
  id: z.string(),
  version: z.int(),
  target: z.string(),
  scope: z.string(),
  state: z.enum(BLOCK_STATES),
  at: isoTime,
  until: isoTime,
  isEndless: z.boolean().describe('`until` is put off until somebody takes the target off the denylist.'),
  isListed: z.boolean().describe('An entry of the denylist holds it: it is lifted there.'),
  ports,
  offence: z.int(),
  reasons: z.array(
    z.discriminatedUnion('type', [
      z.object({
        type: z.literal('alert'),
        alertId: z.string(),
        rule: z.string(),
        ruleId: z.string(),
        summary: z.string(),
        count: z.int(),
        hosts: z.array(z.string()),
      }),
      z.object({
        type: z.literal('person'),
        by: z.string(),
        comment: z.string(),
        listed: isoTime.optional().describe('When the entry of the denylist was made that asks for the block.'),
      }),
    ]),
  ),
  hiddenReasons: z.int().describe("How many more are another tenant's."),
  except: z.array(z.string()).describe('Parts of the target that stay reachable.'),
  cutSessions: z.boolean(),
  history: z.array(z.object({ at: isoTime, until: isoTime, state: z.enum(BLOCK_STATES), ports })),
  enforcement,
});

const request = {
  target: addressText,
  scope: scope.default('fleet'),
  duration: z.string().max(20).default('2h').describe('30m, 2h, 7d; at most a year.'),
  ports: ports.default('all'),
};

export const BLOCK_ROUTES = defineRoutes({
  listBlocks: {
    method: 'get',
    path: '/blocks',
    tag: 'Blocks',
    summary: 'Blocks, newest first, with where they are in force.',
    roles: ROLES,
    scope: 'blocks:read',
    query: z.strictObject({
      state: z.enum(BLOCK_STATES).optional(),
      address: addressText.optional().describe('An address or network that shares an address with the target.'),
      scope: scope.optional(),
      from: range.from.default('now-30d').describe('Blocks that held at some time from here on.'),
      to: range.to,
      cursor,
      limit: pageSize(500, 50),
    }),
    answer: z.object({ blocks: z.array(block), cursor: nextCursor }),
  },
  previewBlock: {
    method: 'post',
    path: '/blocks/preview',
    tag: 'Blocks',
    summary: 'What a block would do, before it does: what the rails say, what stays reachable, which hosts.',
    roles: DECIDERS,
    scope: 'blocks:read',
    body: z.strictObject(request),
    status: 200,
    answer: z.object({
      target: z.string().describe('In its canonical form.'),
      scope: z.string(),
      until: isoTime,
      ports,
      allowed: z.boolean(),
      reason: z.string().optional().describe('Why the rails refuse it.'),
      except: z.array(z.string()),
      covers: z.string().describe('How many IPv4 addresses, or IPv6 networks of 64 bits; a whole number as text.'),
      hosts: z.array(z.object({ host: z.string(), armed: z.boolean() })),
      coveredBy: z.array(block).describe('Blocks in force that hold some of it already.'),
    }),
  },
  createBlock: {
    method: 'post',
    path: '/blocks',
    tag: 'Blocks',
    summary: 'Block an address or network by hand. Answered when the response service has decided.',
    roles: DECIDERS,
    scope: 'blocks:write',
    body: z.strictObject({ ...request, comment: line }),
    status: 201,
    answer: z.object({ target: z.string(), scope: z.string(), until: isoTime }),
    audited: true,
  },
  liftBlock: {
    method: 'delete',
    path: '/blocks/{target}',
    tag: 'Blocks',
    summary: 'Lift every block of exactly this target. Evidence before it no longer counts.',
    roles: ['helpdesk', 'analyst', 'administrator'],
    scope: 'blocks:write',
    params: z.object({ target: addressText }),
    query: z.strictObject({ comment: line.default('lifted in the console') }),
    answer: z.object({ target: z.string() }),
    audited: true,
  },
});
