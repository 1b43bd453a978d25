import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';

/** vpopmail's checker of passwords for qmail's servers of POP3, IMAP and SMTP. Source: vchkpw.c, syslog lines of it. */
export const vpopmail: Source = { name: 'vpopmail', programs: ['vpopmail', 'vchkpw'], parse: repeated(parseVpopmail) };

/** `USER:ADDR` ends every message; the password may stand before it (`--enable-log-name-and-password`). */
const WHO = String.raw`(?<user>\S*):(?<peer>\d{1,3}(?:\.\d{1,3}){3})$`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(
      `^vchkpw-\\w{1,16}: (?:password fail(?: \\(pass: '.*'\\))?|null password given|system password fail(?: \\(pass: '.*'\\))?) ${WHO}`,
      's',
    ),
    action: 'vpopmail-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(
      `^vchkpw-\\w{1,16}: (?:vpopmail user not found|system user not found|invalid user/domain characters) ${WHO}`,
    ),
    action: 'vpopmail-user-unknown',
    outcome: 'failure',
    role: 'attempt',
    known: false,
  },
  {
    pattern: new RegExp(`^vchkpw-\\w{1,16}: (?:\\([\\w-]{1,16}\\) )?login success ${WHO}`),
    action: 'vpopmail-logon',
    outcome: 'success',
  },
];

function parseVpopmail(line: LogLine): FleetEvent | Unparsed {
  return readForms('vpopmail', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
