import { readDatedStamp } from '../time/stamps.js';
import type { WallClock } from '../time/wall-clock.js';

/** `1/5/2022 19:04:11 PM`, `19.06.2024 01:03:09`, `2026-11-22 7:00:00`: date and time as Windows prints them for the user. */
const STAMP =
  /^(\d{1,4})([./-]) ?(\d{1,2})[./-] ?(\d{1,4})\.? (\d{1,2}):(\d\d):(\d\d)(?: ?([AP])\.?M\.?| [\p{L}.]{1,6})?$/iu;

type Order = 'day-first' | 'month-first';

/** Reads the stamps of one log, all in the zone and the language of its host. */
export class LocalStamps {
  /** Which of day and month comes first, once a day beyond the 12th has told. */
  #proven: Order | undefined;

  /** Milliseconds since 1970 UTC; -1 when the text is no date and time. */
  read(clock: WallClock, text: string): number {
    const [, first = '', separator, second = '', third = '', hour = '', minutes, seconds, half] =
      STAMP.exec(text) ?? [];
    if (first.length === 3 || (first.length <= 2 && third.length !== 4)) return -1;
    const [year, month, day] =
      first.length === 4
        ? [first, second, third]
        : this.#order(Number(first), Number(second), separator, half) === 'day-first'
          ? [third, second, first]
          : [third, first, second];
    const time = `${two(hourOf(Number(hour), half))}:${minutes}:${seconds}`;
    return readDatedStamp(clock, `${year}-${two(Number(month))}-${two(Number(day))} ${time}`, 0);
  }

  /** Where nothing has told yet: points are day first, a half of the day is American, anything else day first. */
  #order(first: number, second: number, separator: string | undefined, half: string | undefined): Order {
    if (first > 12) this.#proven = 'day-first';
    else if (second > 12) this.#proven = 'month-first';
    return this.#proven ?? (separator === '/' && half !== undefined ? 'month-first' : 'day-first');
  }
}

/** FileZilla prints `PM` beside the hours of a whole day, too. */
function hourOf(hour: number, half: string | undefined): number {
  if (half?.toUpperCase() === 'P') return hour < 12 ? hour + 12 : hour;
  return half !== undefined && hour === 12 ? 0 : hour;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
