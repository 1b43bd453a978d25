const FIRST_MS = 5_000;
const LONGEST_MS = 900_000;
/** How long a message is tried, from the time it tells of. */
export const TRIED_FOR_MS = 86_400_000;

/**
 * The pause before the next attempt: 5 s, doubled each time up to 15 min, half of it by chance, so that what failed together
 * does not come again together.
 *
 * @param attempt that failed, from 1
 * @param random from 0 to 1
 */
export function pauseAfterMs(attempt: number, random: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(fullMs * (0.5 + random / 2));
}
