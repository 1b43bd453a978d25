import type { FleetEvent } from '@fleetwall/core';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { parsePam } from '../pam/parse.js';
import type { LogLine, Unparsed } from '../source.js';

/** `Nov 02 12:00:00 ` or `2026-11-02 12:00:00 ` (`log_timestamp`); 1.x writes `dovecot: ` before it. */
const STAMP = /^(?:dovecot: )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) /;
/** `@` and 24 hexadecimal digits (TAI64N), as multilog writes them. */
const TAI64N = /^@4[0-9a-f]{23} /;
/**
 * What comes next where it does not look like the header of syslog: the level first (1.x), or a user in the name of the
 * process (2.4).
 */
const PROCESS = '(?:imap-login|pop3-login|managesieve-login|submission-login|auth|auth-worker|dovecot-auth)';
const NEXT = new RegExp(
  `^(?:(?:Info|Warn|Warning|Error|Fatal|Debug): ${PROCESS}(?:\\([\\w-]{1,32}\\))?: |auth(?:-worker)?\\([^()]{0,200},[0-9A-Fa-f:.]{2,45},sasl:)`,
);
const NEXT_AFTER_TAI = new RegExp(`^${PROCESS}(?:\\([\\w-]{1,32}\\))?: `);

type Parse = (line: LogLine) => FleetEvent | Unparsed;

/** Dovecot's own logs (`log_path`, `info_log_path`) where they have no header that is read as syslog's. */
export function dovecotLog(parse: Parse): LogFormat {
  return {
    name: 'dovecot',
    files: ['/var/log/dovecot.log', '/var/log/dovecot-info.log', '/var/log/dovecot/*.log'],
    begins: '@A0d',
    recognises,
    open: (stream) => readerOf(stream, parse),
  };
}

function recognises(raw: string): boolean {
  const code = raw.charCodeAt(0);
  if (code === 64) return TAI64N.test(raw) && NEXT_AFTER_TAI.test(raw.slice(26, 340));
  const stamp = STAMP.exec(raw);
  return stamp !== null && NEXT.test(raw.slice(stamp[0].length, stamp[0].length + 340));
}

function readerOf(stream: StreamContext, parse: Parse): FormatReader {
  return (raw) => {
    if (!recognises(raw)) return undefined;
    const isTai = raw.charCodeAt(0) === 64;
    const timeMs = isTai ? taiMs(raw) : stampMs(raw, stream);
    if (timeMs < 0) return undefined;
    const message = raw.slice(isTai ? 26 : (STAMP.exec(raw)?.[0].length ?? 0));
    const line = lineOf(raw, stream, 'dovecot', isTai ? stream.clock.at(timeMs) : timeMs, message);
    const pam = /^dovecot-auth: (?=pam_)/.exec(message);
    return pam === null ? parse(line) : parsePam(line, message.slice(pam[0].length));
  };
}

function stampMs(raw: string, { clock }: StreamContext): number {
  const start = raw.startsWith('dovecot: ') ? 9 : 0;
  return raw.charCodeAt(start + 4) === 45 ? clock.readIso(raw, start) : clock.readBsd(raw, start);
}

/** Seconds since 1970 TAI plus 2^62, as multilog and tai64nlocal of daemontools have them (10 seconds ahead), and nanoseconds. */
function taiMs(raw: string): number {
  const seconds = Number.parseInt(raw.slice(9, 17), 16) - 10;
  return seconds * 1000 + Math.floor(Number.parseInt(raw.slice(17, 25), 16) / 1e6);
}
