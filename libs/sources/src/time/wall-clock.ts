import { numberBetween } from '../scan.js';
import { YearFinder, type YearRule } from './year.js';
import { type Zone, zoneOf } from './zone.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const MONTHS: Readonly<Record<string, number>> = {
  Jan: 0,
  Feb: 1,
  Mar: 2,
  Apr: 3,
  May: 4,
  Jun: 5,
  Jul: 6,
  Aug: 7,
  Sep: 8,
  Oct: 9,
  Nov: 10,
  Dec: 11,
};

/** A stamp whose date was read: the clock reads the time of day and makes both one. */
export interface DatedStamp {
  /** Four digits; -1 for none, as any other part that is not there. */
  year: number;
  /** 0 to 11. */
  month: number;
  /** 1 to 31. */
  day: number;
  /** Where `Thh:mm:ss` begins, with whatever character stands for the T; a fraction may follow it. */
  timeStart: number;
  /** Where the stamp ends. */
  end: number;
  /** Wall clock minus UTC, where the stamp says; else the configured zone holds. */
  offsetMs?: number;
}

/**
 * Reads timestamps, one line after the other. The text of the hour that was read last is remembered, since the next
 * line nearly always shares it. `end` is where the last timestamp stopped in its line.
 */
export class WallClock {
  end = 0;
  readonly #zone: Zone;
  readonly #year: YearFinder;
  #lastMs = Number.NEGATIVE_INFINITY;
  #hourText = '';
  #hourMs = 0;
  #hourEpoch = 0;
  #isoHourText = '';
  #isoOffsetText = '';
  #isoHourMs = 0;

  constructor(zone: string, year: YearRule) {
    this.#zone = zoneOf(zone);
    this.#year = new YearFinder(year);
  }

  /** When the hour `Nov  1 12` begins, if it is the one that was read last; milliseconds since 1970 UTC. */
  knownHourMs(hour: string): number | undefined {
    return hour === this.#hourText && this.#year.epoch() === this.#hourEpoch ? this.#hourMs : undefined;
  }

  /** When the hour `2026-11-01T12` of that offset begins, if it is the one that was read last. */
  knownIsoHourMs(hour: string, offset: string): number | undefined {
    return hour === this.#isoHourText && offset === this.#isoOffsetText ? this.#isoHourMs : undefined;
  }

  /** The hour that was read last, `Nov  1 12`; empty when none is known. */
  get hour(): string {
    return this.#hourText;
  }

  /** The same of ISO 8601, `2026-11-01T12`, with its offset and when it begins. */
  get isoHour(): string {
    return this.#isoHourText;
  }

  get isoOffset(): string {
    return this.#isoOffsetText;
  }

  get isoHourMs(): number {
    return this.#isoHourMs;
  }

  /** Takes note of the time of a line that was read by way of a known hour. */
  at(timeMs: number): number {
    this.#lastMs = timeMs;
    return timeMs;
  }

  /** The time of the line read last, for lines that have none of their own; undefined before the first. */
  get lastMs(): number | undefined {
    return this.#lastMs === Number.NEGATIVE_INFINITY ? undefined : this.#lastMs;
  }

  /**
   * `Nov  1 12:00:00`, also `Nov 1 …` and `Nov 01 …`, at `start`. RFC 3164 4.1.2. 23:59:60 is the second after. Also with
   * the year, `Nov  1 2026 12:00:00`, as routers and templates of syslog daemons write it.
   * @returns milliseconds since 1970 UTC, -1 when there is no timestamp
   */
  readBsd(text: string, start: number): number {
    const wide = text.charCodeAt(start + 6) === 32;
    const month = MONTHS[text.slice(start, start + 3)];
    if (month === undefined || text.charCodeAt(start + 3) !== 32) return -1;
    const dayStart = text.charCodeAt(start + 4) === 32 ? start + 5 : start + 4;
    const dayEnd = wide ? start + 6 : start + 5;
    const day = numberBetween(text, dayStart, dayEnd, 2);
    const hour = numberBetween(text, dayEnd + 1, dayEnd + 3, 2);
    const seconds = secondsOf(text, dayEnd + 3);
    if (seconds < 0) return this.#readBsdWithYear(text, { month, day, dayEnd });
    if (day < 1 || day > 31 || hour < 0 || hour > 23 || text.charCodeAt(dayEnd) !== 32) return -1;
    const hourWallMs = this.#year.dayMs(month, day) + hour * HOUR_MS;
    this.#lastMs = this.#zone.toUtcMs(hourWallMs + seconds * SECOND_MS, this.#lastMs);
    this.end = dayEnd + 9;
    if (wide && this.#zone.isUniform(hourWallMs)) {
      this.#hourEpoch = this.#year.epoch();
      this.#hourText = text.slice(start, start + 9);
      this.#hourMs = this.#lastMs - seconds * SECOND_MS;
    }
    return this.#lastMs;
  }

  /**
   * `2026-11-01T12:00:00[.123456][Z|+00:00|+0000]`, also with a space instead of the T. RFC 3339; digits beyond the
   * millisecond are cut. Without an offset the configured zone holds.
   * @returns milliseconds since 1970 UTC, -1 when there is no timestamp
   */
  readIso(text: string, start: number): number {
    const seconds = secondsOf(text, start + 13);
    if (seconds < 0) return -1;
    let at = start + 19;
    let millis = 0;
    const mark = text.charCodeAt(at);
    if (mark === 46 || mark === 44) {
      let weight = 100;
      for (at++; at < text.length; at++) {
        const digit = text.charCodeAt(at) - 48;
        if (digit < 0 || digit > 9) break;
        millis += digit * weight;
        weight = weight > 1 ? weight / 10 : 0;
      }
    }
    const offsetEnd = endOfOffset(text, at);
    return this.#readIsoHour(text, start, seconds * SECOND_MS + millis, at, offsetEnd);
  }

  /**
   * A stamp of another form, whose date was read already; see `stamps.ts`.
   * @returns milliseconds since 1970 UTC, -1 when a part of it is none
   */
  readWall(text: string, { year, month, day, timeStart, end, offsetMs }: DatedStamp): number {
    const hour = numberBetween(text, timeStart + 1, timeStart + 3, 2);
    const seconds = secondsOf(text, timeStart + 3);
    const isDate = year >= 1 && month >= 0 && month <= 11 && day >= 1 && day <= 31;
    if (!isDate || hour < 0 || hour > 23 || seconds < 0) return -1;
    const wallMs = Date.UTC(year, month, day, hour) + seconds * SECOND_MS + millisAt(text, timeStart + 9, end);
    this.end = end;
    return this.at(offsetMs === undefined ? this.#zone.toUtcMs(wallMs, this.#lastMs) : wallMs - offsetMs);
  }

  #readBsdWithYear(text: string, { month, day, dayEnd }: { month: number; day: number; dayEnd: number }): number {
    if (text.charCodeAt(dayEnd) !== 32 || text.charCodeAt(dayEnd + 5) !== 32) return -1;
    const year = numberBetween(text, dayEnd + 1, dayEnd + 5, 4);
    return this.readWall(text, { year, month, day, timeStart: dayEnd + 5, end: dayEnd + 14 });
  }

  #readIsoHour(text: string, start: number, restMs: number, at: number, offsetEnd: number): number {
    const year = numberBetween(text, start, start + 4, 4);
    const month = numberBetween(text, start + 5, start + 7, 2);
    const day = numberBetween(text, start + 8, start + 10, 2);
    const hour = numberBetween(text, start + 11, start + 13, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23) return -1;
    const separator = text.charCodeAt(start + 10);
    if (text.charCodeAt(start + 4) !== 45 || text.charCodeAt(start + 7) !== 45) return -1;
    if (separator !== 84 && separator !== 116 && separator !== 32) return -1;
    const hourWallMs = Date.UTC(year, month - 1, day, hour);
    const offsetMs = readOffset(text, at, offsetEnd);
    this.end = offsetEnd;
    if (offsetMs === undefined) {
      this.#lastMs = this.#zone.toUtcMs(hourWallMs + restMs, this.#lastMs);
      this.#isoHourText = '';
      return this.#lastMs;
    }
    this.#isoHourText = text.slice(start, start + 13);
    this.#isoOffsetText = text.slice(at, offsetEnd);
    this.#isoHourMs = hourWallMs - offsetMs;
    this.#lastMs = this.#isoHourMs + restMs;
    return this.#lastMs;
  }
}

/** `:mm:ss` at `start` as seconds, -1 when it is none. */
function secondsOf(text: string, start: number): number {
  if (text.charCodeAt(start) !== 58 || text.charCodeAt(start + 3) !== 58) return -1;
  const m1 = text.charCodeAt(start + 1) - 48;
  const m2 = text.charCodeAt(start + 2) - 48;
  const s1 = text.charCodeAt(start + 4) - 48;
  const s2 = text.charCodeAt(start + 5) - 48;
  // NaN (beyond the end) fails the comparison, too.
  if (!(m1 >= 0 && m1 <= 5 && m2 >= 0 && m2 <= 9 && s1 >= 0 && s1 <= 6 && s2 >= 0 && s2 <= 9)) return -1;
  return (m1 * 10 + m2) * 60 + s1 * 10 + s2;
}

/** The first three digits of a fraction `.123456` or `,123` at `at`, as milliseconds; 0 when there is none. */
function millisAt(text: string, at: number, end: number): number {
  const mark = text.charCodeAt(at);
  if (mark !== 46 && mark !== 44) return 0;
  const digits = text.slice(at + 1, Math.min(at + 4, end));
  const millis = numberBetween(digits, 0, digits.length, 3);
  return millis < 0 ? 0 : millis * 10 ** (3 - digits.length);
}

/** The index after `Z`, `+hh:mm` or `+hhmm` at `at`; `at` when there is none. */
function endOfOffset(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return at + 1;
  if (sign !== 43 && sign !== 45) return at;
  return text.charCodeAt(at + 3) === 58 ? at + 6 : at + 5;
}

/** Milliseconds to take away for UTC, of `Z`, `+hh:mm` or `+hhmm`; undefined when there is no offset. */
export function readOffset(text: string, at: number, end: number): number | undefined {
  if (end <= at) return undefined;
  if (end === at + 1) return 0;
  const hours = numberBetween(text, at + 1, at + 3, 2);
  const minutes = numberBetween(text, end - 2, end, 2);
  if (hours < 0 || minutes < 0) return undefined;
  return (text.charCodeAt(at) === 45 ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}
