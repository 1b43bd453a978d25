import type { FleetEvent } from '@fleetwall/core';
import type { LogFormat } from '../log-format.js';
import type { LogLine, Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/**
 * `2026-11-02 12:00:00,123 HOST proftpd[PID] SERVER …`, before 1.3.5 `Nov 02 12:00:00 HOST proftpd[PID] SERVER …`: as in
 * syslog, but no colon after the pid.
 */
const BEGINNING =
  /^(?:[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d{3})?) \S{1,255} proftpd\[(?<pid>\d{1,10})\] /;

/** ProFTPD's own log (`SystemLog`, `ServerLog`). */
export function proftpdLog(parse: (line: LogLine) => FleetEvent | Unparsed): LogFormat {
  return stampedLog({
    name: 'proftpd',
    files: ['/var/log/proftpd/proftpd.log', '/var/log/proftpd.log', '/var/log/proftpd/proftpd.system.log'],
    begins: 'A0',
    beginning: BEGINNING,
    time: (clock, raw) => (raw.charCodeAt(4) === 45 ? clock.readIso(raw, 0) : clock.readBsd(raw, 0)),
    parse,
  });
}
