import { z } from 'zod';
import { givenTime, id, isoTime, line, queryText } from '../api/fields.js';
import { defineRoutes, READERS } from '../api/route.js';

const kept = {
  query: queryText,
  from: givenTime.describe('As it was given: now-24h stays relative.'),
  to: givenTime,
  columns: z.string().max(1_000).default('').describe('Names of fields, with commas.'),
};

const savedSearch = z.object({
  id: z.string(),
  name: z.string().optional().describe('Absent: only a link to a query too long for an address.'),
  ...kept,
  query: z.string(),
  columns: z.string(),
  owner: z.string(),
  isShared: z.boolean().describe('With everybody of the same tenant.'),
  created: isoTime,
});

export const SEARCH_ROUTES = defineRoutes({
  listSearches: {
    method: 'get',
    path: '/searches',
    tag: 'Searches',
    summary: 'Saved searches: your own, and what others of your tenant share. In order of name.',
    roles: READERS,
    answer: z.object({ searches: z.array(savedSearch) }),
  },
  getSearch: {
    method: 'get',
    path: '/searches/{id}',
    tag: 'Searches',
    summary: 'One saved search, or the link to a query.',
    roles: READERS,
    params: z.object({ id }),
    answer: savedSearch,
  },
  saveSearch: {
    method: 'post',
    path: '/searches',
    tag: 'Searches',
    summary: 'Save a search under a name; without a name, make a link that everybody of the tenant can follow.',
    roles: READERS,
    body: z.strictObject({ name: line.max(100).optional(), ...kept, isShared: z.boolean().default(false) }),
    status: 201,
    answer: savedSearch,
    audited: true,
  },
  deleteSearch: {
    method: 'delete',
    path: '/searches/{id}',
    tag: 'Searches',
    summary: 'Remove a saved search of your own; an administrator also removes what others share.',
    roles: READERS,
    params: z.object({ id }),
    status: 204,
    audited: true,
  },
});
