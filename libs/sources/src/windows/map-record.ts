import type { EvidenceClass, FleetEvent } from '@fleetwall/core';
import type { Unparsed } from '../source.js';
import { WindowsData } from './data.js';
import type { WindowsEntry } from './entry.js';
import { writeFields } from './fields.js';
import { readOpenSsh } from './openssh.js';
import { type WindowsRecord, writeRecord } from './record.js';
import { type FailureReason, reasonOf, statusCode, writeReason } from './status.js';
import { entryOf } from './tables.js';

export interface WindowsContext {
  /** Whose records they are. */
  host: string;
  /** What the carrier proves at best; `handshake` when absent. */
  evidence?: EvidenceClass;
}

/**
 * The event of a record of Windows' event log, whichever carrier it came by: the same record gives the same event. Fields are
 * those that Winlogbeat gives, with Fleetwall's own beside them; data that no field takes stay under `winlog.event_data.*`
 * or `winlog.user_data.*`. Never throws; linear in the length of the record.
 */
export function mapWindowsRecord(record: WindowsRecord, context: WindowsContext): FleetEvent | Unparsed {
  const { provider, eventId } = record;
  const openSsh = readOpenSsh(record, context);
  if (openSsh !== undefined) return openSsh;
  const table = entryOf(provider, eventId);
  if (table === undefined) return { unparsed: 'unknown-program', program: provider };
  const program = `${provider} ${eventId}`;
  if (table === 'unknown-event') return { unparsed: 'unknown-message', program };
  const event = eventOf(record, table, context);
  return typeof event === 'string' ? { unparsed: event, program } : event;
}

function eventOf(
  record: WindowsRecord,
  entry: WindowsEntry,
  context: WindowsContext,
): FleetEvent | 'not-relevant' | 'unknown-message' {
  const data = new WindowsData(record, entry.positions);
  const event = beginEvent(record, entry, context);
  if (entry.fields !== undefined) writeFields(event, data, entry.fields);
  writeOutcome(event, entry, data);
  const told = entry.complete?.(event, data, record) ?? true;
  if (told !== true) return told === false ? 'not-relevant' : 'unknown-message';
  for (const [name, value] of data.rest()) event[`${data.prefix}${name}`] = value;
  return event;
}

function beginEvent(record: WindowsRecord, entry: WindowsEntry, context: WindowsContext): FleetEvent {
  const event: FleetEvent = {
    '@timestamp': record.timeMs,
    'event.original': record.xml(),
    'event.kind': 'event',
    'event.module': 'windows',
    'event.category': entry.category,
    'event.type': entry.type,
    'event.action': entry.action,
    'host.name': context.host,
    'process.name': record.provider,
    'fleetwall.evidence': weakest(entry.evidence, context.evidence),
  };
  writeRecord(event, record);
  return event;
}

/** Failures of one event are told apart by its code: what the code is about, and whether anybody guessed. */
function writeOutcome(event: FleetEvent, entry: WindowsEntry, data: WindowsData): void {
  const code = entry.status === undefined ? undefined : codeOf(entry.status, data);
  const outcome = entry.outcome ?? (code === undefined ? undefined : code === '0x0' ? 'success' : 'failure');
  if (outcome === undefined) return;
  event['event.outcome'] = outcome;
  if (outcome === 'success') return;
  if (entry.outcome === undefined) event['event.action'] = `${entry.action}-failed`;
  const reason = code === undefined ? undefined : reasonOf(code);
  writeReason(event, reason);
  const isGuess = reason?.noGuess !== true && !isComputer(event, reason);
  if (entry.role !== undefined && isGuess) event['fleetwall.attempt.role'] = entry.role;
}

/**
 * A computer whose password is no longer right at its domain tries it for ever. Nobody guesses one: it has 120 random
 * characters. An account that does not exist is somebody's guess all the same.
 */
function isComputer(event: FleetEvent, reason: FailureReason | undefined): boolean {
  return reason?.userKnown === true && reason.state === undefined && event['user.name']?.endsWith('$') === true;
}

/** The first code that is none of success; `0x0` when there is no other. */
function codeOf(names: readonly string[], data: WindowsData): string {
  let code = '';
  for (const name of names) {
    code = statusCode(data.get(name));
    if (code !== '' && code !== '0x0') return code;
  }
  return code;
}

const STRENGTH: readonly EvidenceClass[] = ['unauthenticated', 'spoofable', 'handshake'];

function weakest(one: EvidenceClass = 'handshake', other: EvidenceClass = 'handshake'): EvidenceClass {
  return STRENGTH[Math.min(STRENGTH.indexOf(one), STRENGTH.indexOf(other))] ?? 'unauthenticated';
}
