import type { WallClock } from '../time/wall-clock.js';

/** Hosts and programs remembered at a time. */
const WORDS = 1024;

/**
 * Reads the headers of `plain.ts` from bytes, to the same result, where the hour is the one that was read last. Byte by
 * byte and without a new object: of the lines that are only looked at, this is most of the cost.
 */
export class HeaderScan {
  timeMs = 0;
  host = '';
  program = '';
  pid: number | undefined = undefined;
  /** Offsets of the line and of its message. */
  start = 0;
  messageStart = 0;
  readonly #clock: WallClock;
  /** The same text for a word that comes again: cutting it out and hashing it anew costs more than finding it. */
  readonly #words = new Array<string>(WORDS).fill('');

  constructor(clock: WallClock) {
    this.#clock = clock;
  }

  /** Whether `[start, end)` begins with a plain header of the known hour. */
  read(bytes: Buffer, text: string, start: number, end: number): boolean {
    const first = bytes[start] as number;
    const hostStart =
      first >= DIGIT_0 && first <= DIGIT_9
        ? this.#readIsoTime(bytes, text, start, end)
        : this.#readBsdTime(bytes, text, start, end);
    if (hostStart < 0) return false;
    const hostEnd = wordEnd(bytes, hostStart, end);
    const last = bytes[hostEnd - 1] as number;
    if (hostEnd <= hostStart || hostEnd >= end || last === COLON) return false;
    return this.#readTag(bytes, text, start, end, hostStart, hostEnd);
  }

  /** `PROGRAM[PID]: ` after the host; then all is certain, and the time is taken note of. */
  #readTag(bytes: Buffer, text: string, start: number, end: number, hostStart: number, hostEnd: number): boolean {
    const tagStart = hostEnd + 1;
    const tagEnd = nameEnd(bytes, tagStart, end);
    if (tagEnd === tagStart) return false;
    let at = tagEnd;
    let pid: number | undefined;
    if (bytes[at] === BRACKET) {
      const digits = ++at;
      pid = 0;
      for (
        let digit = (bytes[at] as number) - DIGIT_0;
        digit >= 0 && digit <= 9;
        digit = (bytes[++at] as number) - DIGIT_0
      )
        pid = pid * 10 + digit;
      if (at === digits || at - digits > 10 || bytes[at] !== BRACKET_END) return false;
      at++;
    }
    if (at + 2 > end || bytes[at] !== COLON || bytes[at + 1] !== SPACE) return false;
    this.#clock.at(this.timeMs);
    this.host = this.#word(bytes, text, hostStart, hostEnd);
    this.program = this.#word(bytes, text, tagStart, tagEnd);
    this.pid = pid;
    this.start = start;
    this.messageStart = at + 2;
    return true;
  }

  /** `2026-11-01T12:00:00.123456+00:00 `. @returns where the host begins, or -1 */
  #readIsoTime(bytes: Buffer, text: string, start: number, end: number): number {
    const { isoHour, isoOffset, isoHourMs } = this.#clock;
    const seconds = minutesAndSeconds(bytes, start + 13, end);
    if (seconds < 0 || isoHour.length !== 13 || !text.startsWith(isoHour, start)) return -1;
    let at = start + 19;
    let millis = 0;
    if (bytes[at] === DOT) {
      const digits = ++at;
      let weight = 100;
      for (
        let digit = (bytes[at] as number) - DIGIT_0;
        digit >= 0 && digit <= 9;
        digit = (bytes[++at] as number) - DIGIT_0
      ) {
        millis += digit * weight;
        weight = weight > 1 ? weight / 10 : 0;
      }
      if (at === digits || at - digits > 9) return -1;
    }
    if (!text.startsWith(isoOffset, at)) return -1;
    at += isoOffset.length;
    if (bytes[at] !== SPACE) return -1;
    this.timeMs = isoHourMs + seconds * 1000 + millis;
    return at + 1;
  }

  /** `Nov  1 12:00:00 `. @returns where the host begins, or -1 */
  #readBsdTime(bytes: Buffer, text: string, start: number, end: number): number {
    const clock = this.#clock;
    const seconds = minutesAndSeconds(bytes, start + 9, end);
    if (seconds < 0 || clock.hour.length !== 9 || !text.startsWith(clock.hour, start)) return -1;
    const hourMs = clock.knownHourMs(clock.hour);
    if (hourMs === undefined || bytes[start + 15] !== SPACE) return -1;
    this.timeMs = hourMs + seconds * 1000;
    return start + 16;
  }

  #word(bytes: Buffer, text: string, start: number, end: number): string {
    const length = end - start;
    const middle = bytes[start + (length >> 1)] as number;
    const slot = ((bytes[start] as number) * 31 + (bytes[end - 1] as number) * 131 + middle * 7 + length) & (WORDS - 1);
    const known = this.#words[slot] as string;
    if (known.length === length && text.startsWith(known, start)) return known;
    // A text of its own: a part of `text` would keep all of it in memory.
    const word = bytes.toString('latin1', start, end);
    this.#words[slot] = word;
    return word;
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
function wordEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === SPACE) return at;
    if (byte === BRACKET || byte === BRACKET_END || byte >= 128) return -1;
  }
  return -1;
}

/** The offset after `[A-Za-z][\w.-]*`; `start` when there is none. */
function nameEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (NAME[bytes[at] as number] as number) > (at === start ? 1 : 0)) at++;
  return at;
}

/** 2 for letters, 1 for what else a program's name may have in it. */
const NAME = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') NAME[letter.charCodeAt(0)] = 2;
for (const other of '0123456789_.-') NAME[other.charCodeAt(0)] = 1;

/** `:mm:ss` at `at` in seconds, or -1. */
function minutesAndSeconds(bytes: Buffer, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== COLON || bytes[at + 3] !== COLON) return -1;
  const m1 = (bytes[at + 1] as number) - DIGIT_0;
  const m2 = (bytes[at + 2] as number) - DIGIT_0;
  const s1 = (bytes[at + 4] as number) - DIGIT_0;
  const s2 = (bytes[at + 5] as number) - DIGIT_0;
  if (m1 < 0 || m1 > 5 || m2 < 0 || m2 > 9 || s1 < 0 || s1 > 6 || s2 < 0 || s2 > 9) return -1;
  return (m1 * 10 + m2) * 60 + s1 * 10 + s2;
}
