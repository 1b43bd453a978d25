import { z } from 'zod';
import { alert } from '../alerts/alert-routes.js';
import { isoTime, range } from '../api/fields.js';
import { defineRoutes, READERS } from '../api/route.js';

export const reading = z.object({
  sources: z.int().describe('Files and streams that can be read.'),
  unreadable: z.array(z.object({ what: z.string(), why: z.string() })),
  lines: z.int(),
  events: z.int(),
  history: z.int().describe('Lines from before the first start.'),
});

export const OVERVIEW_ROUTES = defineRoutes({
  overview: {
    method: 'get',
    path: '/overview',
    tag: 'Overview',
    summary: 'Are we under attack, and does the defence hold? Open alerts and blocks in force do not heed the range.',
    roles: READERS,
    scope: 'alerts:read',
    query: z.strictObject(range),
    answer: z.object({
      from: isoTime,
      to: isoTime,
      hosts: z.object({ known: z.int(), online: z.int(), armed: z.int() }),
      alerts: z.object({
        open: z.int(),
        isMore: z.boolean().describe('Only the first are counted.'),
        gravest: z.array(alert).describe('At most 10, gravest first, then newest.'),
      }),
      blocks: z.object({
        inForce: z.int(),
        held: z.int(),
        droppedPackets: z.int().optional().describe('Of the host of this process.'),
      }),
      attempts: z.object({ bucketMs: z.int(), buckets: z.array(z.object({ start: isoTime, count: z.int() })) }),
      topAddresses: z.array(z.object({ value: z.string(), count: z.int() })),
      reading: reading
        .extend({
          wouldHaveBlocked: z
            .int()
            .describe(
              'Targets of blocks whose time was over when their evidence was read; of the newest 20,000 blocks.',
            ),
        })
        .optional()
        .describe('Of the host of this process; there is none in a cluster.'),
    }),
  },
});
