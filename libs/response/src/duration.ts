import { printable } from '@fleetwall/core';
import { responseError } from './errors.js';

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
export const MAX_BLOCK_MS = 365 * 86_400_000;

/** `30m`, `2h`, `7d` in milliseconds, from a second to a year. Throws DURATION_INVALID on anything else. */
export function parseBlockDuration(text: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  const ms = match ? Number(match[1]) * (UNIT_MS[match[2] as string] as number) : Number.NaN;
  if (!(ms >= 1_000 && ms <= MAX_BLOCK_MS)) throw responseError('DURATION_INVALID', { value: printable(text, 40) });
  return ms;
}
