import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** The log of SquirrelMail's plugin squirrel_logger, in its default form. */
export const squirrelmail: Source = {
  name: 'squirrelmail',
  programs: [],
  formats: [
    stampedLog({
      name: 'squirrelmail',
      files: ['/var/lib/squirrelmail/prefs/squirrelmail_access_log'],
      begins: '0',
      beginning:
        /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d (?=\[(?:LOGIN|LOGIN_ERROR|LOGOUT|ERROR|MASS_MAILING|OUTGOING_MAIL)\] )/,
      time: (clock, raw) =>
        clock.readWall(raw, {
          year: numberBetween(raw, 6, 10, 4),
          month: numberBetween(raw, 0, 2, 2) - 1,
          day: numberBetween(raw, 3, 5, 2),
          timeStart: 10,
          end: 19,
        }),
      parse: parseSquirrelmail,
    }),
  ],
  parse: parseSquirrelmail,
};

const WHO = String.raw`(?<user>.*) \([\w.-]{0,255}\) from (?<peer>[0-9A-Fa-f:.]{2,45}):`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^\\[LOGIN_ERROR\\] ${WHO} Unknown user or password incorrect\\.?$`, 's'),
    action: 'squirrelmail-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: new RegExp(`^\\[LOGIN\\] ${WHO}$`, 's'), action: 'squirrelmail-logon', outcome: 'success' },
];

function parseSquirrelmail(line: LogLine): FleetEvent | Unparsed {
  return readForms('squirrelmail', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
