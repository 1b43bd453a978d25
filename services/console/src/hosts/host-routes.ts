import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { defineRoutes, READERS } from '../api/route.js';

export const HOST_ROUTES = defineRoutes({
  listHosts: {
    method: 'get',
    path: '/hosts',
    tag: 'Hosts',
    summary: 'Hosts by what they said about their blocks and what they wrote in the last 7 days; those in need first.',
    roles: READERS,
    scope: 'system:read',
    answer: z.object({
      hosts: z.array(
        z.object({
          host: z.string(),
          state: z
            .enum(['ineffective', 'silent', 'disarmed', 'unknown', 'armed'])
            .describe('The gravest that holds. silent: no event for a day; unknown: it never told of its blocks.'),
          armed: z.boolean().optional(),
          firewall: z.string().optional(),
          reported: isoTime.optional().describe('When its blocks last changed, by its own word.'),
          seenWithin: z.enum(['15 min', '1 day', '7 days', 'longer']).describe('Of its newest event.'),
          events: z.int().describe('In the last 7 days.'),
          inForce: z.int(),
          exceptionCount: z.int(),
          exceptions: z
            .array(z.object({ target: z.string(), state: z.string(), reason: z.string() }))
            .describe('The first 20 at most; fewer where there are many hosts.'),
        }),
      ),
    }),
  },
});
