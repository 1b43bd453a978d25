import type { z } from 'zod';
import { consoleError } from './errors.js';

/** What a schema makes of an input. Throws INPUT_INVALID that names the field. */
export function parsed<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const reason = (issue?.message ?? 'is wrong').replace(/\.$/, '');
  throw consoleError('INPUT_INVALID', { field: issue?.path.join('.') || 'input', reason });
}
