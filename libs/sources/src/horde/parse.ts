import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** Horde's own log and its lines through syslog (3 to 5): the framework and its mail client, IMP. Source: login.php. */
export const horde: Source = {
  name: 'horde',
  programs: ['HORDE'],
  formats: [
    stampedLog({
      name: 'horde',
      files: ['/var/log/horde/horde.log', '/var/log/horde.log'],
      begins: 'A0',
      beginning:
        /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d HORDE \[\w{1,16}\] |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d) [A-Z]{1,10}: HORDE )(?=\[\w{1,32}\] )/,
      time: (clock, raw) => (raw.charCodeAt(4) === 45 ? clock.readIso(raw, 0) : clock.readBsd(raw, 0)),
      parse: parseHorde,
    }),
  ],
  parse: parseHorde,
};

/** `USER [ADDR][ (forwarded for [ADDR])] to Horde`; a forwarded address is the peer's word and is not taken. */
const WHO = String.raw`(?<user>.*) \[(?<peer>[0-9A-Fa-f:.]{2,45})\](?: \(forwarded for \[[^[\]]*\]\))? to (?:\{[^{}]*\}|[\w.-]{1,64})\.?(?: \[[^[\]]*\])?`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^\\[\\w{1,32}\\] FAILED LOGIN for ${WHO}$`, 's'),
    action: 'horde-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: new RegExp(`^\\[\\w{1,32}\\] Login success for ${WHO}$`, 's'), action: 'horde-logon', outcome: 'success' },
];

function parseHorde(line: LogLine): FleetEvent | Unparsed {
  return readForms('horde', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
