import { readDatedStamp } from '../time/stamps.js';
import type { WallClock } from '../time/wall-clock.js';
import type { W3cValues } from './columns.js';

const DAY_MS = 86_400_000;
const HALF_A_DAY_MS = DAY_MS / 2;

/**
 * When the lines of one W3C log were written: `date time`, in UTC. Old logs have `time` alone: the day is that of the last
 * `#Date:`, or the next ones where the clock went round since.
 */
export class W3cStamps {
  #dayMs = Number.NaN;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Takes note of `#Date: 2026-11-22 07:00:00`; other directives say nothing of the time. */
  directive(raw: string): void {
    const date = /^#Date: (\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d/.exec(raw)?.[1];
    if (date === undefined) return;
    this.#dayMs = Date.parse(`${date}T00:00:00Z`);
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  /** Milliseconds since 1970 UTC; -1 when the line does not say. */
  read(clock: WallClock, values: W3cValues): number {
    const date = values.get('date');
    const time = values.get('time');
    if (time === undefined || !/^\d\d:\d\d:\d\d(?:\.\d{1,6})?$/.test(time)) return -1;
    if (date !== undefined) {
      const timeMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T${time}Z`) : Number.NaN;
      return Number.isNaN(timeMs) ? -1 : clock.at(timeMs);
    }
    const ofDayMs = Date.parse(`1970-01-01T${time}Z`);
    if (Number.isNaN(ofDayMs) || Number.isNaN(this.#dayMs)) return -1;
    if (this.#dayMs + ofDayMs < this.#lastMs - HALF_A_DAY_MS) this.#dayMs += DAY_MS;
    this.#lastMs = this.#dayMs + ofDayMs;
    return clock.at(this.#lastMs);
  }
}

/** `date time` of a log in local time, which is that of the clock's zone; -1 when the line does not say. */
export function readLocalStamp(clock: WallClock, values: W3cValues): number {
  const stamp = `${values.get('date')} ${values.get('time')}`;
  return stamp.length === 19 ? readDatedStamp(clock, stamp, 0) : -1;
}
