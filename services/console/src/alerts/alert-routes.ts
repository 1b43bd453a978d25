import { z } from 'zod';
import { cursor, id, isoTime, line, nextCursor, pageSize, range } from '../api/fields.js';
import { DECIDERS, defineRoutes, READERS } from '../api/route.js';
import { block } from '../blocks/block-routes.js';
import { event } from '../events/event-routes.js';

export const STATUSES = ['open', 'acknowledged', 'closed'] as const;
/** Of rules, the gravest last. */
export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export const VERDICTS = ['true-positive', 'false-positive'] as const;

const handling = {
  status: z.enum(STATUSES).describe('What people made of it.'),
  verdict: z.enum(VERDICTS).optional(),
  assignee: z.string().optional(),
};

export const alert = z.object({
  id: z.string(),
  version: z.int(),
  state: z.enum(['open', 'withdrawn', 'over']).describe('What became of it by itself.'),
  ...handling,
  comments: z.int().describe('How many.'),
  rule: z.string(),
  ruleId: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  tags: z.array(z.string()),
  tenant: z.string(),
  key: z.record(z.string(), z.string()),
  evidenceClass: z.enum(['handshake', 'spoofable', 'unauthenticated']),
  knownGood: z.boolean(),
  history: z.boolean(),
  threshold: z.int(),
  first: isoTime,
  last: isoTime,
  fired: isoTime,
  count: z.int().describe('Attempts, distinct values or matches so far.'),
  hosts: z.array(z.string()),
  contributorCount: z.int(),
});

const comment = z.object({ at: isoTime, by: z.string(), text: z.string() });

const alertInFull = alert.extend({
  contributors: z.array(z.object({ value: z.string(), count: z.int(), first: isoTime, last: isoTime })),
  evidence: z.array(
    z.object({
      attemptId: z.string(),
      time: isoTime,
      host: z.string(),
      events: z.array(event).describe('The lines of it that are still stored.'),
    }),
  ),
  blocks: z.array(block).describe('What it led to.'),
  thread: z.array(comment),
});

const etag = 'The header ETag holds the version of what people noted; give it back as If-Match.';

export const ALERT_ROUTES = defineRoutes({
  listAlerts: {
    method: 'get',
    path: '/alerts',
    tag: 'Alerts',
    summary: 'Alerts that went on within a range, newest first. A page may be short while there is a cursor.',
    roles: READERS,
    scope: 'alerts:read',
    query: z.strictObject({
      state: alert.shape.state.optional(),
      status: z.enum(STATUSES).optional(),
      rule: id.optional(),
      address: z.string().min(1).max(200).optional().describe('An address or another value of key or contributors.'),
      ...range,
      cursor,
      limit: pageSize(500, 50),
    }),
    answer: z.object({ alerts: z.array(alert), cursor: nextCursor }),
  },
  getAlert: {
    method: 'get',
    path: '/alerts/{id}',
    tag: 'Alerts',
    summary: `One alert with contributors, evidence, and the blocks it led to. ${etag}`,
    roles: READERS,
    scope: 'alerts:read',
    params: z.object({ id }),
    answer: alertInFull,
  },
  preventAlert: {
    method: 'get',
    path: '/alerts/{id}/prevention',
    tag: 'Alerts',
    summary: 'What would have prevented a false positive: an entry of the allowlist, an exception in the rule.',
    roles: DECIDERS,
    scope: 'alerts:read',
    params: z.object({ id }),
    answer: z.object({
      since: isoTime,
      alerts: z.int().describe('How many alerts of this rule there were with this key since then.'),
      isAll: z.boolean().describe('False: more than could be looked at.'),
      allow: z.object({ target: z.string(), reason: z.string() }).optional(),
      tuning: z
        .object({
          field: z.string(),
          value: z.string(),
          changes: z.array(
            z.object({
              rule: z.string(),
              file: z.object({ path: z.string(), line: z.int() }),
              yaml: z.string().describe('Below `detection`, in place of its condition.'),
            }),
          ),
        })
        .optional(),
    }),
  },
  noteAlert: {
    method: 'patch',
    path: '/alerts/{id}',
    tag: 'Alerts',
    summary: `Acknowledge, assign, close or reopen. ${etag}`,
    roles: DECIDERS,
    scope: 'alerts:write',
    params: z.object({ id }),
    body: z.strictObject({
      status: z.enum(STATUSES).optional(),
      verdict: z.enum(VERDICTS).optional(),
      assignee: z.union([line, z.null()]).optional().describe('null: nobody.'),
    }),
    answer: alert,
    audited: true,
  },
  commentAlert: {
    method: 'post',
    path: '/alerts/{id}/comments',
    tag: 'Alerts',
    summary: 'Add a comment; saved at once.',
    roles: DECIDERS,
    scope: 'alerts:write',
    params: z.object({ id }),
    body: z.strictObject({ text: z.string().trim().min(1).max(4_000) }),
    status: 201,
    answer: z.object({ thread: z.array(comment) }),
    audited: true,
  },
});
