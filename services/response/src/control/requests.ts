import { canonicalTarget } from '@fleetwall/core';
import { exemptTarget, parseBlockDuration } from '@fleetwall/response';
import { z } from 'zod';
import { controlError } from './errors.js';

const text = z.string().trim().min(1).max(500);

export const blockBody = z.strictObject({
  target: text,
  duration: z.string().default('2h'),
  host: text.optional(),
  webOnly: z.boolean().default(false),
  by: text.default('local administrator'),
  comment: text.default('by hand'),
});

export const unblockBody = z.strictObject({
  target: text,
  by: text.default('local administrator'),
  comment: text.default('by hand'),
});

export const entryBody = z.strictObject({
  target: text,
  reason: text,
  owner: text.default('local administrator'),
  duration: z.string().optional(),
});

export const sessionsQuery = z.strictObject({ who: text.optional(), since: z.string().default('7d') });

export const armBody = z.strictObject({ by: text.default('local administrator') });

/** Parses a body; throws REQUEST_INVALID that names the field. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw controlError('REQUEST_INVALID', { reason: `${issue?.path.join('.') || 'body'}: ${issue?.message}` });
}

/** Checked at the edge, so that a wrong address is told at once and not from the log. */
export function parseTarget(target: string): string {
  return canonicalTarget(target);
}

/** The canonical target of an entry of the allowlist. Throws ADDRESS_INVALID or ALLOW_REFUSED. */
export function parseAllowed(target: string): string {
  exemptTarget(target, '');
  return canonicalTarget(target);
}

/** What an entry of a list is to say. Throws REQUEST_INVALID, DURATION_INVALID. */
export function parseEntry(body: unknown) {
  const { target, reason, owner, duration } = parseBody(entryBody, body);
  return { target, entry: { reason, owner }, durationMs: duration === undefined ? undefined : parseDuration(duration) };
}

export function parseDuration(duration: string): number {
  return parseBlockDuration(duration);
}
