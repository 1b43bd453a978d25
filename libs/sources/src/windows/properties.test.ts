import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUnparsed } from '../source.js';
import { mapWindowsRecord } from './map-record.js';
import { recordOf, type WindowsRecord } from './record.js';
import { TABLES } from './tables.js';
import { parseEventXml } from './xml/read-event-xml.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';

const FRAGMENTS = [
  VICTIM,
  `[CLIENT: ${VICTIM}]`,
  `'. Reason: x. [CLIENT: ${VICTIM}]`,
  `'. [CLIENT: ${VICTIM}]`,
  "'",
  '"',
  ' ',
  '\n',
  '\r\n\t',
  'Source Network Address:',
  ` Source Network Address:\t${VICTIM}`,
  `\n\tSource Network Address:\t${VICTIM}\n\tSource Port:\t1\n`,
  ` Quellnetzwerkadresse: ${VICTIM} `,
  ' Account Name: x ',
  '\tStatus:\t0x0',
  ' Key Length: 0',
  `</Data><Data Name='IpAddress'>${VICTIM}`,
  ` from ${VICTIM} port 22 ssh2`,
  'DOMAIN\\',
  '\u001b]0;t\u0007',
  '\u202e',
  '\uff11\uff19\uff12.0.2.66',
  '\0',
  '-',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join(''));

const base = recordOf({
  provider: 'Microsoft-Windows-Security-Auditing',
  eventId: 4625,
  channel: 'Security',
  computer: 'WEB-03',
  recordId: 1,
  timeMs: Date.UTC(2026, 10, 22, 7),
  processId: 688,
  xml: () => '<Event/>',
});

function read(more: Partial<WindowsRecord>): FleetEvent | undefined {
  const event = mapWindowsRecord({ ...base, ...more }, { host: 'h' });
  return isUnparsed(event) ? undefined : event;
}

const sample = (name: string, index: number) => {
  const text = readFileSync(fileURLToPath(new URL(`./samples/${name}.xml`, import.meta.url)), 'utf8');
  return parseEventXml(text, () => undefined)[index] ?? base;
};

/** Messages of the samples, with a peer's text in place of the account or the workstation. */
const english = sample('rendered', 0).message ?? '';
const german = sample('rendered', 2).message ?? '';
const before = sample('rendered', 4).message ?? '';

/** Every place where a peer's own text stands, around the address that Windows says is his. */
const PLACES: readonly [string, (text: string) => Partial<WindowsRecord>][] = [
  [
    'account of 4625',
    (text) => ({
      data: new Map([
        ['TargetUserName', text],
        ['IpAddress', REAL],
      ]),
    }),
  ],
  [
    'workstation of 4625',
    (text) => ({
      data: new Map([
        ['WorkstationName', text],
        ['IpAddress', REAL],
      ]),
    }),
  ],
  [
    'account of 4771',
    (text) => ({
      eventId: 4771,
      data: new Map([
        ['TargetUserName', text],
        ['IpAddress', REAL],
      ]),
    }),
  ],
  [
    'workstation of 4776',
    (text) => ({
      eventId: 4776,
      data: new Map([
        ['Workstation', text],
        ['Status', '0xc0000064'],
      ]),
    }),
  ],
  [
    'account of 20271',
    (text) => ({
      provider: 'RemoteAccess',
      eventId: 20271,
      data: new Map([
        ['param1', '{NA}'],
        ['param2', text],
        ['param3', REAL],
      ]),
    }),
  ],
  [
    'account of 18456',
    (text) => ({
      provider: 'MSSQLSERVER',
      eventId: 18456,
      data: new Map([
        ['param1', text],
        ['param2', ' Reason: x.'],
        ['param3', ` [CLIENT: ${REAL}]`],
      ]),
    }),
  ],
  [
    'account in the message of 18456',
    (text) => ({
      provider: 'MSSQLSERVER',
      eventId: 18456,
      message: `Login failed for user '${text}'. Reason: Password did not match that for the login provided. [CLIENT: ${REAL}]`,
    }),
  ],
  [
    'account of MySQL',
    (text) => ({
      provider: 'MySQL',
      eventId: 100,
      data: new Map([['param1', `Access denied for user '${text}'@'${REAL}' (using password: YES)`]]),
    }),
  ],
  [
    'account of VisualSVN',
    (text) => ({
      provider: 'VisualSVN Server 5.3',
      eventId: 1004,
      data: new Map([
        ['param1', `user ${text}: (OS 1326) The user name or password is incorrect.`],
        ['param2', REAL],
      ]),
    }),
  ],
  ['account in the message', (text) => ({ message: english.replace('Administrator', () => text) })],
  ['workstation in the message', (text) => ({ message: english.replace('KALI', () => text) })],
  [
    'account in a message of one line',
    (text) => ({ message: english.replaceAll('\n', ' ').replace('Administrator', () => text) }),
  ],
  ['account in German', (text) => ({ message: german.replace('ADMINISTRATOR', () => text) })],
  ['account of 529', (text) => ({ provider: 'Security', eventId: 529, message: before.replace('root', () => text) })],
  [
    'account in OpenSSH',
    (text) => ({
      provider: 'OpenSSH',
      eventId: 4,
      data: new Map([
        ['process', 'sshd'],
        ['payload', `Failed password for invalid user ${text} from ${REAL} port 4022 ssh2`],
      ]),
    }),
  ],
];

describe.each(PLACES)('the %s', (_, recordWith) => {
  it('is never an address, whatever a peer writes there', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const ip = read(recordWith(text))?.['source.ip'];
        expect([undefined, REAL]).toContain(ip);
      }),
      { numRuns: 300 },
    );
  });

  it('costs as much as it is long', () => {
    for (const fragment of ["'. Reason: x. [CLIENT: ", ' Source Network Address: ', ' \n\t', "баз'"]) {
      const growth = growthOf((length) => {
        const record = recordWith(fragment.repeat(Math.ceil(length / fragment.length)));
        return () => read(record);
      });
      expect(growth).toBeLessThan(IN_PROPORTION);
    }
  });
});

describe('any record', () => {
  it('gives plain fields and never throws, whatever its data are', () => {
    const rows = [...TABLES].flatMap(([provider, table]) =>
      Object.keys(table).map((id) => ({ provider, id: Number(id) })),
    );
    const name = fc.oneof(
      fc.constantFrom(
        'TargetUserName',
        'IpAddress',
        'Status',
        'SettingType',
        'SettingValue',
        'Profiles',
        'param1',
        'param3',
      ),
      fc.constantFrom('Path', 'Severity_ID', 'Address', 'User', 'DeviceId', '__proto__', 'constructor', 'toString'),
      fc.string(),
    );
    const value = fc.oneof(
      hostile,
      fc.constantFrom('0x18', '7', '2147483647', 'file:_C:\\a; file:_', '{', '\\', 'USB\\'),
      fc.string(),
    );
    const data = fc.array(fc.tuple(name, value)).map((pairs) => new Map(pairs));
    const record = fc.record({
      row: fc.constantFrom(...rows),
      data: fc.oneof(data, fc.constant(new Map<string, string>())),
      userData: fc.option(data, { nil: undefined }),
      message: fc.option(hostile, { nil: undefined }),
    });
    fc.assert(
      fc.property(record, ({ row, ...more }) => {
        const event = read({ ...more, provider: row.provider, eventId: row.id });
        const isPlain = (given: unknown) => typeof given !== 'object' || Array.isArray(given);
        expect(Object.values(event ?? {}).every(isPlain)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps at most 128 names', () => {
    const many = new Map(Array.from({ length: 5_000 }, (_, i): [string, string] => [`n${i}`, 'x']));
    expect(Object.keys(read({ data: many }) ?? {}).length).toBeLessThan(200);
  });

  it('is believed no more than its carrier', () => {
    const record = { ...base, data: new Map([['IpAddress', REAL]]) };
    expect(mapWindowsRecord(record, { host: 'h', evidence: 'unauthenticated' })).toMatchObject({
      'fleetwall.evidence': 'unauthenticated',
    });
    expect(mapWindowsRecord({ ...record, eventId: 4771 }, { host: 'h', evidence: 'handshake' })).toMatchObject({
      'fleetwall.evidence': 'spoofable',
    });
  });
});
