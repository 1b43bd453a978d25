import { numberBetween } from '../scan.js';
import type { LogLine } from '../source.js';
import type { WallClock } from '../time/wall-clock.js';

/**
 * The headers of nearly all lines, read by one expression each: `Nov  1 12:00:00 HOST PROGRAM[PID]: ` and
 * `2026-11-01T12:00:00.123456+00:00 HOST PROGRAM[PID]: `. Everything else, and every hour's first line, is read by the
 * careful readers to the same result.
 */
const BSD = /^([A-Z][a-z]{2} [ \d]\d \d\d):([0-5]\d:[0-6]\d) ([^ [\]]*[^ :[\]]) ([A-Za-z][\w.-]*)(?:\[(\d{1,10})\])?: /;
const ISO =
  /^(\d{4}-\d\d-\d\dT\d\d):([0-5]\d:[0-6]\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ([^ [\]]*[^ :[\]]) ([A-Za-z][\w.-]*)(?:\[(\d{1,10})\])?: /;

export function readPlainBsd(line: LogLine, text: string, clock: WallClock): boolean {
  const match = BSD.exec(text);
  if (match === null) return false;
  const hourMs = clock.knownHourMs(match[1] as string);
  if (hourMs === undefined) return false;
  line.timeMs = clock.at(hourMs + secondsOf(match[2] as string) * 1000);
  line.host = match[3] as string;
  line.program = match[4] as string;
  setRest(line, text, match[5], match[0].length);
  return true;
}

export function readPlainIso(line: LogLine, text: string, clock: WallClock): boolean {
  const match = ISO.exec(text);
  if (match === null) return false;
  const hourMs = clock.knownIsoHourMs(match[1] as string, match[4] as string);
  if (hourMs === undefined) return false;
  line.timeMs = clock.at(hourMs + secondsOf(match[2] as string) * 1000 + millisOf(match[3]));
  line.host = match[5] as string;
  line.program = match[6] as string;
  setRest(line, text, match[7], match[0].length);
  return true;
}

function setRest(line: LogLine, text: string, pid: string | undefined, headerLength: number): void {
  line.pid = pid === undefined ? undefined : numberBetween(pid, 0, pid.length);
  line.message = text.slice(headerLength);
}

/** `mm:ss`. */
function secondsOf(text: string): number {
  return (
    (text.charCodeAt(0) - 48) * 600 +
    (text.charCodeAt(1) - 48) * 60 +
    (text.charCodeAt(3) - 48) * 10 +
    (text.charCodeAt(4) - 48)
  );
}

/** The first three digits of a fraction; a missing one is 0. */
function millisOf(fraction: string | undefined): number {
  if (fraction === undefined) return 0;
  const digit = (at: number) => (at < fraction.length ? fraction.charCodeAt(at) - 48 : 0);
  return digit(0) * 100 + digit(1) * 10 + digit(2);
}
