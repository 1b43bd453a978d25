import type { FleetEvent } from '@fleetwall/core';
import { ascii, standsAt } from '../bytes.js';
import { CATEGORY, type EventDraft, failedLogon, plainDraft, TYPE } from '../event-builder.js';
import { OUTLINES, type Outline } from '../outline.js';
import { numberBetween } from '../scan.js';
import { type LogLine, notRelevant, type Source, type Unparsed, unknownMessage } from '../source.js';

/**
 * sudo: `USER : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`, with a reason before TTY when it refused.
 *
 * USER is an account of the host; PWD and COMMAND are what that account chose, so everything is read from the front.
 * Source: plugins/sudoers/logging.c (new_logline).
 */
export const sudo: Source = { name: 'sudo', programs: ['sudo'], parse: parseSudo, outline: outlineOf };

/** A command that was let through, with one word in every place before it. */
const PLAIN = /^ *([^ ]+) : (?:TTY=[^ ]* ; )?PWD=[^ ]* ; USER=([^ ]+) ; COMMAND=(.*)$/s;

function parseSudo(line: LogLine): FleetEvent | Unparsed {
  const match = PLAIN.exec(line.message);
  if (match === null) return parseCarefully(line);
  const draft = plainDraft('sudo', 'sudo-command', CATEGORY.process, TYPE.start);
  draft.user = match[1];
  const event = draft.finish(line);
  event['user.effective.name'] = match[2];
  event['process.command_line'] = match[3];
  return event;
}

/** Commands that were let through, of a user of one word. */
function outlineOf(bytes: Uint8Array, start: number, end: number): Outline | undefined {
  let userStart = start;
  while (bytes[userStart] === 32) userStart++;
  let userEnd = userStart;
  while (userEnd < end && isWordByte(bytes[userEnd] as number)) userEnd++;
  if (userEnd === userStart || userEnd + 7 > end || !standsAt(bytes, SEPARATOR, userEnd)) return undefined;
  return standsAt(bytes, TTY, userEnd + 3) || standsAt(bytes, PWD, userEnd + 3) ? OUTLINES.sudoCommand : undefined;
}

const SEPARATOR = ascii(' : ');
const TTY = ascii('TTY=');
const PWD = ascii('PWD=');

function isWordByte(byte: number): boolean {
  return byte > 32 && byte < 127;
}

function parseCarefully(line: LogLine): FleetEvent | Unparsed {
  const text = line.message.trimStart();
  const userEnd = text.indexOf(' : ');
  if (userEnd < 1) return unknownMessage(line);
  const rest = text.slice(userEnd + 3);
  if (rest.startsWith('(command continued)')) return notRelevant(line);
  const draft = draftOf(rest);
  if (draft === undefined) return unknownMessage(line);
  draft.user = text.slice(0, userEnd);
  const event = draft.finish(line);
  const target = field(rest, 'USER=');
  if (target !== undefined) event['user.effective.name'] = target;
  const commandAt = rest.indexOf('COMMAND=');
  if (commandAt >= 0) event['process.command_line'] = rest.slice(commandAt + 8);
  return event;
}

function draftOf(rest: string): EventDraft | undefined {
  if (startsWithField(rest)) return plainDraft('sudo', 'sudo-command', CATEGORY.process, TYPE.start);
  const reasonEnd = rest.indexOf(' ; ');
  if (reasonEnd < 0) return undefined;
  const reason = rest.slice(0, reasonEnd);
  const attempts = reason.indexOf(' incorrect password attempt');
  const draft = failedLogon('sudo', attempts > 0 ? 'sudo-logon-failed' : 'sudo-refused');
  draft.reason = reason;
  if (attempts <= 0) return draft;
  const count = numberBetween(reason, 0, attempts, 4);
  if (count < 1) return undefined;
  draft.role = 'summary';
  if (count > 1) draft.count = count;
  return draft;
}

/** The fields of a command come in this order, the first ones only when there is something to say. */
function startsWithField(rest: string): boolean {
  return /^(?:HOST|TTY|CHROOT|PWD|USER|GROUP|TSID|ENV|COMMAND)=/.test(rest);
}

/** A field before COMMAND, from `NAME=` to the next ` ; `. */
function field(rest: string, name: string): string | undefined {
  const start = rest.startsWith(name) ? 0 : rest.indexOf(` ; ${name}`) + 3;
  if (start === 2) return undefined;
  const end = rest.indexOf(' ; ', start);
  return end < 0 ? undefined : rest.slice(start + name.length, end);
}
