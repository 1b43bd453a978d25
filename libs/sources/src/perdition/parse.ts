import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { repeated } from '../repeated.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';

/** Perdition, a proxy for IMAP and POP3. Source: perdition/perdition.c. */
export const perdition: Source = {
  name: 'perdition',
  programs: [
    'perdition',
    'perdition.imap4',
    'perdition.imap4s',
    'perdition.imaps',
    'perdition.pop3',
    'perdition.pop3s',
    'perdition.managesieve',
  ],
  parse: repeated(parsePerdition),
};

/** `Auth: ADDR:PORT->ADDR:PORT client-secure=… authentication_id="USER" server="…" …`: the address comes first. */
const WHO = String.raw`^Auth: (?<peer>[0-9.]{7,15})(?::(?<port>\d{1,5}))?->\S{0,80} client-secure=\S{1,32} (?:authorisation_id|authorization_id)=\S{1,256} authentication_id="(?<user>.*)" server="[^"]*" protocol=\S{1,16} server-secure=\S{1,32} status="`;

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`${WHO}failed: (?<reason>local authentication failure|re-authentication failure)"$`, 'is'),
    action: 'perdition-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  { pattern: new RegExp(`${WHO}ok"$`, 's'), action: 'perdition-logon', outcome: 'success' },
  {
    pattern:
      /^Fatal Error reading authentication information from client (?<peer>[0-9.]{7,15})(?::(?<port>\d{1,5}))?->/,
    action: 'perdition-disconnected',
    type: TYPE.end,
  },
  {
    pattern: /^Connect: (?<peer>[0-9.]{7,15})(?::(?<port>\d{1,5}))?->/,
    action: 'perdition-connection',
    type: TYPE.start,
  },
];

function parsePerdition(line: LogLine): FleetEvent | Unparsed {
  return readForms('perdition', FORMS, line, line.message.trimEnd()) ?? notRelevant(line);
}
