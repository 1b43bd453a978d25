import type { LineOrigin, RawLine } from '../input.js';
import { lineId, streamId } from '../line-ids.js';

/** The fields that are asked for; journalctl adds `__CURSOR`, `__REALTIME_TIMESTAMP` and `_BOOT_ID` by itself. */
export const JOURNAL_FIELDS = [
  'MESSAGE',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_PID',
  '_HOSTNAME',
  '_COMM',
  '_PID',
  '_UID',
  '_SYSTEMD_UNIT',
  '_TRANSPORT',
] as const;

/** A field is text, or its bytes when they are not printable UTF-8, or an array of those when it occurs more than once. */
type Field = string | number[] | null | Field[];

/** One entry of `journalctl -o json` (https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format). */
export type JournalEntry = Record<string, Field | undefined>;

export interface EntryOptions {
  maxLineBytes: number;
  readMs: number;
  /** Entries before it are history: milliseconds since 1970 UTC. */
  firstStartMs: number;
}

/** Where an entry is in the journal. */
export interface EntryPosition {
  cursor: string;
  /** Microseconds since 1970 UTC. */
  realtimeUs: number;
}

/** Undefined when the entry lacks what every entry has. */
export function positionOf(entry: JournalEntry): EntryPosition | undefined {
  const cursor = textOf(entry['__CURSOR']);
  const realtimeUs = Number(textOf(entry['__REALTIME_TIMESTAMP']));
  return cursor === undefined || !Number.isFinite(realtimeUs) ? undefined : { cursor, realtimeUs };
}

/**
 * An entry as the line that rsyslog would write of it in its file format, so that one parser reads both:
 * `2026-11-22T07:00:00.123456+00:00 host program[pid]: message`. Control characters in the message are written as rsyslog does
 * (`#012` for a line feed): whoever logs cannot begin a second line.
 */
export function lineOf(entry: JournalEntry, position: EntryPosition, options: EntryOptions): RawLine {
  const bytes = Buffer.from(`${headerOf(entry, position)} ${escapeControls(textOf(entry['MESSAGE']) ?? '')}`);
  const truncated = bytes.length > options.maxLineBytes;
  const kept = truncated ? bytes.subarray(0, options.maxLineBytes) : bytes;
  const { journal, sequence } = cursorParts(position.cursor);
  return {
    text: kept.toString('utf8'),
    truncated,
    id: lineId(streamId('journald', journal), sequence, kept),
    stream: 'journald',
    history: position.realtimeUs < options.firstStartMs * 1000,
    readMs: options.readMs,
    origin: originOf(entry),
  };
}

function headerOf(entry: JournalEntry, { realtimeUs }: EntryPosition): string {
  const transport = textOf(entry['_TRANSPORT']);
  const named =
    textOf(entry['SYSLOG_IDENTIFIER']) ?? textOf(entry['_COMM']) ?? (transport === 'kernel' ? 'kernel' : 'unknown');
  const pid = textOf(entry['_PID']) ?? textOf(entry['SYSLOG_PID']);
  const seconds = new Date(Math.floor(realtimeUs / 1000)).toISOString().slice(0, 19);
  const micros = String(realtimeUs % 1_000_000).padStart(6, '0');
  // The writer chooses its identifier: nothing in it may look like the end of the header.
  const program = named.replace(/[\s:[\]\u0000-\u001f]/g, '_');
  const host = (textOf(entry['_HOSTNAME']) ?? 'localhost').replace(/\s/g, '_');
  return `${seconds}.${micros}+00:00 ${host} ${program}${pid === undefined || program === 'kernel' ? '' : `[${pid.replace(/\D/g, '')}]`}:`;
}

function originOf(entry: JournalEntry): LineOrigin {
  const origin: LineOrigin = {};
  const comm = textOf(entry['_COMM']);
  const unit = textOf(entry['_SYSTEMD_UNIT']);
  const transport = textOf(entry['_TRANSPORT']);
  const pid = textOf(entry['_PID']);
  const uid = textOf(entry['_UID']);
  if (comm !== undefined) origin.comm = comm;
  if (unit !== undefined) origin.unit = unit;
  if (transport !== undefined) origin.transport = transport;
  if (pid !== undefined) origin.pid = Number(pid);
  if (uid !== undefined) origin.uid = Number(uid);
  return origin;
}

/** A cursor is `s=<journal>;i=<sequence number>;…`; should that change, the whole of it tells entries apart as well. */
function cursorParts(cursor: string): { journal: string; sequence: string } {
  const parts = /^s=([0-9a-f]+);i=([0-9a-f]+);/.exec(cursor);
  if (parts === null) return { journal: cursor, sequence: '0' };
  return { journal: parts[1]!, sequence: BigInt(`0x${parts[2]}`).toString(36) };
}

function textOf(field: Field | undefined): string | undefined {
  if (typeof field === 'string') return field;
  if (!Array.isArray(field) || field.length === 0) return undefined;
  if (typeof field[0] === 'number') return Buffer.from(field as number[]).toString('utf8');
  return textOf(field[0] as Field);
}

function escapeControls(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, (control) => `#${control.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
