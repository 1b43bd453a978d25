import type { FleetEvent } from '@fleetwall/core';
import { TYPE } from '../event-builder.js';
import { type FormatReader, type LogFormat, lineOf, type StreamContext } from '../log-format.js';
import { type FormGroups, type MessageForm, readForms } from '../message-forms.js';
import { type LogLine, notRelevant, type Source, type Unparsed } from '../source.js';

/**
 * MongoDB: `mongod.log`, from 4.4 on one JSON object a line, before that text; and the same through syslog.
 *
 * Source: src/mongo/db/auth/sasl_commands.cpp, auth_op_observer; the log ids of 4.4 (20249, 20250) and 5.0 (5286306, 5286307).
 */
export const mongodb: Source = {
  name: 'mongodb',
  programs: ['mongod', 'mongos'],
  formats: [
    {
      name: 'mongodb',
      begins: '{0',
      files: ['/var/log/mongodb/mongod.log', '/var/log/mongodb/mongos.log', '/var/log/mongodb/mongodb.log'],
      recognises: (raw) => raw.startsWith('{"t":{"$date":"') || TEXT_LINE.test(raw),
      open,
    } satisfies LogFormat,
  ],
  parse: (line) => parseText(line, line.message),
};

const FAILED = { action: 'mongodb-logon-failed', outcome: 'failure', role: 'attempt' } as const;

/** By the id of the message: names in it are JSON's, so nothing of a peer's can be taken for another field. */
const FORMS: ReadonlyMap<number, MessageForm> = new Map([
  [20249, { pattern: /^/, ...FAILED }],
  [5286307, { pattern: /^/, ...FAILED }],
  [20250, { pattern: /^/, action: 'mongodb-logon', outcome: 'success' }],
  [5286306, { pattern: /^/, action: 'mongodb-logon', outcome: 'success' }],
  [22943, { pattern: /^/, action: 'mongodb-connection', type: TYPE.connection }],
]);

interface Entry {
  t?: { $date?: unknown };
  id?: unknown;
  attr?: Record<string, unknown>;
}

function readEntry(text: string): Entry | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(text);
    return typeof entry === 'object' && entry !== null ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}

function parseText(line: LogLine, text: string): FleetEvent | Unparsed {
  const entry = readEntry(text);
  return entry === undefined ? textEvent(line, text) : entryEvent(line, entry);
}

function entryEvent(line: LogLine, { id, attr }: Entry): FleetEvent | Unparsed {
  const form = typeof id === 'number' ? FORMS.get(id) : undefined;
  if (form === undefined || typeof attr !== 'object' || attr === null) return notRelevant(line);
  // A client offers credentials before it knows the mechanism; when that is refused it tries again.
  if (attr.speculative === true || attr.isSpeculative === true) return notRelevant(line);
  const text = (name: string) => (typeof attr[name] === 'string' ? (attr[name] as string) : undefined);
  const known: FormGroups = { end: text('remote') ?? text('client') ?? '' };
  const user = text('principalName') ?? text('user');
  const reason = text('error') ?? text('result');
  if (user !== undefined) known.user = user;
  if (reason !== undefined) known.reason = reason;
  const event = readForms('mongodb', [form], line, '', known) ?? notRelevant(line);
  if ('event.kind' in event && reason?.startsWith('UserNotFound') === true) event['fleetwall.user.known'] = false;
  return event;
}

/** `2026-11-01T12:00:00.123+0000 I ACCESS   [conn1] TEXT`, before 4.4; the component from 3.0 on. */
const TEXT_LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:[+-]\d{4}|Z) (?:[IWEFD]\d? [A-Z]+ +)?\[[\w-]{1,64}\] /;

const TEXT_FORMS: readonly MessageForm[] = [
  {
    pattern:
      /^[A-Z0-9-]{1,32} authentication failed for (?<user>.*) on \S{1,64} from client (?<end>[[\]0-9A-Fa-f.:]+) ; (?<reason>.{1,400})$/s,
    ...FAILED,
  },
  {
    pattern:
      /^Failed to authenticate (?<user>.*)@\S{1,64} (?:from client (?<end>[[\]0-9A-Fa-f.:]+) )?with mechanism (?<reason>.{1,400})$/s,
    ...FAILED,
  },
  {
    pattern:
      /^Successfully authenticated as principal (?<user>.*) on \S{1,64}(?: from client (?<end>[[\]0-9A-Fa-f.:]+))?$/s,
    action: 'mongodb-logon',
    outcome: 'success',
  },
];

/** The marks that lead to the address must stand once: names stand before it, and the reason behind it repeats them. */
function textEvent(line: LogLine, text: string): FleetEvent | Unparsed {
  const message = text.replace(/^(?:[IWEFD]\d? [A-Z]+ +)?\[[\w-]{1,64}\] /, '');
  const mark = ' from client ';
  if (message.indexOf(mark) !== message.lastIndexOf(mark)) return notRelevant(line);
  return readForms('mongodb', TEXT_FORMS, line, message) ?? notRelevant(line);
}

function open(stream: StreamContext): FormatReader {
  return (raw) => {
    const entry = raw.startsWith('{"t":{') ? readEntry(raw) : undefined;
    if (entry === undefined && !TEXT_LINE.test(raw)) return undefined;
    const stamp = entry === undefined ? raw : entry.t?.$date;
    const timeMs = typeof stamp === 'string' ? stream.clock.readIso(stamp, 0) : -1;
    if (timeMs < 0) return undefined;
    const line = lineOf(raw, stream, 'mongod', timeMs);
    return entry === undefined ? textEvent(line, raw.slice(raw.indexOf(' ') + 1)) : entryEvent(line, entry);
  };
}
