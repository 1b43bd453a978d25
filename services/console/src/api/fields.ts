import { timeSpanOf } from '@fleetwall/query';
import { z } from 'zod';

/** Fields that many endpoints share. Limits are those of the stores, or lower. */

/** A time as the API answers it. */
export const isoTime = z.iso.datetime().describe('ISO 8601 in UTC, with milliseconds.');

/** A time as people and links give it. */
export const givenTime = z
  .string()
  .max(40)
  .refine((text) => timeSpanOf(text, 0) !== undefined, 'is no time: write now-7d, 2026-11-22 or ISO 8601')
  .describe('ISO 8601, a day in UTC, or relative: now-24h (s, m, h, d, w).');

/** From when to when; the last 24 hours when absent. */
export const range = {
  from: givenTime.default('now-24h'),
  to: givenTime.default('now'),
};

export const cursor = z.string().min(1).max(2_000).optional().describe('Opaque, from the page before.');

/** @param most that a page may hold */
export function pageSize(most: number, usual: number) {
  return z.coerce.number().int().min(1).max(most).default(usual);
}

/** One line that a person wrote. */
export const line = z.string().trim().min(1).max(500);

export const queryText = z
  .string()
  .max(10_000)
  .default('')
  .describe('The query language of docs/specs/query.md; empty: everything.');

export const addressText = z
  .string()
  .trim()
  .min(2)
  .max(80)
  .describe('An address, or a network such as 198.51.100.0/24.');

export const id = z.string().min(1).max(512);

export const nextCursor = z.string().optional().describe('Absent on the last page.');
