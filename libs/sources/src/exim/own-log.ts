import type { FleetEvent } from '@fleetwall/core';
import { type LogFormat, lineOf } from '../log-format.js';
import type { LogLine, Unparsed } from '../source.js';

/** `2026-11-02 12:00:00[.123][ +0100] [[PID] ]`, and what only exim writes next: an id of a message, or its own words. */
const BEGINNING =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})? (?:\[\d{1,10}\] )?(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} |[^\s"]{1,64} authenticator failed for |H=[^\s=]{1,255} |SMTP (?:call|connection|protocol|syntax|command|data) |no MAIL in |Start queue run: pid=|End queue run: pid=|exim 4\.|no (?:host name|IP address) found for |rejected (?:EHLO|HELO|connection) from |TLS error on connection from |unexpected disconnection while )/;

/** Exim's main and reject logs. */
export function eximLog(parse: (line: LogLine) => FleetEvent | Unparsed): LogFormat {
  return {
    name: 'exim',
    files: ['/var/log/exim4/mainlog', '/var/log/exim/main.log', '/var/log/exim_mainlog', '/var/log/exim/mainlog'],
    begins: '0',
    recognises,
    open: (stream) => (raw) => {
      if (!recognises(raw)) return undefined;
      // Exim sets the zone apart by a blank.
      const text = raw.replace(/^(\S+ \S+) (?=[+-]\d{4} )/, '$1');
      const timeMs = stream.clock.readIso(text, 0);
      return timeMs < 0 ? undefined : parse(lineOf(raw, stream, 'exim', timeMs, text.slice(stream.clock.end + 1)));
    },
  };
}

function recognises(raw: string): boolean {
  return raw.charCodeAt(4) === 45 && BEGINNING.test(raw.slice(0, 400));
}
