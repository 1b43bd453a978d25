import { z } from 'zod';
import { cursor, isoTime, nextCursor, pageSize } from '../api/fields.js';
import { defineRoutes } from '../api/route.js';
import { reading } from '../overview/overview-routes.js';

export const auditEntry = z.object({
  at: isoTime,
  who: z.string(),
  from: z.string().optional().describe('Address of the client.'),
  what: z.string().describe('The name of the operation.'),
  about: z.string().optional(),
  outcome: z.enum(['done', 'refused', 'failed']),
  code: z.string().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  writer: z.string().optional().describe('Each writer has a chain of its own.'),
  previous: z.string().optional().describe('Hash of the record before it in the chain; absent where others wrote.'),
  hash: z.string().optional(),
});

export const AUDIT_ROUTES = defineRoutes({
  listAudit: {
    method: 'get',
    path: '/audit',
    tag: 'Audit and system',
    summary: 'Every act of people and programs, refused ones included, newest first.',
    roles: ['administrator'],
    isFleetWide: true,
    scope: 'system:read',
    query: z.strictObject({ cursor, limit: pageSize(500, 100) }),
    answer: z.object({ entries: z.array(auditEntry), cursor: nextCursor }),
  },
  system: {
    method: 'get',
    path: '/system',
    tag: 'Audit and system',
    summary: 'Whether everything works, and what it keeps.',
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
        }),
      ),
      disk: z.object({ freeBytes: z.int(), totalBytes: z.int() }),
      reading: reading.optional(),
    }),
  },
});
