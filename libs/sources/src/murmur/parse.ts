import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';
import { stampedLog } from '../stamped-log.js';

const HEAD = /^<[DWCFX]>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (?=\d{1,6} => )/;

/**
 * Murmur, the Mumble server: its own log or the journal.
 *
 * `<W>2026-11-01 12:00:00.123 SERVER => <SESSION:NAME(ID)> Rejected connection from ADDR:PORT: REASON`. The name is the
 * peer's text; the address and a reason of the server's follow it to the end. The connection is TCP (TLS).
 *
 * Source: src/murmur/Server.cpp, Messages.cpp (msgAuthenticate), main.cpp (log handler).
 */
export const murmur: Source = {
  name: 'murmur',
  programs: ['murmurd', 'mumble-server'],
  formats: [
    stampedLog({
      name: 'murmur',
      program: 'murmurd',
      files: ['/var/log/mumble-server/mumble-server.log', '/var/log/murmur/murmur.log', '/var/log/murmur.log'],
      begins: '<',
      beginning: HEAD,
      time: (clock, raw) => clock.readIso(raw, 3),
      parse: (line) => parseText(line, line.message),
    }),
  ],
  parse: (line) => parseText(line, line.message.replace(HEAD, '')),
};

const PEER = String.raw`\[?(?<peer>[0-9A-Fa-f.:]+?)\]?:(?<port>\d{1,5})`;
const REJECTED = String.raw`^\d+ => <\d+:(?<user>.*)\(-?\d+\)> Rejected connection from ${PEER}: `;
const GUESSED = 'Invalid server password|Wrong certificate or password for existing user|Wrong password for user';

const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`${REJECTED}(?<reason>${GUESSED})$`, 's'),
    action: 'murmur-logon-failed',
    outcome: 'failure',
    role: 'attempt',
  },
  {
    pattern: new RegExp(`${REJECTED}(?<reason>[A-Z][A-Za-z ,']{4,120})$`, 's'),
    action: 'murmur-connection-denied',
    type: TYPE.denied,
  },
  {
    pattern: new RegExp(String.raw`^\d+ => <\d+:\(-1\)> New connection: ${PEER}$`),
    action: 'murmur-connection',
    type: TYPE.connection,
  },
];

function parseText(line: LogLine, text: string): FleetEvent | Unparsed {
  return readForms('murmur', FORMS, line, text) ?? notRelevant(line);
}
