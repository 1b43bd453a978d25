import { z } from 'zod';
import { LEVELS } from '../alerts/alert-routes.js';
import { isoTime } from '../api/fields.js';
import { defineRoutes } from '../api/route.js';

const period = z.enum(['daily', 'weekly']);

const delivery = z.object({
  at: isoTime,
  key: z.string().describe('The same in the message itself, and in the audit log.'),
  type: z.enum(['news', 'summary', 'test']),
  about: z.string(),
  outcome: z.enum(['delivered', 'retried', 'given-up']),
  attempt: z.int(),
  response: z.string().describe('What the far side said, or why it could not be asked.'),
});

const channel = z.object({
  name: z.string(),
  type: z.enum(['mail', 'webhook', 'slack', 'teams', 'pagerduty']),
  about: z.string(),
  tenant: z.string().optional().describe('All tenants when absent.'),
  level: z.enum(LEVELS),
  kinds: z.array(z.enum(['alert', 'alert-ended', 'block', 'block-ended'])),
  windowSeconds: z.int(),
  to: z.array(z.string()).optional().describe('Recipients of mail.'),
  collected: z.int().describe('Alerts and blocks that the next message tells of.'),
  collectedUntil: isoTime.optional().describe('When that goes, at the latest.'),
  waiting: z.int().describe('Messages that wait or are under way.'),
  nextAttempt: isoTime.optional().describe('Of a message that was not taken.'),
  summaries: z.array(z.object({ period, next: isoTime })),
  lastDelivered: isoTime.optional().describe('Of the deliveries that are kept.'),
  deliveries: z.array(delivery).describe('At most 20, newest first; all of them are in the audit log.'),
  givenUp: z.int().describe('Messages that were given up, ever; they lie with the dead letters.'),
});

const name = z.object({ name: z.string().min(1).max(63) });
const queued = z.object({ key: z.string().describe('Of the message, which goes within seconds.') });

export const REPORT_ROUTES = defineRoutes({
  listChannels: {
    method: 'get',
    path: '/reports/channels',
    tag: 'Reports',
    summary: 'Who is told what: next run, last deliveries, what waits. A tenant has its own channels.',
    roles: ['administrator'],
    scope: 'system:read',
    answer: z.object({ channels: z.array(channel) }),
  },
  testChannel: {
    method: 'post',
    path: '/reports/channels/{name}/test',
    tag: 'Reports',
    summary: 'Send a test message.',
    roles: ['administrator'],
    params: name,
    answer: queued,
    audited: true,
  },
  sendSummary: {
    method: 'post',
    path: '/reports/channels/{name}/summaries/{period}',
    tag: 'Reports',
    summary: 'Send the summary of the last day or week that is over, once more.',
    roles: ['administrator'],
    params: name.extend({ period }),
    answer: queued,
    audited: true,
  },
});
