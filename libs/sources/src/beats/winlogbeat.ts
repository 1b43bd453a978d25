import type { FleetEvent } from '@fleetwall/core';
import type { Unparsed } from '../source.js';
import { mapWindowsRecord } from '../windows/map-record.js';
import { recordOf, type WindowsRecord } from '../windows/record.js';
import type { JsonRecord } from './json-record.js';

/**
 * What Winlogbeat's security module moves out of `winlog.event_data`, and where to: put back, so that a record reads the same
 * with and without the module. What Windows itself filled stands first.
 */
const MOVED: readonly (readonly [name: string, field: string])[] = [
  ['TargetUserName', 'user.name'],
  ['TargetDomainName', 'user.domain'],
  ['IpAddress', 'source.ip'],
  ['IpPort', 'source.port'],
  ['ProcessName', 'process.executable'],
  ['ProcessId', 'process.pid'],
  ['SubStatus', 'winlog.logon.failure.sub_status'],
];

/** Records whose data the module moves that way. */
const MOVED_OF = new Set([4624, 4625, 4634, 4647, 4648, 4768, 4771, 4776]);

/** The event of a record as Winlogbeat writes it, with or without its modules. */
export function readWindowsRecord(record: JsonRecord, host: string, timeMs: number): FleetEvent | Unparsed {
  return mapWindowsRecord(windowsRecordOf(record, timeMs), { host });
}

function windowsRecordOf(record: JsonRecord, timeMs: number): WindowsRecord {
  const eventId = record.number('winlog.event_id') ?? record.number('event.code') ?? -1;
  const data = textsOf(record.object('winlog.event_data'));
  if (MOVED_OF.has(eventId)) putBack(record, data);
  const userData = textsOf(record.object('winlog.user_data'));
  const message = record.text('message');
  // Winlogbeat has level, task, opcode and keywords as words of its own.
  return recordOf({
    provider: record.text('winlog.provider_name') ?? record.text('event.provider') ?? 'windows',
    eventId,
    channel: record.text('winlog.channel'),
    computer: record.text('winlog.computer_name'),
    recordId: record.number('winlog.record_id'),
    timeMs,
    processId: record.number('winlog.process.pid'),
    threadId: record.number('winlog.process.thread.id'),
    userSid: record.text('winlog.user.identifier'),
    activityId: record.text('winlog.activity_id'),
    data,
    userData: userData.size > 0 ? userData : undefined,
    message,
    xml: () => record.text('event.original') ?? message ?? '',
  });
}

/** The texts among the values of an object; numbers as their digits. */
function textsOf(values: Readonly<Record<string, unknown>> | undefined): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(values ?? {})) {
    if (typeof value === 'string') texts.set(name, value);
    else if (typeof value === 'number') texts.set(name, String(value));
  }
  return texts;
}

function putBack(record: JsonRecord, data: Map<string, string>): void {
  for (const [name, field] of MOVED) {
    if (data.has(name)) continue;
    const value = record.text(field) ?? record.number(field)?.toString();
    if (value !== undefined) data.set(name, value);
  }
}
