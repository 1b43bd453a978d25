import { numberBetween } from '../scan.js';
import { MONTHS, type WallClock } from '../time/wall-clock.js';

const NAMED = /^([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4}) \d\d:\d\d:\d\d$/;

/**
 * Option `logdateformat`: `2026-11-22T07:00:00+00:00` unless somebody says otherwise, in older versions also
 * `November 22, 2026 07:00:00`. Milliseconds since 1970 UTC; -1 for any other.
 */
export function readTime(clock: WallClock, text: string): number {
  const named = NAMED.exec(text);
  if (named === null) return clock.readIso(text, 0);
  const [, month, day, year] = named as unknown as [string, string, string, string];
  return clock.readWall(text, {
    year: numberBetween(year, 0, 4, 4),
    month: MONTHS[month] ?? -1,
    day: numberBetween(day, 0, day.length, 2),
    timeStart: text.length - 9,
    end: text.length,
  });
}
