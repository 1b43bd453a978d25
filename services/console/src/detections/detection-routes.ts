import { z } from 'zod';
import { defineRoutes, READERS } from '../api/route.js';

export const DETECTION_ROUTES = defineRoutes({
  listRules: {
    method: 'get',
    path: '/rules',
    tag: 'Rules and policies',
    summary: 'Rules in force, correlations included.',
    roles: READERS,
    scope: 'system:read',
    answer: z.object({
      generation: z.int().describe('Grows when changed files are taken up.'),
      refusal: z.string().optional().describe('Why the files as they are now are not in force.'),
      rules: z.array(
        z.object({
          name: z.string(),
          id: z.string(),
          type: z.string().describe('`rule`, or the type of the correlation.'),
          title: z.string(),
          level: z.string(),
          tags: z.array(z.string()),
          description: z.string().optional(),
          alerts: z.boolean().describe('Whether it makes alerts of its own.'),
          threshold: z.int().optional(),
          windowMs: z.int().optional(),
          groupBy: z.array(z.string()).optional(),
          rules: z.array(z.string()).optional().describe('Those that a correlation refers to.'),
        }),
      ),
    }),
  },
  listPolicies: {
    method: 'get',
    path: '/policies',
    tag: 'Rules and policies',
    summary: 'What alerts lead to; the first that matches decides.',
    roles: READERS,
    scope: 'system:read',
    answer: z.object({
      policies: z.array(
        z.object({
          name: z.string(),
          match: z.object({
            rules: z.array(z.string()).optional(),
            tags: z.array(z.string()).optional(),
            levels: z.array(z.string()).optional(),
          }),
          block: z.enum(['source.ip', 'contributors', 'none']),
          scope: z.enum(['fleet', 'tenant', 'host']),
          durationsMs: z.array(z.int()),
          dryRun: z.boolean(),
          cutSessions: z.boolean(),
        }),
      ),
    }),
  },
});
