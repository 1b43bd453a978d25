import { z } from 'zod';
import { isoTime } from '../api/fields.js';
import { defineRoutes } from '../api/route.js';
import { reading } from '../overview/overview-routes.js';

export const SYSTEM_ROUTES = defineRoutes({
  system: {
    method: 'get',
    path: '/system',
    tag: 'Audit and system',
    summary: 'Whether everything works, and what it keeps, as far as the process that answers can know.',
    roles: ['administrator'],
    isFleetWide: true,
    scope: 'system:read',
    answer: z.object({
      deployment: z.enum(['standalone', 'cluster']),
      problems: z.array(z.string()),
      retentionDays: z.int(),
      topics: z.array(
        z.object({
          topic: z.string(),
          partitions: z.int(),
          records: z.int().describe('At most; compaction leaves holes.'),
          retentionDays: z.int().optional().describe('For good when absent.'),
          compacted: z.boolean().describe('Only the last record of each key is kept.'),
        }),
      ),
      queues: z
        .array(z.object({ group: z.string(), topic: z.string(), waiting: z.int() }))
        .describe('Records before the consumers of this process. Those of other processes are in their own /metrics.'),
      events: z.object({
        oldest: isoTime.optional(),
        newest: isoTime.optional(),
        lagMs: z.int().optional().describe('How long after it was written the newest one came in.'),
      }),
      disk: z
        .object({
          freeBytes: z.int(),
          totalBytes: z.int(),
          bytesPerDay: z.int().optional().describe('It fills by so much; unknown when absent, 0: it does not.'),
          daysLeft: z.int().optional(),
        })
        .describe('The disk of this process; in a cluster not those of Kafka and Elasticsearch.'),
      process: z.object({ host: z.string(), uptimeSeconds: z.int(), rssBytes: z.int() }),
      reading: reading.optional(),
    }),
  },
  selfTest: {
    method: 'post',
    path: '/system/selftest',
    tag: 'Audit and system',
    summary:
      'An attack from an address for documentation, followed from line to block, and lifted again. Its alert stays.',
    roles: ['administrator'],
    isFleetWide: true,
    status: 200,
    answer: z.object({
      ok: z.boolean(),
      address: z.string(),
      steps: z.array(z.object({ step: z.string(), ok: z.boolean(), detail: z.string(), afterMs: z.int() })),
    }),
    audited: true,
  },
});
