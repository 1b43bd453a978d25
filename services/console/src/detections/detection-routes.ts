import { z } from 'zod';
import { isoTime, line } from '../api/fields.js';
import { DECIDERS, defineRoutes, READERS } from '../api/route.js';
import { event } from '../events/event-routes.js';

const MODES = ['on', 'dry-run', 'off'] as const;

const policy = z.object({
  name: z.string(),
  match: z.object({
    rules: z.array(z.string()).optional(),
    tags: z.array(z.string()).optional(),
    levels: z.array(z.string()).optional(),
  }),
  block: z.enum(['source.ip', 'contributors', 'none']),
  scope: z.enum(['fleet', 'tenant', 'host']),
  durationsMs: z.array(z.int()).describe('Of the first offence, the second …; the last for all that follow.'),
  escalationWindowMs: z.int(),
  dryRun: z.boolean(),
  cutSessions: z.boolean(),
  ports: z
    .enum(['evidence', 'all'])
    .describe("`evidence`: the web's ports alone, as long as all evidence is of web applications."),
  breaker: z.object({ blocks: z.int(), withinMs: z.int() }),
});

const rule = z.object({
  name: z.string(),
  id: z.string(),
  type: z.string().describe('`rule`, or the type of the correlation.'),
  title: z.string(),
  level: z.string(),
  tags: z.array(z.string()),
  description: z.string().optional(),
  falsepositives: z.array(z.string()).optional(),
  alerts: z.boolean().describe('Whether its file says that it makes alerts of its own.'),
  mode: z
    .enum(MODES)
    .describe('`dry-run`: its alerts block nobody, what would be is reported. `off`: it makes no alerts either.'),
  switched: z.object({ by: z.string(), at: isoTime, comment: z.string() }).optional(),
  threshold: z.int().optional(),
  windowMs: z.int().optional(),
  latenessMs: z.int().optional(),
  groupBy: z.array(z.string()).optional(),
  field: z.string().optional().describe('Whose distinct values are counted.'),
  rules: z.array(z.string()).optional().describe('Those that a correlation refers to.'),
  follows: policy.optional().describe('What its alerts lead to; absent: no policy is for it.'),
});

const item = z.object({
  field: z.string().describe('As the rule writes it; empty for keywords.'),
  wanted: z.string().describe('As the rule writes it, in JSON.'),
  actual: z.string().optional().describe('What the event has, in JSON; absent: no such field.'),
  holds: z.boolean(),
});

const judged = z.object({
  rule: z.string(),
  title: z.string(),
  matches: z.boolean(),
  logsource: z.array(item),
  selections: z.array(
    z.object({
      name: z.string(),
      holds: z.boolean(),
      alternatives: z.array(z.array(item)).describe('It holds when all items of one of them do.'),
    }),
  ),
  conditions: z.array(z.string()),
});

const texts = z.record(z.string(), z.string());

const TAG = 'Rules and policies';
const named = z.object({ name: z.string().min(1).max(200) });

export const DETECTION_ROUTES = defineRoutes({
  listRules: {
    method: 'get',
    path: '/rules',
    tag: TAG,
    summary: 'Rules as this process read them, correlations included: what each leads to, and what people made of it.',
    roles: READERS,
    scope: 'system:read',
    answer: z.object({
      generation: z.int().describe('Grows when changed files are taken up.'),
      refusal: z
        .string()
        .optional()
        .describe('Why the files as they are now are not in force: file:line:column first.'),
      rules: z.array(rule),
    }),
  },
  getRule: {
    method: 'get',
    path: '/rules/{name}',
    tag: TAG,
    summary: 'One rule with its file.',
    roles: READERS,
    isFleetWide: true,
    scope: 'system:read',
    params: named,
    answer: rule.extend({
      file: z.object({ path: z.string(), line: z.int() }),
      yaml: z.string().optional().describe('The whole file, as it was taken up; absent where that is not known.'),
    }),
  },
  testRules: {
    method: 'post',
    path: '/rules/test',
    tag: TAG,
    summary: 'Which rules match pasted log lines, Windows records or events, and why others do not. Nothing is kept.',
    roles: DECIDERS,
    isFleetWide: true,
    scope: 'system:read',
    body: z.strictObject({
      text: z.string().min(1).max(60_000).describe('At most 20 lines, records (XML) or ECS events (JSON) are read.'),
      rule: z.string().max(200).optional().describe('Asks about this rule alone, or those that a correlation counts.'),
      zone: z.string().max(60).default('UTC').describe('Of stamps that name none.'),
    }),
    status: 200,
    answer: z.object({
      pieces: z.array(
        z.object({
          text: z.string(),
          unparsed: z.string().optional().describe('Why it gives no event.'),
          program: z.string().optional(),
          source: z.string().optional().describe('Who read it (event.module).'),
          event: event.optional(),
          matched: z.array(judged).optional(),
          missed: z.array(judged).optional().describe('Those that come nearest, at most 8.'),
          missedCount: z.int().optional(),
          counted: z
            .array(z.object({ rule: z.string(), step: z.string(), key: texts, values: texts.optional() }))
            .optional()
            .describe('What the event counts for, under which key.'),
          notCounted: z
            .array(z.object({ rule: z.string(), missing: z.array(z.string()) }))
            .optional()
            .describe('Correlations over a rule that matches, and the fields that they miss.'),
        }),
      ),
    }),
  },
  switchRule: {
    method: 'put',
    path: '/rules/{name}/mode',
    tag: TAG,
    summary:
      'Switch a rule off, to a dry run, or on again, on every instance. Kept apart from its file, until it is switched again.',
    roles: ['administrator'],
    isFleetWide: true,
    params: named,
    body: z.strictObject({ mode: z.enum(MODES), comment: line }),
    answer: rule,
    audited: true,
  },
  listPolicies: {
    method: 'get',
    path: '/policies',
    tag: TAG,
    summary: 'What alerts lead to; the first that matches decides.',
    roles: READERS,
    scope: 'system:read',
    answer: z.object({ policies: z.array(policy) }),
  },
});
