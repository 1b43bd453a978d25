import { ascii, standsAt } from '../bytes.js';
import type { WallClock } from '../time/wall-clock.js';

/**
 * Reads the headers of `plain.ts` from bytes, to the same result, where the hour is the one that was read last. Byte by
 * byte and without a new object: of the lines that are only looked at, this is most of the cost.
 */
export class HeaderScan {
  timeMs = 0;
  pid: number | undefined = undefined;
  /** Offsets of the line, and in it. */
  start = 0;
  hostStart = 0;
  hostEnd = 0;
  programStart = 0;
  programEnd = 0;
  messageStart = 0;
  readonly #clock: WallClock;
  #hour = new Hour('');
  #isoHour = new Hour('');
  #isoOffset = new Hour('');

  constructor(clock: WallClock) {
    this.#clock = clock;
  }

  /** Whether `[start, end)` begins with a plain header of the known hour. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const first = bytes[start] as number;
    const isIso = first >= DIGIT_0 && first <= DIGIT_9;
    const hostStart = isIso ? this.#readIsoTime(bytes, start, end) : this.#readBsdTime(bytes, start, end);
    if (hostStart < 0) return false;
    const hostEnd = wordEnd(bytes, hostStart, end);
    if (hostEnd <= hostStart || hostEnd >= end || bytes[hostEnd - 1] === COLON) return false;
    this.hostStart = hostStart;
    this.hostEnd = hostEnd;
    this.start = start;
    return this.#readTag(bytes, hostEnd + 1, end);
  }

  /** `PROGRAM[PID]: ` after the host; then all is certain, and the time is taken note of. */
  #readTag(bytes: Uint8Array, start: number, end: number): boolean {
    let at = nameEnd(bytes, start, end);
    if (at === start) return false;
    this.programStart = start;
    this.programEnd = at;
    this.pid = undefined;
    if (bytes[at] === BRACKET) {
      const digits = ++at;
      let pid = 0;
      let digit = (bytes[at] as number) - DIGIT_0;
      while (digit >= 0 && digit <= 9) {
        pid = pid * 10 + digit;
        digit = (bytes[++at] as number) - DIGIT_0;
      }
      if (at === digits || at - digits > 10 || bytes[at] !== BRACKET_END) return false;
      this.pid = pid;
      at++;
    }
    if (at + 2 > end || bytes[at] !== COLON || bytes[at + 1] !== SPACE) return false;
    this.#clock.at(this.timeMs);
    this.messageStart = at + 2;
    return true;
  }

  /** `2026-11-01T12:00:00.123456+00:00 `. @returns where the host begins, or -1 */
  #readIsoTime(bytes: Uint8Array, start: number, end: number): number {
    const { isoHour, isoOffset, isoHourMs } = this.#clock;
    if (this.#isoHour.text !== isoHour) this.#isoHour = new Hour(isoHour);
    if (this.#isoOffset.text !== isoOffset) this.#isoOffset = new Hour(isoOffset);
    const seconds = minutesAndSeconds(bytes, start + 13, end);
    if (seconds < 0 || isoHour.length !== 13 || !standsAt(bytes, this.#isoHour.bytes, start)) return -1;
    let at = start + 19;
    let millis = 0;
    if (bytes[at] === DOT) {
      const digits = ++at;
      let weight = 100;
      let digit = (bytes[at] as number) - DIGIT_0;
      while (digit >= 0 && digit <= 9) {
        millis += digit * weight;
        weight = weight === 100 ? 10 : weight === 10 ? 1 : 0;
        digit = (bytes[++at] as number) - DIGIT_0;
      }
      if (at === digits || at - digits > 9) return -1;
    }
    if (!standsAt(bytes, this.#isoOffset.bytes, at)) return -1;
    at += isoOffset.length;
    if (bytes[at] !== SPACE) return -1;
    this.timeMs = isoHourMs + seconds * 1000 + millis;
    return at + 1;
  }

  /** `Nov  1 12:00:00 `. @returns where the host begins, or -1 */
  #readBsdTime(bytes: Uint8Array, start: number, end: number): number {
    const clock = this.#clock;
    const { hour } = clock;
    if (this.#hour.text !== hour) this.#hour = new Hour(hour);
    const seconds = minutesAndSeconds(bytes, start + 9, end);
    if (seconds < 0 || hour.length !== 9 || !standsAt(bytes, this.#hour.bytes, start)) return -1;
    const hourMs = clock.knownHourMs(hour);
    if (hourMs === undefined || bytes[start + 15] !== SPACE) return -1;
    this.timeMs = hourMs + seconds * 1000;
    return start + 16;
  }
}

/** The text of an hour (or an offset) of the clock, and the same to compare with. */
class Hour {
  readonly bytes: Uint8Array;

  constructor(readonly text: string) {
    this.bytes = ascii(text);
  }
}

const SPACE = 32;
const DOT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const COLON = 58;
const BRACKET = 91;
const BRACKET_END = 93;

/** The offset after the ASCII word without brackets that begins at `start`; -1 when it is none. */
function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === SPACE) return at;
    if (byte === BRACKET || byte === BRACKET_END || byte >= 128) return -1;
  }
  return -1;
}

/** The offset after `[A-Za-z][\w.-]*`; `start` when there is none. */
function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (NAME[bytes[at] as number] as number) > (at === start ? 1 : 0)) at++;
  return at;
}

/** 2 for letters, 1 for what else a program's name may have in it. */
const NAME = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') NAME[letter.charCodeAt(0)] = 2;
for (const other of '0123456789_.-') NAME[other.charCodeAt(0)] = 1;

/** `:mm:ss` at `at` in seconds, or -1. */
function minutesAndSeconds(bytes: Uint8Array, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== COLON || bytes[at + 3] !== COLON) return -1;
  const m1 = (bytes[at + 1] as number) - DIGIT_0;
  const m2 = (bytes[at + 2] as number) - DIGIT_0;
  const s1 = (bytes[at + 4] as number) - DIGIT_0;
  const s2 = (bytes[at + 5] as number) - DIGIT_0;
  if (m1 < 0 || m1 > 5 || m2 < 0 || m2 > 9 || s1 < 0 || s1 > 6 || s2 < 0 || s2 > 9) return -1;
  return (m1 * 10 + m2) * 60 + s1 * 10 + s2;
}
