import { z } from 'zod';
import { cursor, id, isoTime, nextCursor, pageSize, queryText, range } from '../api/fields.js';
import { defineRoutes, READERS } from '../api/route.js';
import { FIELD_TYPES } from './event-fields.js';

/** ECS, flat dotted keys; dates as ISO 8601. */
export const event = z
  .looseObject({
    '@timestamp': isoTime,
    'event.original': z.string(),
    'event.action': z.string(),
    'host.name': z.string(),
  })
  .describe('One ECS document with flat dotted keys.');

const search = { query: queryText, ...range };
const fieldName = z.string().regex(/^[@a-zA-Z][\w.@-]{0,127}$/, 'is no name of a field');
const valueCounts = z.array(z.object({ value: z.string(), count: z.int() }));
const missingDays = z
  .array(z.string())
  .describe('UTC days of the range that can be read only in part: what was stored of them is damaged.');
const order = z.enum(['newest', 'oldest']).default('newest');

export const EVENT_ROUTES = defineRoutes({
  searchEvents: {
    method: 'get',
    path: '/events',
    tag: 'Events',
    summary: 'Events that a query finds, a page at a time.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({ ...search, order, cursor, limit: pageSize(1_000, 100) }),
    answer: z.object({ events: z.array(event), missingDays, cursor: nextCursor }),
  },
  countEvents: {
    method: 'get',
    path: '/events/histogram',
    tag: 'Events',
    summary: 'Events per bucket over the whole range, and how many in all. Empty buckets are left out.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({ ...search, buckets: z.coerce.number().int().min(1).max(500).default(60) }),
    answer: z.object({
      from: isoTime,
      to: isoTime,
      bucketMs: z.int(),
      total: z.int(),
      missingDays,
      buckets: z.array(z.object({ start: isoTime, count: z.int() })),
    }),
  },
  topValues: {
    method: 'get',
    path: '/events/top',
    tag: 'Events',
    summary: 'The most frequent values of a field.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({
      ...search,
      field: fieldName,
      limit: pageSize(100, 10),
    }),
    answer: z.object({ field: z.string(), values: valueCounts }),
  },
  listFields: {
    method: 'get',
    path: '/events/fields',
    tag: 'Events',
    summary: 'Fields of events that people search by, the most useful first.',
    roles: READERS,
    scope: 'events:read',
    answer: z.object({
      fields: z.array(z.object({ field: z.string(), type: z.enum(FIELD_TYPES), meaning: z.string() })),
    }),
  },
  completeValue: {
    method: 'get',
    path: '/events/values',
    tag: 'Events',
    summary:
      'Values of a field that begin with what is written, the most frequent first; none longer than 500 characters.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({
      ...search,
      field: fieldName,
      prefix: z.string().max(200).default(''),
      limit: pageSize(50, 10),
    }),
    answer: z.object({
      field: z.string(),
      values: valueCounts,
      isNarrowed: z.boolean().describe('False: the query cannot be read, and the values are those of the whole range.'),
    }),
  },
  tailEvents: {
    method: 'get',
    path: '/events/tail',
    tag: 'Events',
    summary:
      'Events that arrived since the cursor, whatever time of the last 24 hours they are of; without a cursor it begins now. One may come twice, none of those that were stored within a minute of their arrival is left out unless isCut says so.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({ query: queryText, cursor }),
    answer: z.object({
      at: isoTime.describe('By the clock of the centre, as event.ingested.'),
      from: isoTime.describe('Older events are not followed.'),
      events: z.array(event).describe('At most 1,000, newest first.'),
      isCut: z.boolean().describe('More arrived than are told of.'),
      cursor: z.string(),
    }),
  },
  exportEvents: {
    method: 'get',
    path: '/events/export',
    tag: 'Events',
    summary:
      'Every event that a query finds, as a file. It ends with a row or a line that says it is complete; one that ends without is not.',
    roles: READERS,
    scope: 'events:read',
    query: z.strictObject({ ...search, order, format: z.enum(['ndjson', 'csv']).default('ndjson') }),
    streams: ['application/x-ndjson', 'text/csv'],
    audited: true,
  },
  getEvent: {
    method: 'get',
    path: '/events/{id}',
    tag: 'Events',
    summary: 'One event.',
    roles: READERS,
    scope: 'events:read',
    params: z.object({ id }),
    answer: event,
  },
  surroundingEvents: {
    method: 'get',
    path: '/events/{id}/surrounding',
    tag: 'Events',
    summary: 'What the same host wrote around an event, oldest first, the event itself among it.',
    roles: READERS,
    scope: 'events:read',
    params: z.object({ id }),
    query: z.strictObject({
      minutes: z.coerce.number().min(0.1).max(60).default(5).describe('To each side.'),
      limit: pageSize(500, 50),
    }),
    answer: z.object({ events: z.array(event), isCut: z.boolean().describe('There are more within these minutes.') }),
  },
});
