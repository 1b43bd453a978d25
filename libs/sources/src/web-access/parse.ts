import type { FormatReader, LogFormat, StreamContext } from '../log-format.js';
import { lineOf } from '../log-format.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';
import { readClfStamp } from '../time/stamps.js';
import { WallClock } from '../time/wall-clock.js';
import { readAccess } from './access-record.js';
import { isOrdinary, locate, readCommonLine } from './common-log.js';
import { jsonLogs } from './json-log.js';
import { Visitors } from './visitors.js';

/** Which server wrote a log of the common format, no line of it says; where it lies may. */
const PROGRAM = 'httpd';
const SERVERS = /[/\\](nginx|apache2|httpd|lighttpd|traefik|caddy)[/\\.-]/;
const NAME = 'web-access';
/** For stamps that only need to be such. */
const ANY_CLOCK = new WallClock('UTC', { from: 1970 });
const NOT_RELEVANT: Unparsed = { unparsed: 'not-relevant', program: PROGRAM };
const UNKNOWN: Unparsed = { unparsed: 'unknown-message', program: PROGRAM };

const commonLog: LogFormat = {
  name: 'access log (common, combined)',
  files: [
    '/var/log/nginx/*access.log',
    '/var/log/apache2/*access.log',
    '/var/log/httpd/*access_log',
    '/var/log/lighttpd/access.log',
    '/var/log/httpd-access.log',
    '/var/log/traefik/access.log',
  ],
  recognises: (raw) => {
    const found = locate(raw, 0);
    return found !== undefined && readClfStamp(ANY_CLOCK, raw, found.stampStart + 1) >= 0;
  },
  open: openCommonLog,
};

function openCommonLog(stream: StreamContext): FormatReader {
  const visitors = new Visitors();
  const program = SERVERS.exec(stream.path ?? '')?.[1] ?? PROGRAM;
  return (raw) => {
    const found = locate(raw, 0);
    if (found === undefined) return undefined;
    if (isOrdinary(raw, found)) return NOT_RELEVANT;
    const timeMs = readClfStamp(stream.clock, raw, found.stampStart + 1);
    if (timeMs < 0) return undefined;
    const record = readCommonLine(raw, 0, found, stream.trustedProxies);
    return record === undefined ? UNKNOWN : readAccess(lineOf(raw, stream, program, timeMs), NAME, record, visitors);
  };
}

/** Access logs of web servers in the common format and its kin, as files. */
export const webAccess: Source = {
  name: NAME,
  addressFirst: true,
  programs: [],
  formats: [commonLog, ...jsonLogs],
  parse: unknownMessage,
};

/**
 * A line of the common format that a server sent to syslog, after whose own header it begins; undefined when the message is
 * none. The time is that of the header.
 */
export function parseAccessMessage(
  line: LogLine,
  module: string,
  visitors?: Visitors,
): ReturnType<Source['parse']> | undefined {
  const found = locate(line.message, 0);
  if (found === undefined) return undefined;
  if (isOrdinary(line.message, found)) return notRelevant(line);
  const record = readCommonLine(line.message, 0, found, line.trustedProxies);
  return record === undefined ? unknownMessage(line) : readAccess(line, module, record, visitors);
}
