import { type Clock, canonicalAddress } from '@fleetwall/core';
import { z } from 'zod';

const MAX_RESULTS = 1_000;
const MAX_AGE_MS = 7 * 86_400_000;
const MAX_AHEAD_MS = 300_000;

/** What an application tells of one logon; see docs/logons.md. */
export function resultSchema(clock: Clock) {
  return z.strictObject({
    user: z.string().max(256).describe('The name that was typed, as it was typed.'),
    address: z
      .string()
      .max(64)
      .transform((text, context) => {
        const address = canonicalAddress(text);
        if (address !== undefined) return address;
        context.addIssue({ code: 'custom', message: 'expected an IP address' });
        return z.NEVER;
      })
      .describe('Peer of the connection: the client, not a proxy of yours.'),
    outcome: z.enum(['success', 'failure']),
    known: z.boolean().optional().describe('Whether there is such an account.'),
    reason: z.string().max(256).optional().describe('Why it failed, in your own words.'),
    session: z.string().max(128).optional().describe('Of the session that began.'),
    id: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('The same for a result that is sent again: it then counts once.'),
    at: z.iso
      .datetime({ offset: true })
      .transform(Date.parse)
      .refine((timeMs) => timeMs >= clock() - MAX_AGE_MS, 'expected a time of the last 7 days')
      .refine((timeMs) => timeMs <= clock() + MAX_AHEAD_MS, 'expected no time in the future')
      .optional()
      .describe('When it was; now when absent.'),
  });
}

export type Result = z.output<ReturnType<typeof resultSchema>>;

/** One result or a list of them. Throws ZodError. */
export function parseResults(body: unknown, clock: Clock): Result[] {
  const one = resultSchema(clock);
  return Array.isArray(body) ? z.array(one).min(1).max(MAX_RESULTS).parse(body) : [one.parse(body)];
}
