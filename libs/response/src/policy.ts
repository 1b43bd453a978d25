import type { AlertChange } from '@fleetwall/core';
import { z } from 'zod';
import { parseBlockDuration } from './duration.js';

const duration = z.string().transform((text, context) => {
  try {
    return parseBlockDuration(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** What an alert leads to. The first policy that matches an alert decides; files in order of name. */
export const policySchema = z
  .strictObject({
    name: z.string().min(1).describe('Shown with every block it leads to.'),
    match: z
      .strictObject({
        rules: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe('File names (without ending) or Sigma ids of rules.'),
        tags: z.array(z.string().min(1)).min(1).optional().describe('Any of these tags, such as attack.t1110.'),
        levels: z
          .array(z.enum(['informational', 'low', 'medium', 'high', 'critical']))
          .min(1)
          .optional(),
      })
      .refine((match) => Object.keys(match).length > 0, 'match names no rules, tags or levels')
      .describe('Every condition given must hold.'),
    block: z.enum(['source.ip', 'contributors', 'none']).describe('Whom to block; none: alert only.'),
    scope: z.enum(['fleet', 'tenant', 'host']).default('fleet'),
    durations: z
      .array(duration)
      .min(1)
      .default(() => ['2h', '1d', '7d', '30d'].map(parseBlockDuration))
      .describe('For the first offence, the second …; the last one for all that follow.'),
    escalationWindow: duration.default(() => parseBlockDuration('30d')).describe('How long an offence is remembered.'),
    dryRun: z.boolean().default(false).describe('Decide and report, block nothing.'),
    cutSessions: z.boolean().default(false).describe('Block even an address that has a live session on the host.'),
    ports: z
      .enum(['evidence', 'all'])
      .default('evidence')
      .describe(
        'evidence: the ports of the web alone, as long as all evidence is of web applications; all: every port.',
      ),
    breaker: z
      .strictObject({ blocks: z.int().min(1).max(1_000_000), within: duration })
      .default(() => ({ blocks: 2_000, within: parseBlockDuration('10m') }))
      .describe(
        'Most new blocks per rule and tenant in that time; beyond it only the hosts that saw the address block it.',
      ),
  })
  .describe('A policy: which alerts block whom, where and how long.');

export type Policy = z.infer<typeof policySchema>;

export function matchesPolicy(
  { match }: Policy,
  alert: Pick<AlertChange, 'rule' | 'ruleId' | 'tags' | 'level'>,
): boolean {
  if (match.rules && !match.rules.some((rule) => rule === alert.rule || rule === alert.ruleId)) return false;
  if (match.tags && !match.tags.some((tag) => alert.tags.includes(tag))) return false;
  return !match.levels || match.levels.includes(alert.level);
}
