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
          state: z.enum(['in force', 'ineffective', 'disarmed', 'silent', 'unknown']),
          armed: z.boolean().optional().describe('Absent when the host never told.'),
          firewall: z.string().optional(),
          reported: isoTime.optional().describe('When it last told of its blocks.'),
          lastEvent: isoTime.optional(),
          events: z.int().describe('In the last 7 days.'),
          inForce: z.int(),
          exceptions: z.array(z.object({ target: z.string(), state: z.string(), reason: z.string() })),
        }),
      ),
    }),
  },
});
