import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { readDayFirstStamp } from '../time/stamps.js';
import { parseRoundcube } from './messages.js';

const PROGRAM = 'roundcube';

/** `userlogins.log` and `errors.log`: `[22-Nov-2026 07:00:00 +0000]: <session> MESSAGE`, both in one form. */
const ownLog: LogFormat = {
  name: 'Roundcube log',
  begins: '[',
  files: [
    '/var/log/roundcube/*.log',
    '/var/log/roundcube/errors',
    '/var/log/roundcube/userlogins',
    '/var/log/roundcubemail/*',
    '/usr/local/www/roundcube/logs/*',
  ],
  recognises: isStamped,
  open: openOwnLog,
};

export const roundcube: Source = {
  name: 'roundcube',
  programs: [PROGRAM],
  formats: [ownLog],
  parse: (line) => parseMessage(line, line.message),
};

/** `[22-Nov-2026 07:00:00 +0000]: ` */
const STAMP_CHARS = 30;

function isStamped(raw: string): boolean {
  return raw.charCodeAt(0) === 91 && raw.charCodeAt(3) === 45 && raw.charCodeAt(7) === 45 && raw.startsWith(']: ', 27);
}

function openOwnLog(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!isStamped(raw)) return undefined;
    const timeMs = readDayFirstStamp(stream.clock, raw, 1, 22);
    if (timeMs < 0) return undefined;
    return parseMessage(lineOf(raw, stream, PROGRAM, timeMs), raw.slice(STAMP_CHARS));
  };
}

function parseMessage(line: LogLine, message: string): FleetEvent | Unparsed {
  const session = /^<[\w-]{1,64}> /.exec(message)?.[0].length ?? 0;
  return parseRoundcube(line, message.slice(session)) ?? notRelevant(line);
}
