const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HALF_YEAR_MS = 183 * DAY_MS;

/** Where the year comes from that RFC 3164 leaves out: the year of a file's first line, or the clock of a live log. */
export type YearRule = { from: number } | { nowMs: () => number };

/**
 * The year of a month and a day that come without one.
 *
 * From a first year: the year goes up when the date steps back by more than half a year (December to January), never
 * for a small step back; a late line of the old year's last two days keeps the old year. By the clock: the latest year
 * that puts the date not more than a day ahead; 29 February then is in the latest leap year.
 */
export class YearFinder {
  readonly #firstYear: number;
  readonly #nowMs: (() => number) | undefined;
  #year: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(rule: YearRule) {
    this.#firstYear = 'from' in rule ? rule.from : 0;
    this.#nowMs = 'from' in rule ? undefined : rule.nowMs;
    this.#year = this.#firstYear;
  }

  /** @param month 0 to 11 @param day 1 to 31 @returns midnight of that day as if in UTC, in milliseconds */
  dayMs(month: number, day: number): number {
    return this.#nowMs === undefined ? this.#following(month, day) : latest(month, day, this.#nowMs());
  }

  /** Answers hold as long as this stays the same: for good with a first year, for an hour by the clock. */
  epoch(): number {
    return this.#nowMs === undefined ? 0 : Math.floor(this.#nowMs() / HOUR_MS);
  }

  #following(month: number, day: number): number {
    const timeMs = Date.UTC(this.#year, month, day);
    if (this.#lastMs - timeMs > HALF_YEAR_MS) {
      this.#year++;
      this.#lastMs = Date.UTC(this.#year, month, day);
      return this.#lastMs;
    }
    const yearBeforeMs = Date.UTC(this.#year - 1, month, day);
    if (this.#year > this.#firstYear && this.#lastMs - yearBeforeMs <= 2 * DAY_MS && timeMs > this.#lastMs)
      return yearBeforeMs;
    this.#lastMs = timeMs;
    return timeMs;
  }
}

function latest(month: number, day: number, nowMs: number): number {
  const year = new Date(nowMs).getUTCFullYear() + 1;
  for (let back = 0; back <= 9; back++) {
    const timeMs = Date.UTC(year - back, month, day);
    if (timeMs <= nowMs + DAY_MS && new Date(timeMs).getUTCMonth() === month) return timeMs;
  }
  return Date.UTC(year - 1, month, day);
}
