import { z } from 'zod';
import { defineRoutes } from '../api/route.js';

const subject = {
  kind: z.enum(['address', 'user', 'tenant']),
  value: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .describe('An address or network, the name of an account or its mask, a tenant.'),
  tenant: z.string().min(1).max(100).optional().describe("Of an address or a user: in this tenant's data alone."),
};

export const remains = z
  .array(z.object({ what: z.string(), until: z.string() }))
  .describe('What an erasure does not reach, and until when it is there.');

export const erased = {
  accounts: z.int().describe('People of a tenant that is erased; their sessions and tokens go with them.'),
  tokens: z.int(),
  events: z.int(),
  alerts: z.int(),
  changedAlerts: z.int(),
  notes: z.int().describe('Notes and comments that people made on those alerts.'),
  blocks: z.int().describe('Blocks that were over.'),
  news: z.int().describe('What channels of notifications had still to tell.'),
};

export const ERASURE_ROUTES = defineRoutes({
  previewErasure: {
    method: 'post',
    path: '/erasures/preview',
    tag: 'Privacy',
    summary: 'What an erasure would remove, before it does, and what would remain.',
    roles: ['administrator'],
    isFleetWide: true,
    body: z.strictObject(subject),
    status: 200,
    answer: z.object({
      events: z.int(),
      alerts: z.int(),
      changedAlerts: z.int().describe('Alerts about somebody else that name it among their contributors.'),
      blocksInForce: z.int().describe('They hold until they end; an erasure lifts none.'),
      remains,
    }),
  },
  erase: {
    method: 'post',
    path: '/erasures',
    tag: 'Privacy',
    summary: 'Remove what is stored about a subject for good. The audit log keeps that it was done, not about whom.',
    roles: ['administrator'],
    isFleetWide: true,
    body: z.strictObject({
      ...subject,
      reference: z
        .string()
        .trim()
        .regex(/^[\p{L}\p{N} .:/#_-]{1,100}$/u, 'has 1 to 100 letters, digits, blanks and . : / # _ -')
        .describe('Of the request that asks for it, for the audit log: a number, never a name.'),
    }),
    status: 200,
    answer: z.object({ ...erased, remains }),
    audited: true,
  },
});
