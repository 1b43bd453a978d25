import { z } from 'zod';
import { addressText, queryText, range } from '../api/fields.js';
import { defineRoutes, READERS, ROLES } from '../api/route.js';

const MOST_ADDRESSES = 100;

/** Whose an address is; what is not known is absent. */
export const origin = z
  .object({
    country: z.string().optional().describe('ISO 3166-1 alpha-2.'),
    asNumber: z.int().optional().describe('Number of the autonomous system.'),
    asName: z.string().optional().describe('As the system calls itself; anyone may register any name.'),
    special: z
      .string()
      .optional()
      .describe('What it is instead of an address of the Internet: private, documentation.'),
  })
  .describe('Of tables that others keep: a hint where to look, no proof.');

const addresses = z
  .string()
  .max(MOST_ADDRESSES * 50)
  .refine((text) => text.split(',').length <= MOST_ADDRESSES, `are more than ${MOST_ADDRESSES}`)
  .default('')
  .describe(`Addresses or networks, at most ${MOST_ADDRESSES}, separated by commas.`);

export const ORIGIN_ROUTES = defineRoutes({
  listOrigins: {
    method: 'get',
    path: '/origins',
    tag: 'Addresses and users',
    summary: 'Country and network of addresses. Nothing is asked of anybody: it is looked up in tables.',
    roles: ROLES,
    scope: 'blocks:read',
    query: z.strictObject({ addresses }),
    answer: z.object({
      origins: z.array(origin.extend({ address: z.string().describe('As it was asked for.') })),
      sources: z
        .array(z.object({ name: z.string(), url: z.url() }))
        .describe('Who made the tables; their licences want them named where they are shown.'),
    }),
  },
  topNetworks: {
    method: 'get',
    path: '/origins/networks',
    tag: 'Events',
    summary: 'The networks from which most of the events that a query finds come, with how many hosts they met.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({ query: queryText, ...range, limit: z.coerce.number().int().min(1).max(10).default(5) }),
    answer: z.object({
      networks: z.array(
        z.object({
          asNumber: z.int(),
          asName: z.string().optional(),
          countries: z.array(z.string()).describe('Of its addresses that were seen, most frequent first, at most 3.'),
          events: z.int(),
          hosts: z.int(),
          isMore: z.boolean().describe('There are more hosts than were counted.'),
        }),
      ),
    }),
  },
  addressNames: {
    method: 'get',
    path: '/addresses/{address}/names',
    tag: 'Addresses and users',
    summary:
      'What the owner of an address calls it in the DNS. Asked for at this moment, where the configuration allows it: the name server of its owner sees that somebody asks.',
    roles: ROLES,
    params: z.object({ address: addressText }),
    answer: z.object({
      state: z
        .enum(['named', 'unnamed', 'failed', 'busy', 'off'])
        .describe(
          'failed: no answer within 2 s; busy: too many look-ups for now; off: not allowed by the configuration.',
        ),
      names: z
        .array(z.object({ name: z.string(), isConfirmed: z.boolean().describe('The name leads back to the address.') }))
        .describe('At most 3, as the owner wrote them.'),
    }),
  },
});
