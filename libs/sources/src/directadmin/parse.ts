import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

/** DirectAdmin's log of logons. */
export const directadmin: Source = {
  name: 'directadmin',
  programs: [],
  formats: [
    stampedLog({
      name: 'directadmin',
      files: ['/var/log/directadmin/login.log'],
      begins: '0',
      beginning: /^\d{4}:\d\d:\d\d-\d\d:\d\d:\d\d: (?=')/,
      time: (clock, raw) =>
        clock.readWall(raw, {
          year: numberBetween(raw, 0, 4, 4),
          month: numberBetween(raw, 5, 7, 2) - 1,
          day: numberBetween(raw, 8, 10, 2),
          timeStart: 10,
          end: 19,
        }),
      parse: parseDirectadmin,
    }),
  ],
  parse: parseDirectadmin,
};

const PEER = "^'(?<peer>[0-9A-Fa-f:.]{2,45})'";

/** The address comes first; names are written with `%27` for a quote. Each try has its line, with the number so far. */
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`${PEER} \\d{1,9} failed login attempts?\\. Account '(?<user>[^']*)'(?: via '[^']*')?$`),
    action: 'directadmin-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(
      `${PEER} \\d{1,9} failed login attempts?\\. Invalid account '(?<user>[^']*)'(?: via '[^']*')?$`,
    ),
    action: 'directadmin-logon-failed',
    outcome: 'failure',
    role: 'attempt',
    known: false,
  },
  {
    pattern: new RegExp(`${PEER} \\d{1,9} failed login attempts?\\. `),
    action: 'directadmin-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(`${PEER} successful login to '(?<user>[^']*)'(?: via '[^']*')? after \\d{1,9} attempts?$`),
    action: 'directadmin-logon',
    outcome: 'success',
  },
];

function parseDirectadmin(line: LogLine): FleetEvent | Unparsed {
  return readForms('directadmin', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
