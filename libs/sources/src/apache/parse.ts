import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type LogLine, type Source, type Unparsed, unknownMessage, withMemory } from '../source.js';
import { readAsctimeStamp } from '../time/stamps.js';
import { parseAccessMessage } from '../web-access/parse.js';
import { Visitors } from '../web-access/visitors.js';
import { parseError } from './error-log.js';
import { type Prelude, readPrelude } from './prelude.js';

const PROGRAM = 'httpd';

/** `[Sun Nov 22 07:00:00.123456 2026] ` stands before {@link readPrelude}'s part. */
const errorLog: LogFormat = {
  name: 'apache error log',
  files: [
    '/var/log/apache2/*error.log',
    '/var/log/apache2/error_log',
    '/var/log/httpd/*error_log',
    '/var/log/httpd-error.log',
  ],
  begins: '[',
  recognises: (raw) => stamped(raw) !== undefined,
  open: openErrorLog,
};

/** The Apache HTTP Server's error log, 2.2 and 2.4, and what it sends to syslog. */
export const apache: Source = {
  name: 'apache',
  addressFirst: true,
  programs: ['apache2', 'httpd', 'apache', 'httpd2-prefork', 'httpd-prefork'],
  formats: [errorLog],
  ...withMemory(() => new Visitors(), parseSyslog),
};

function openErrorLog(stream: StreamContext): FormatReader {
  return (raw) => {
    const prelude = stamped(raw);
    if (prelude === undefined) return undefined;
    const timeMs = readAsctimeStamp(stream.clock, raw, 1);
    if (timeMs < 0) return undefined;
    return parseError(lineOf(raw, stream, PROGRAM, timeMs), prelude, raw.slice(prelude.end));
  };
}

/** What follows `[Sun Nov 22 07:00:00[.123456] 2026] `; undefined when the line does not begin so. */
function stamped(raw: string): Prelude | undefined {
  if (raw.charCodeAt(0) !== 91 || raw.charCodeAt(4) !== 32 || raw.charCodeAt(8) !== 32 || raw.charCodeAt(14) !== 58)
    return undefined;
  const end = raw.indexOf('] ', 20);
  return end < 0 || end > 40 ? undefined : readPrelude(raw, end + 2);
}

/** `ErrorLog syslog` leaves out the stamp. */
function parseSyslog(line: LogLine, visitors?: Visitors): FleetEvent | Unparsed {
  const { message } = line;
  const prelude = message.charCodeAt(0) === 91 ? (stamped(message) ?? readPrelude(message, 0)) : undefined;
  if (prelude !== undefined) return parseError(line, prelude, message.slice(prelude.end));
  return parseAccessMessage(line, 'apache', visitors) ?? unknownMessage(line);
}
