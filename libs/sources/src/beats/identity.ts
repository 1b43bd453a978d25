import type { JsonRecord } from './json-record.js';

/** Where a record may name its host; the first that it has counts. */
const HOST_FIELDS = ['host.name', 'host.hostname', 'agent.name', 'winlog.computer_name'];

/** The host that a record names, in lower case. */
export function hostNameOf(record: JsonRecord): string | undefined {
  for (const field of HOST_FIELDS) {
    const name = record.text(field);
    if (name !== undefined && name !== '') return name.toLowerCase();
  }
  return undefined;
}

/** The line that Filebeat read, whatever its processors made of it. */
export function lineOf(record: JsonRecord): string | undefined {
  return record.text('event.original') ?? record.text('message');
}

/**
 * What tells a record from all others of its host: where it lay, and its own words. The same again when a shipper sends it
 * again. Undefined when the record does not say where it lay.
 *
 * - Windows: channel, computer, record id, time and data of the event (a cleared log counts from 1 again);
 * - a file: path, device, inode or fingerprint, offset and line;
 * - the journal, of which Filebeat keeps no cursor: boot, time, writer and message.
 */
export function placeOf(record: JsonRecord): string[] | undefined {
  if (record.object('winlog')) return windowsPlaceOf(record);
  const line = lineOf(record);
  if (line === undefined) return undefined;
  if (record.text('input.type') === 'journald') return ['journald', ...valuesOf(record, JOURNAL_FIELDS), line];
  if (record.number('log.offset') === undefined || record.text('log.file.path') === undefined) return undefined;
  return ['file', ...valuesOf(record, FILE_FIELDS), line];
}

const JOURNAL_FIELDS = ['journald.host.boot_id', '@timestamp', 'journald.pid', 'syslog.identifier'];
const FILE_FIELDS = ['log.file.path', 'log.file.device_id', 'log.file.inode', 'log.file.fingerprint', 'log.offset'];
const WINDOWS_FIELDS = ['winlog.channel', 'winlog.computer_name', 'winlog.record_id', '@timestamp'];

function windowsPlaceOf(record: JsonRecord): string[] | undefined {
  if (record.number('winlog.record_id') === undefined) return undefined;
  const data = Object.entries(record.object('winlog.event_data') ?? {});
  const texts = data.flatMap(([name, value]) => (typeof value === 'string' ? [`${name}=${value}`] : []));
  return ['winlog', ...valuesOf(record, WINDOWS_FIELDS), ...texts.sort()];
}

function valuesOf(record: JsonRecord, fields: readonly string[]): string[] {
  return fields.map((field) => record.text(field) ?? String(record.number(field) ?? ''));
}
