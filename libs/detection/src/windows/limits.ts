import { windowsError } from './errors.js';
import type { WindowOptions } from './windows.js';

const DAY_MS = 86_400_000;
/** Times are kept modulo 2^32 ms, which tells 24.8 days back apart; what is left is time to sweep in. */
export const MAX_REACH_MS = 24 * DAY_MS;
/** A sender's clock may be ahead of the ingest clock by so much; windows count an attempt further ahead as this far ahead. */
export const MAX_AHEAD_MS = 300_000;

/** Refuses options that windows cannot be exact with. */
export function checkOptions(options: WindowOptions): void {
  const { threshold, windowMs, latenessMs, maxBytes, seed } = options;
  const check = (good: boolean, option: string, value: number, reason: string) => {
    if (!good) throw windowsError('WINDOWS_OPTIONS_INVALID', { option, value, reason });
  };
  const whole = Number.isSafeInteger;
  check(whole(threshold) && threshold >= 2 && threshold <= 1000, 'threshold', threshold, 'it must be 2 to 1,000');
  check(whole(windowMs) && windowMs >= 1, 'windowMs', windowMs, 'it must be a positive number of milliseconds');
  check(whole(latenessMs) && latenessMs >= 0, 'latenessMs', latenessMs, 'it must be a number of milliseconds');
  const reachMs = windowMs + latenessMs;
  check(reachMs <= MAX_REACH_MS, 'windowMs + latenessMs', reachMs, 'it must not be more than 24 days');
  check(maxBytes > 0, 'maxBytes', maxBytes, 'it must be a positive number of bytes');
  check(seed.length === 2 && seed.every(whole), 'seed', seed.length, 'it must be two 32-bit numbers');
}
