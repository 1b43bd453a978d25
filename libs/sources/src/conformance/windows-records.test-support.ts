import { inflateRawSync } from 'node:zlib';
import { recordOf, type WindowsRecord } from '../windows/record.js';

/** What a tree of JSON has at a path; undefined where it ends before. */
function at(tree: unknown, ...path: string[]): unknown {
  let value = tree;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function number(value: unknown): number | undefined {
  const digits = text(value);
  return digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

interface Parts {
  provider: unknown;
  system: unknown;
  time: unknown;
  data: Map<string, string>;
  userData?: Map<string, string>;
  message?: string;
}

function recordOfParts({ provider, system, time, data, userData, message }: Parts, original: string): WindowsRecord {
  const id = at(system, 'EventID');
  return recordOf({
    provider: text(provider) ?? '',
    eventId: number(id) ?? number(at(id, '#text')) ?? -1,
    channel: text(at(system, 'Channel')),
    computer: text(at(system, 'Computer')),
    recordId: number(at(system, 'EventRecordID')),
    timeMs: Date.parse(String(time).replace(/(\.\d{3})\d+/, '$1')),
    processId: number(at(system, 'Execution', '#attributes', 'ProcessID')),
    userSid: text(at(system, 'Security', '#attributes', 'UserID')),
    activityId: text(at(system, 'Correlation', '#attributes', 'ActivityID')),
    data,
    userData,
    message,
    xml: () => original,
  });
}

/** One line as `evtx_dump -o jsonl` prints it; undefined where there is no record. */
export function recordOfEvtxDump(line: string): WindowsRecord | undefined {
  const event = at(JSON.parse(line), 'Event');
  const system = at(event, 'System');
  const provider = at(system, 'Provider', '#attributes', 'Name');
  if (provider === undefined) return undefined;
  const data = new Map<string, string>();
  for (const [name, value] of Object.entries(at(event, 'EventData') ?? {})) {
    if (name === 'Data') addUnnamed(data, at(value, '#text'));
    else if (name !== '#attributes') data.set(name, text(value) ?? '');
  }
  const userData = leavesOf(at(event, 'UserData'));
  const parts = { provider, system, time: at(system, 'TimeCreated', '#attributes', 'SystemTime'), data };
  return recordOfParts({ ...parts, ...(userData.size > 0 ? { userData } : {}) }, line);
}

function addUnnamed(data: Map<string, string>, values: unknown): void {
  const list = Array.isArray(values) ? values : values === undefined ? [] : [values];
  list.forEach((value, i) => {
    data.set(`param${i + 1}`, text(value) ?? '');
  });
}

function leavesOf(tree: unknown, into = new Map<string, string>()): Map<string, string> {
  for (const [name, value] of Object.entries(tree ?? {})) {
    if (name === '#attributes' || name === 'xmlns') continue;
    if (typeof value === 'object' && value !== null) leavesOf(value, into);
    else into.set(name, text(value) ?? '');
  }
  return into;
}

/** One event as the samples of open-xp-rules have it: XML as JSON, without the `#`. */
export function recordOfOpenXp(json: string): WindowsRecord {
  const event = at(JSON.parse(json), 'Event');
  const system = at(event, 'System');
  const data = new Map<string, string>();
  const items = at(event, 'EventData', 'Data');
  if (Array.isArray(items) && items.every((item) => typeof item === 'object')) {
    for (const item of items) data.set(text(at(item, 'Name')) ?? `param${data.size + 1}`, text(at(item, 'text')) ?? '');
  } else {
    addUnnamed(data, items);
  }
  const userData = leavesOf(at(event, 'UserData'));
  const parts = {
    provider: at(system, 'Provider', 'Name'),
    system,
    time: at(system, 'TimeCreated', 'SystemTime'),
    data,
  };
  return recordOfParts({ ...parts, ...(userData.size > 0 ? { userData } : {}) }, json);
}

/** One line as NXLog's `to_json()` writes it: all fields beside each other, and the message as it reads. */
export function recordOfNxlog(line: string): WindowsRecord {
  const flat = JSON.parse(line) as Record<string, unknown>;
  const data = new Map(
    Object.entries(flat).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  for (const name of ['Message', 'Channel', 'Hostname', 'host', '@timestamp', 'SourceName']) data.delete(name);
  const system = { EventID: flat['EventID'], Channel: flat['Channel'], EventRecordID: flat['RecordNumber'] };
  const message = text(flat['Message']);
  const parts = { provider: flat['SourceName'], system, time: flat['@timestamp'], data };
  return recordOfParts({ ...parts, ...(message === undefined ? {} : { message }) }, line);
}

/** The first file of a ZIP archive, which begins with it (PKWARE APPNOTE 4.3.7, 4.3.12). */
export function firstFileOf(zip: Buffer): string {
  const central = zip.lastIndexOf(Buffer.from('PK\x01\x02'));
  let entry = zip.indexOf(Buffer.from('PK\x01\x02'));
  while (entry < central && zip.readUInt32LE(entry + 42) !== 0)
    entry = zip.indexOf(Buffer.from('PK\x01\x02'), entry + 4);
  const length = zip.readUInt32LE(entry + 20);
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28);
  return inflateRawSync(zip.subarray(start, start + length)).toString('utf8');
}
