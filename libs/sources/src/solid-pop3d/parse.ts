import type { FleetEvent } from '@fleetwall/core';
import { type MessageForm, readForms } from '../message-forms.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';

/** Solid POP3 server. Source: src/main.c, src/authenticate.c of solid-pop3d 0.15. */
export const solidPop3d: Source = {
  name: 'solid-pop3d',
  programs: ['solid-pop3d', 'spop3d'],
  parse: repeated(parseSolidPop3d),
};

/** ` - HOST` ends every message; the name stands before it. */
const PEER = String.raw` - (?<peer>[\w.:-]{1,255})\.?$`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`^authentication failed: (?:no such user|can't map user name): (?<user>.*)${PEER}`, 's'),
    action: 'solid-pop3d-user-unknown',
    outcome: 'failure',
    role: 'attempt',
    known: false,
  },
  {
    pattern: new RegExp(`^(?:APOP )?authentication failed for (?:mapped )?(?:virtual )?user (?<user>.*)${PEER}`, 's'),
    action: 'solid-pop3d-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
];

function parseSolidPop3d(line: LogLine): FleetEvent | Unparsed {
  return readForms('solid-pop3d', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
