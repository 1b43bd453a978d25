import type { FleetEvent } from '@fleetwall/core';
import { type LogFormat, lineOf } from '../log-format.js';
import { numberBetween } from '../scan.js';
import type { LogLine, Unparsed } from '../source.js';

/**
 * `2026-11-02 12:00:00,123 HOST proftpd[PID] SERVER …`, before 1.3.5 `Nov 02 12:00:00 HOST proftpd[PID] SERVER …`: as in
 * syslog, but no colon after the pid.
 */
const BEGINNING =
  /^(?:[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d{3})?) \S{1,255} proftpd\[(\d{1,10})\] /;

/** ProFTPD's own log (`SystemLog`, `ServerLog`). */
export function proftpdLog(parse: (line: LogLine) => FleetEvent | Unparsed): LogFormat {
  return {
    name: 'proftpd',
    files: ['/var/log/proftpd/proftpd.log', '/var/log/proftpd.log', '/var/log/proftpd/proftpd.system.log'],
    begins: 'A0',
    recognises: (raw) => BEGINNING.test(raw),
    open: (stream) => (raw) => {
      const match = BEGINNING.exec(raw);
      if (match === null) return undefined;
      const isIso = raw.charCodeAt(4) === 45;
      const timeMs = isIso ? stream.clock.readIso(raw, 0) : stream.clock.readBsd(raw, 0);
      if (timeMs < 0) return undefined;
      const line = lineOf(raw, stream, 'proftpd', timeMs, raw.slice(match[0].length));
      const pid = match[1] as string;
      line.pid = numberBetween(pid, 0, pid.length);
      return parse(line);
    },
  };
}
