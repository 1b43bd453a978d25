import { digitsEnd, numberBetween } from '../scan.js';
import { MONTHS, readOffset, type WallClock } from './wall-clock.js';

/**
 * Timestamps of logs that are no syslog. Each reads the one that begins at `start` and answers milliseconds since 1970
 * UTC, or -1 when there is none there; `clock.end` is then where it stopped. What names no zone is read in the clock's.
 */

/** `22/Nov/2026:07:00:00 +0000`: the Common Log Format of Apache and its like (strftime `%d/%b/%Y:%H:%M:%S %z`). */
export function readClfStamp(clock: WallClock, text: string, start: number): number {
  if (text[start + 2] !== '/' || text[start + 6] !== '/' || text[start + 20] !== ' ') return -1;
  const sign = text[start + 21];
  return sign === '+' || sign === '-' ? readDayFirstStamp(clock, text, start, start + 21) : -1;
}

/**
 * `22/Nov/2026 07:00:00[.123]` with any separators, as BIND, Kerio and Roundcube have it.
 *
 * @param offsetStart where `+0000` stands; absent: the clock's zone holds
 */
export function readDayFirstStamp(clock: WallClock, text: string, start: number, offsetStart?: number): number {
  const day = numberBetween(text, start, start + 2, 2);
  const month = MONTHS[text.slice(start + 3, start + 6)] ?? -1;
  const year = numberBetween(text, start + 7, start + 11, 4);
  const timeStart = start + 11;
  if (offsetStart === undefined) {
    return clock.readWall(text, { year, month, day, timeStart, end: fractionEnd(text, start + 20) });
  }
  const end = offsetStart + 5;
  const offsetMs = readOffset(text, offsetStart, end);
  return offsetMs === undefined ? -1 : clock.readWall(text, { year, month, day, timeStart, end, offsetMs });
}

/** `2026/11/22 07:00:00`, as nginx' error log and others have it; also `2026-11-22 07:00:00` and with a fraction. */
export function readDatedStamp(clock: WallClock, text: string, start: number): number {
  const separator = text[start + 4];
  if ((separator !== '/' && separator !== '-' && separator !== '.') || text[start + 7] !== separator) return -1;
  const month = numberBetween(text, start + 5, start + 7, 2) - 1;
  const year = numberBetween(text, start, start + 4, 4);
  const day = numberBetween(text, start + 8, start + 10, 2);
  return clock.readWall(text, { year, month, day, timeStart: start + 10, end: fractionEnd(text, start + 19) });
}

/** `Sun Nov 22 07:00:00[.123456] 2026`: asctime(3), as Apache's error log and vsftpd have it; the day may be ` 2`. */
export function readAsctimeStamp(clock: WallClock, text: string, start: number): number {
  const month = MONTHS[text.slice(start + 4, start + 7)];
  if (month === undefined || text[start + 3] !== ' ' || text[start + 7] !== ' ') return -1;
  const dayStart = text[start + 8] === ' ' ? start + 9 : start + 8;
  const day = numberBetween(text, dayStart, start + 10, 2);
  const yearStart = fractionEnd(text, start + 19) + 1;
  const year = text[yearStart - 1] === ' ' ? numberBetween(text, yearStart, yearStart + 4, 4) : -1;
  const time = clock.readWall(text, { year, month, day, timeStart: start + 10, end: yearStart - 1 });
  clock.end = yearStart + 4;
  return time;
}

/** The index after `.123456` or `,123` at `at`; `at` when there is no fraction. */
function fractionEnd(text: string, at: number): number {
  const mark = text[at];
  return mark === '.' || mark === ',' ? digitsEnd(text, at + 1) : at;
}
