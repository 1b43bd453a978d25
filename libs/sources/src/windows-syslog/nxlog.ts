import { JsonRecord } from '../beats/json-record.js';
import type { FormatReader, LogFormat, StreamContext } from '../log-format.js';
import type { Unparsed } from '../source.js';
import { readDatedStamp } from '../time/stamps.js';
import { mapWindowsRecord } from '../windows/map-record.js';
import { recordOf } from '../windows/record.js';
import { hostOf } from './host.js';

/** The module of NXLog that reads the event log names itself in every record; within a value the quotes are escaped. */
const MODULE = /"SourceModuleType"\s?:\s?"im_(?:msvistalog|mseventlog)"/;

/** Fields of NXLog's own, and of the record's System part: all others are its data by name. */
const NO_DATA = new Set([
  'EventTime',
  'EventReceivedTime',
  'Hostname',
  'Keywords',
  'EventType',
  'Severity',
  'SeverityValue',
  'SourceName',
  'ProviderGuid',
  'Channel',
  'Message',
  'Category',
  'Opcode',
  'ActivityID',
  'UserID',
  'SourceModuleName',
  'SourceModuleType',
]);

/** NXLog's `to_json()` of `im_msvistalog` and `im_mseventlog`: the data by name, and the message. */
export const nxlog: LogFormat = {
  name: 'NXLog (JSON of the Windows event log)',
  begins: '{',
  recognises: isRecord,
  open: openNxlog,
};

function isRecord(raw: string): boolean {
  return raw.charCodeAt(0) === 123 && MODULE.test(raw);
}

function openNxlog(stream: StreamContext): FormatReader {
  return (raw) => {
    if (!isRecord(raw)) return undefined;
    const json = JsonRecord.read(raw);
    const eventId = json?.number('EventID');
    const provider = json?.text('SourceName');
    if (json === undefined || eventId === undefined || provider === undefined) return unknown();
    const timeMs = timeOf(json, stream);
    if (timeMs < 0) return unknown();
    const record = recordOf({
      provider,
      eventId,
      channel: json.text('Channel'),
      computer: json.text('Hostname'),
      recordId: json.number('RecordNumber'),
      timeMs,
      processId: json.number('ExecutionProcessID') ?? json.number('ProcessID'),
      userSid: json.text('UserID'),
      activityId: json.text('ActivityID'),
      data: dataOf(json),
      message: json.text('Message'),
      xml: () => raw,
    });
    return mapWindowsRecord(record, { host: hostOf(stream, json.text('Hostname')), evidence: stream.evidence });
  };
}

/** `2026-11-22 07:00:00` in local time, or ISO 8601 with a zone. */
function timeOf(json: JsonRecord, { clock }: StreamContext): number {
  const text = json.text('EventTime') ?? '';
  return text[10] === 'T' ? clock.readIso(text, 0) : readDatedStamp(clock, text, 0);
}

function dataOf(json: JsonRecord): Map<string, string> {
  const data = new Map<string, string>();
  for (const [name, value] of Object.entries(json.fields)) {
    if (typeof value === 'string' && !NO_DATA.has(name)) data.set(name, value);
  }
  return data;
}

function unknown(): Unparsed {
  return { unparsed: 'unknown-message', program: 'nxlog' };
}
