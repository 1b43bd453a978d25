import { numberBetween } from '../scan.js';
import type { LogLine } from '../source.js';
import type { WallClock } from '../time/wall-clock.js';

const BOM = '\ufeff';

/**
 * `1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]` at `start`, after `<PRI>`. RFC 5424 6.
 * `-` stands for a missing field; MSG may begin with a byte order mark. False when a field is missing or damaged.
 */
export function readRfc5424(
  line: LogLine,
  text: string,
  start: number,
  clock: WallClock,
  defaultHost: string,
  fallbackMs: () => number | undefined,
): boolean {
  let at = start + 2;
  const fields: string[] = [];
  for (let i = 0; i < 5; i++) {
    const end = text.indexOf(' ', at);
    if (end < 0) return false;
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  const [timestamp, host, program, pid] = fields as [string, string, string, string, string];
  const timeMs = timestamp === '-' ? fallbackMs() : clock.readIso(timestamp, 0);
  if (timeMs === undefined || timeMs < 0 || program === '-') return false;
  const messageStart = endOfStructuredData(text, at);
  if (messageStart < 0) return false;
  line.timeMs = timeMs;
  line.host = host === '-' ? defaultHost : host;
  line.program = program.slice(program.lastIndexOf('/') + 1);
  const number = numberBetween(pid, 0, pid.length);
  line.pid = number < 0 ? undefined : number;
  const message = text.slice(text.charCodeAt(messageStart) === 32 ? messageStart + 1 : messageStart);
  line.message = message.startsWith(BOM) ? message.slice(1) : message;
  return true;
}

/** The index after `-` or `[id name="value" …]…`; inside values `\"`, `\\` and `\]` are escaped. -1 when it never ends. */
function endOfStructuredData(text: string, start: number): number {
  if (text.charCodeAt(start) === 45) return start + 1;
  let at = start;
  while (text.charCodeAt(at) === 91) {
    at = endOfElement(text, at);
    if (at < 0) return -1;
  }
  return at === start ? -1 : at;
}

function endOfElement(text: string, start: number): number {
  let quoted = false;
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92 && quoted) i++;
    else if (code === 34) quoted = !quoted;
    else if (code === 93 && !quoted) return i + 1;
  }
  return -1;
}
