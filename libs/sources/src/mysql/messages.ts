import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Unparsed, unknownMessage } from '../source.js';

export const PROGRAM = 'mysqld';
const DENIED = 'Access denied for user ';
const FAILED = { action: 'mysql-logon-failed', outcome: 'failure', role: 'attempt' } as const;

/** The host is the server's own view of the connection: an address, or the name that it leads back to. */
const FORMS: readonly MessageForm[] = [
  { pattern: /^Access denied for user '(?<user>.*)'@'(?<peer>[^']*)' \(using password: (?:YES|NO)\)$/s, ...FAILED },
  // Before the next one: the database is the peer's to name, and may end as a failure without a word about a password does.
  { pattern: /^Access denied for user '.*' to database '.*'$/s, action: 'mysql-database-denied', type: TYPE.denied },
  { pattern: /^Access denied for user '(?<user>.*)'@'(?<peer>[^']*)'$/s, ...FAILED },
  {
    pattern:
      /^Access denied for user '(?<user>.*)'@'(?<peer>[^']*)'\. (?<reason>Account is blocked for [^']{1,80} consecutive failed logins)\.$/s,
    ...FAILED,
    accountState: 'locked',
  },
  {
    pattern: /^Access denied for user '(?<user>.*)'@'(?<peer>[^']*)'\. (?<reason>Account is locked)\.$/s,
    action: 'mysql-account-locked',
    outcome: 'failure',
    accountState: 'locked',
  },
  {
    pattern: /^Host '(?<peer>[^']*)' is (?:blocked because of many connection errors|not allowed to connect to this )/,
    action: 'mysql-connection-denied',
    type: TYPE.denied,
  },
  {
    pattern: /^Aborted connection \d+ to db: '.*' host: '(?<peer>[^']*)' \((?<reason>[^']{1,200})\)\.?$/s,
    action: 'mysql-connection-aborted',
    type: TYPE.end,
  },
];

/** What the server says, the same in every log. */
export function parseText(line: LogLine, text: string): FleetEvent | Unparsed {
  if (!text.startsWith('A') && !text.startsWith('Host ')) return notRelevant(line);
  const event = readForms('mysql', FORMS, line, text);
  if (event !== undefined) return event;
  return text.startsWith(DENIED) ? unknownMessage(line) : notRelevant(line);
}
