import type { FleetEvent } from '@fleetwall/core';
import { type LogFormat, lineOf } from '../log-format.js';
import { digitsEnd, numberBetween } from '../scan.js';
import type { LogLine, Unparsed } from '../source.js';
import { readAsctimeStamp } from '../time/stamps.js';

/** `Mon Nov  2 12:00:00 2026 [pid 3] `; the day is filled with a blank, which some shippers take away. */
const BEGINNING = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d \d{4} \[pid \d{1,10}\] /;

/** vsftpd's own log (`vsftpd_log_file`). */
export function vsftpdLog(parse: (line: LogLine) => FleetEvent | Unparsed): LogFormat {
  return {
    name: 'vsftpd',
    files: ['/var/log/vsftpd.log'],
    begins: 'A',
    recognises,
    open: (stream) => (raw) => {
      if (!recognises(raw)) return undefined;
      const text = raw.charCodeAt(9) === 32 ? `${raw.slice(0, 8)} ${raw.slice(8)}` : raw;
      const timeMs = readAsctimeStamp(stream.clock, text, 0);
      if (timeMs < 0) return undefined;
      const pidStart = stream.clock.end + 6;
      const pidEnd = digitsEnd(text, pidStart);
      const line = lineOf(raw, stream, 'vsftpd', timeMs, text.slice(pidEnd + 2));
      line.pid = numberBetween(text, pidStart, pidEnd);
      return parse(line);
    },
  };
}

function recognises(raw: string): boolean {
  return raw.charCodeAt(3) === 32 && BEGINNING.test(raw);
}
