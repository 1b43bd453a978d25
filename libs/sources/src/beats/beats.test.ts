import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeEvent, type FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUnparsed } from '../source.js';
import { mapWindowsRecord } from '../windows/map-record.js';
import type { WindowsRecord } from '../windows/record.js';
import { parseEventXml } from '../windows/xml/read-event-xml.js';
import { BeatsReader } from './beats-reader.js';
import { hostNameOf, placeOf } from './identity.js';
import { JsonRecord } from './json-record.js';

const samples = fileURLToPath(new URL('./samples', import.meta.url));
const names = readdirSync(samples).filter((name) => name.endsWith('.ndjson'));

function recordOf(json: string): JsonRecord {
  const record = JsonRecord.read(json);
  if (!record) throw new Error(`no object: ${json.slice(0, 80)}`);
  return record;
}

/** As it stands in the expected file: what was read, and whose the record says it is. */
function told(json: string, reader: BeatsReader): unknown {
  const record = recordOf(json);
  const read = reader.read(record);
  const event = read === undefined || isUnparsed(read) ? read : JSON.parse(encodeEvent(read));
  return { host: hostNameOf(record) ?? null, ...(event === undefined ? { refused: true } : event) };
}

describe('golden samples of beats', () => {
  it.each(names)('%s gives the expected events', (name) => {
    const reader = new BeatsReader({ host: 'sample-host', zone: 'UTC' });
    const lines = readFileSync(join(samples, name), 'utf8').split('\n').filter(Boolean);
    const actual = lines.map((line) => told(line, reader));
    const path = join(samples, name.replace(/\.ndjson$/, '.expected.json'));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${JSON.stringify(actual, null, 2)}\n`);
    if (!existsSync(path)) throw new Error(`${path} is missing: write it with npm run golden -- --update`);
    expect(actual).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });
});

const line = 'Nov 22 07:00:00 web-02 sshd[1]: Failed password for root from 198.51.100.7 port 22 ssh2';
const filebeat = {
  '@timestamp': '2026-11-22T07:00:01.000Z',
  message: line,
  input: { type: 'filestream' },
  log: { offset: 10, file: { path: '/var/log/auth.log', inode: '7', device_id: '2049' } },
};
const winlog = {
  '@timestamp': '2026-11-22T07:00:01.000Z',
  winlog: {
    channel: 'Security',
    computer_name: 'WEB-03',
    provider_name: 'Microsoft-Windows-Security-Auditing',
    event_id: '4625',
    record_id: 7,
    event_data: { TargetUserName: 'root', IpAddress: '198.51.100.7' },
  },
};
const placeText = (value: object) => JSON.stringify(placeOf(recordOf(JSON.stringify(value))));

describe('the place of a record', () => {
  it('is the same when a restarted shipper sends it again', () => {
    expect(placeText({ ...filebeat, agent: { ephemeral_id: 'a' } })).toBe(
      placeText({ ...filebeat, agent: { ephemeral_id: 'b' } }),
    );
    const { IpAddress, TargetUserName } = winlog.winlog.event_data;
    const reordered = { ...winlog, winlog: { ...winlog.winlog, event_data: { IpAddress, TargetUserName } } };
    expect(placeText({ ...winlog, event: { created: 'a' } })).toBe(
      placeText({ ...reordered, event: { created: 'b' } }),
    );
  });

  it.each<[string, object]>([
    ['offset', { ...filebeat, log: { ...filebeat.log, offset: 11 } }],
    ['inode', { ...filebeat, log: { ...filebeat.log, file: { ...filebeat.log.file, inode: '8' } } }],
    ['line', { ...filebeat, message: `${line} ` }],
  ])('is another for another %s', (_, other) => {
    expect(placeText(other)).not.toBe(placeText(filebeat));
  });

  it('is another after the log was cleared and counts from 1 again', () => {
    expect(placeText({ ...winlog, '@timestamp': '2026-11-23T07:00:01.000Z' })).not.toBe(placeText(winlog));
  });

  it('is unknown where nothing tells it', () => {
    expect(placeOf(recordOf(JSON.stringify({ message: line, input: { type: 'tcp' } })))).toBeUndefined();
    expect(placeOf(recordOf(JSON.stringify({ winlog: { record_id: 'x' } })))).toBeUndefined();
  });
});

describe('the host of a record', () => {
  it.each<[object, string | undefined]>([
    [{ host: { name: 'WEB-02', hostname: 'other' } }, 'web-02'],
    [{ 'host.name': 'flat' }, 'flat'],
    [{ host: { name: ['web-02'], hostname: 'web-02.example.com' } }, 'web-02.example.com'],
    [{ agent: { name: 'Agent' }, winlog: { computer_name: 'PC' } }, 'agent'],
    [{ winlog: { computer_name: 'PC.corp' } }, 'pc.corp'],
    [{ host: 'web-02' }, undefined],
    [{ host: { name: '' } }, undefined],
  ])('%j is %s', (fields, expected) => {
    expect(hostNameOf(recordOf(JSON.stringify(fields)))).toBe(expected);
  });
});

describe('a line whose header the shipper took off', () => {
  it('is read by the program behind the last slash of its tag, as everywhere', () => {
    const message = 'warning: unknown[198.51.100.7]: SASL LOGIN authentication failed: authentication failure';
    const syslog = { appname: 'postfix/submission/smtpd', procid: '7' };
    const record = { ...filebeat, message, input: { type: 'syslog' }, log: { ...filebeat.log, syslog } };
    const event = new BeatsReader({ host: 'mx', zone: 'UTC' }).read(recordOf(JSON.stringify(record)));
    expect(event).toMatchObject({ 'event.module': 'postfix', 'source.ip': '198.51.100.7', 'process.name': 'smtpd' });
  });
});

describe('the time of a record', () => {
  it.each<[unknown, number | undefined]>([
    ['2026-11-22T07:00:01.123Z', Date.UTC(2026, 10, 22, 7, 0, 1, 123)],
    ['2026-11-22T07:00:01.1234567Z', Date.UTC(2026, 10, 22, 7, 0, 1, 123)],
    ['2026-11-22T08:00:01+01:00', Date.UTC(2026, 10, 22, 7, 0, 1)],
    ['0001-01-01T00:00:00.000Z', undefined],
    ['2026-13-22T07:00:01.123Z', undefined],
    ['2026-11-22T07:00:01', undefined],
    ['Sun, 22 Nov 2026 07:00:01 GMT', undefined],
    [1_795_330_801_123, undefined],
  ])('%j is %s', (time, expected) => {
    expect(recordOf(JSON.stringify({ '@timestamp': time })).timeMs).toBe(expected);
  });
});

describe('hostile records', () => {
  const reader = new BeatsReader({ host: 'sample-host', zone: 'UTC' });
  const isPlain = (event: FleetEvent) =>
    Object.values(event).every((value) => typeof value !== 'object' || Array.isArray(value));

  it('never throw, whatever the types of their fields, and give plain fields only', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const path = (fields: readonly string[]) => fc.record(Object.fromEntries(fields.map((name) => [name, anything])));
    const records = fc.record(
      {
        '@timestamp': fc.oneof(anything, fc.constant('2026-11-22T07:00:01.000Z')),
        message: fc.oneof(anything, fc.constant(line)),
        input: fc.record({ type: fc.constantFrom('filestream', 'journald', 'udp') }),
        log: fc.oneof(path(['offset', 'flags', 'file', 'syslog', 'source']), anything),
        journald: fc.oneof(path(['pid', 'uid', 'process', 'host']), anything),
        syslog: fc.oneof(path(['identifier', 'pid']), anything),
        winlog: fc.oneof(
          fc.record({
            provider_name: fc.constant('Microsoft-Windows-Security-Auditing'),
            event_id: fc.constantFrom('4625', 4624, '4776', '4771'),
            record_id: anything,
            event_data: fc.oneof(path(['IpAddress', 'TargetUserName', 'Status', 'SubStatus', 'IpPort']), anything),
          }),
          anything,
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(records, (value) => {
        const record = recordOf(JSON.stringify(value));
        placeOf(record);
        const read = reader.read(record);
        if (read !== undefined && !isUnparsed(read)) expect(isPlain(read)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('of a local file are read by their line, whichever program a field names', () => {
    const record = { ...filebeat, process: { program: 'sudo', pid: 7 } };
    expect(reader.read(recordOf(JSON.stringify(record)))).toMatchObject({ 'process.name': 'sshd', 'process.pid': 1 });
  });

  it('find nothing that an object inherits', () => {
    const record = recordOf('{"__proto__":{"message":"x"},"a":{}}');
    expect(record.get('message')).toBeUndefined();
    expect(record.get('a.constructor')).toBeUndefined();
    expect(record.get('toString')).toBeUndefined();
  });

  it.each(['', '[]', 'null', '7', '"text"', '{', `${'['.repeat(100_000)}${']'.repeat(100_000)}`])(
    'are no records: %.20s',
    (json) => {
      expect(JsonRecord.read(json)).toBeUndefined();
    },
  );
});

/** As Winlogbeat writes it without its modules, with `include_xml: true`. */
function winlogbeatJson(record: WindowsRecord): string {
  return JSON.stringify({
    '@timestamp': new Date(record.timeMs).toISOString(),
    message: record.message,
    event: { code: String(record.eventId), original: record.xml() },
    winlog: {
      activity_id: record.activityId,
      channel: record.channel,
      computer_name: record.computer,
      event_data: Object.fromEntries(record.data),
      event_id: String(record.eventId),
      process: { pid: record.processId },
      provider_name: record.provider,
      record_id: record.recordId,
      user: { identifier: record.userSid },
      user_data: Object.fromEntries(record.userData ?? []),
    },
  });
}

describe('a record of Windows', () => {
  const folder = fileURLToPath(new URL('../windows/samples', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.xml'));

  it.each(files)('is the same event by Winlogbeat as by XML: %s', (file) => {
    const reader = new BeatsReader({ host: 'sample-host', zone: 'UTC' });
    for (const record of parseEventXml(readFileSync(join(folder, file), 'utf8'), () => undefined)) {
      // JSON has no place for it, and Winlogbeat writes no such name.
      if (record.data.has('__proto__')) continue;
      expect(reader.read(recordOf(winlogbeatJson(record)))).toEqual(mapWindowsRecord(record, { host: 'sample-host' }));
    }
  });
});
