import { z } from 'zod';
import { cursor, givenTime, isoTime, nextCursor, pageSize } from '../api/fields.js';
import { defineRoutes } from '../api/route.js';

const OUTCOMES = ['done', 'refused', 'failed'] as const;

const auditEntry = z.object({
  number: z.int().describe('Its place in the log.'),
  at: isoTime,
  who: z.string(),
  tenant: z.string().optional(),
  from: z.string().optional().describe('Address of the client.'),
  what: z.string().describe('The name of the operation.'),
  about: z.string().optional(),
  outcome: z.enum(OUTCOMES),
  code: z.string().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  writer: z.string().optional().describe('Each writer has a chain of its own.'),
  previous: z.string().optional().describe('Hash of the record before it in the chain; absent where others wrote.'),
  hash: z.string().optional(),
});

const found = {
  who: z.string().min(1).max(200).optional(),
  what: z.string().min(1).max(100).optional().describe('The name of an operation.'),
  about: z.string().min(1).max(500).optional().describe('Part of it.'),
  outcome: z.enum(OUTCOMES).optional(),
  from: givenTime.optional().describe('All that is kept when absent.'),
  to: givenTime.optional(),
};

export const AUDIT_ROUTES = defineRoutes({
  listAudit: {
    method: 'get',
    path: '/audit',
    tag: 'Audit and system',
    summary: 'Every act of people and programs, refused ones included, newest first.',
    roles: ['administrator'],
    isFleetWide: true,
    scope: 'system:read',
    query: z.strictObject({ ...found, cursor, limit: pageSize(500, 100) }),
    answer: z.object({ entries: z.array(auditEntry), cursor: nextCursor }),
  },
  checkAudit: {
    method: 'get',
    path: '/audit/chain',
    tag: 'Audit and system',
    summary: 'Whether the records are as they were written: each has its hash, and follows the one before.',
    roles: ['administrator'],
    isFleetWide: true,
    scope: 'system:read',
    answer: z.object({
      checked: isoTime,
      chained: z.int().describe('Records that are in a chain.'),
      unchained: z.int().describe('Records that others wrote, which have no chain.'),
      broken: z.int().optional().describe('The number of the first record that is not as its chain says.'),
    }),
  },
  exportAudit: {
    method: 'get',
    path: '/audit/export',
    tag: 'Audit and system',
    summary: 'Every record that is found as a file, oldest first. Its last line says that it is complete.',
    roles: ['administrator'],
    isFleetWide: true,
    scope: 'system:read',
    query: z.strictObject({ ...found, format: z.enum(['ndjson', 'cef']).default('ndjson') }),
    streams: ['application/x-ndjson', 'text/plain'],
    audited: true,
  },
});
