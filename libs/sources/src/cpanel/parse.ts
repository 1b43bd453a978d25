import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** cPanel's log of logons to cPanel, WHM and webmail. */
export const cpanel: Source = {
  name: 'cpanel',
  programs: [],
  formats: [
    stampedLog({
      name: 'cpanel',
      files: ['/usr/local/cpanel/logs/login_log'],
      begins: '[',
      beginning: /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] info \[\w{1,20}\] /,
      // The zone is set apart by a blank.
      time: (clock, raw) => clock.readIso(`${raw.slice(1, 20)}${raw.slice(21, 26)}`, 0),
      parse: parseCpanel,
    }),
  ],
  parse: parseCpanel,
};

const PEER = '^(?<peer>[0-9A-Fa-f:.]{2,45}) - (?<user>.*?)';

/** The address comes first; name and request are the peer's, and end before the server's words. */
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(
      `${PEER} "[A-Z]{3,7} [^"]*" FAILED LOGIN \\w{1,20}: (?<reason>(?:invalid cpanel user|user password hash is missing).*)$`,
      's',
    ),
    action: 'cpanel-logon-failed',
    outcome: 'failure',
    role: 'attempt',
    known: false,
  },
  {
    pattern: new RegExp(`${PEER} "[A-Z]{3,7} [^"]*" FAILED LOGIN \\w{1,20}: (?<reason>.*)$`, 's'),
    action: 'cpanel-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(`${PEER}(?: \\(possessor: [^()]*\\))? - SUCCESS LOGIN \\w{1,20}$`, 's'),
    action: 'cpanel-logon',
    outcome: 'success',
  },
];

function parseCpanel(line: LogLine): FleetEvent | Unparsed {
  return readForms('cpanel', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
