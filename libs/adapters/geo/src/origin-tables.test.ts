import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FleetwallError } from '@fleetwall/core';
import { type MmdbOptions, type MmdbValue, mmdbFile } from '@fleetwall/testkit';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OriginTables } from './origin-tables.js';

const directory = mkdtempSync(join(tmpdir(), 'fleetwall-geo-'));
const errors: FleetwallError[] = [];
const opened: OriginTables[] = [];
beforeEach(() => void errors.splice(0));
afterAll(async () => {
  for (const tables of opened) await tables.close();
  rmSync(directory, { recursive: true });
});

const ipinfo = { asn: 'AS64500', as_name: 'Example', as_domain: 'example.net', continent: 'EU' };

function put(name: string, networks: [string, MmdbValue][], options?: MmdbOptions): string {
  const path = join(directory, name);
  // As updaters do: whole or not at all.
  writeFileSync(`${path}.new`, mmdbFile(networks, options));
  renameSync(`${path}.new`, path);
  return path;
}

async function open(databases: string[], more: { isShippedUsed?: boolean; lookEveryMs?: number } = {}) {
  const onError = (error: FleetwallError) => void errors.push(error);
  const tables = await OriginTables.open({ databases, isShippedUsed: false, onError, ...more });
  opened.push(tables);
  return tables;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

describe('databases of operators', () => {
  const city = { iso_code: 'NL', geoname_id: 2_750_405, names: { en: 'Netherlands', de: 'Niederlande' } };

  it.each<[string, MmdbValue, object]>([
    [
      'GeoLite2 City',
      { country: city, registered_country: { iso_code: 'DE' }, city: { names: { en: 'Example' } } },
      { country: 'NL' },
    ],
    ['GeoLite2 of a network that is only registered', { registered_country: { iso_code: 'DE' } }, {}],
    ['GeoLite2 ASN, DB-IP ASN', as(64_500, 'Example'), { asNumber: 64_500, asName: 'Example' }],
    [
      'GeoIP2 Enterprise',
      { country: city, traits: as(64_500, 'Example') },
      { country: 'NL', asNumber: 64_500, asName: 'Example' },
    ],
    [
      'IPinfo Lite',
      { ...ipinfo, country: 'Netherlands', country_code: 'NL' },
      { country: 'NL', asNumber: 64_500, asName: 'Example' },
    ],
    [
      'IPinfo Country ASN',
      { ...ipinfo, country: 'NL', country_name: 'Netherlands' },
      { country: 'NL', asNumber: 64_500, asName: 'Example' },
    ],
    ['IPinfo ASN', { asn: 'AS64500', name: 'Example', domain: 'example.net' }, { asNumber: 64_500, asName: 'Example' }],
    ['ip-location-db', { country_code: 'NL' }, { country: 'NL' }],
    ['a record of something else', { name: 'Example', country: 'nowhere', asn: 'none', connection_type: 'Cable' }, {}],
    ['a country that is none', { country_code: 'ZZ' }, {}],
    ['a number out of range', as(4_294_967_296 - 1, ''), { asNumber: 4_294_967_295 }],
    ['no map', 'NL', {}],
  ])('%s', async (_, record, origin) => {
    const path = put('layout.mmdb', [['203.0.113.0/24', record]]);
    expect((await open([path])).of('203.0.113.7')).toEqual({ ...origin, special: 'documentation' });
  });

  it.each<MmdbOptions>([
    { recordSize: 24, ipVersion: 6 },
    { recordSize: 28, ipVersion: 6 },
    { recordSize: 32, ipVersion: 6 },
    { recordSize: 28, ipVersion: 4 },
  ])('are read in any form of the format: %j', async (options) => {
    const ipv6: [string, MmdbValue][] = options.ipVersion === 4 ? [] : [['2001:db8::/32', { country_code: 'FR' }]];
    const networks: [string, MmdbValue][] = [
      ['198.51.100.0/24', { country_code: 'DE' }],
      ['198.51.100.128/25', { country_code: 'AT' }],
    ];
    const tables = await open([put('form.mmdb', [...networks, ...ipv6], options)]);
    expect(tables.of('198.51.100.127').country).toBe('DE');
    expect(tables.of('198.51.100.128').country).toBe('AT');
    expect(tables.of('198.51.101.1').country).toBeUndefined();
    expect(tables.of('2001:db8:7::1').country).toBe(options.ipVersion === 4 ? undefined : 'FR');
    // IPv6 that carries IPv4 is of where that is.
    for (const carrying of ['::ffff:198.51.100.1', '64:ff9b::198.51.100.1', '2002:c633:6401::1'])
      expect(tables.of(carrying).country).toBe('DE');
    // Of a network only what holds for all of it.
    expect(tables.of('198.51.100.0/25').country).toBe('DE');
    expect(tables.of('198.51.100.0/24').country).toBeUndefined();
  });

  it('the first that knows a thing says it, and what is no address is of nowhere', async () => {
    const one = put('one.mmdb', [['203.0.113.0/24', as(64_500, 'First')]]);
    const two = put('two.mmdb', [['203.0.113.0/24', { country_code: 'NL', asn: 64_501, name: 'Second' }]]);
    const tables = await open([one, two]);
    expect(tables.of('203.0.113.7')).toEqual({
      country: 'NL',
      asNumber: 64_500,
      asName: 'First',
      special: 'documentation',
    });
    for (const text of ['', 'nobody', '203.0.113', '203.0.113.7/33', '__proto__', '203.0.113.7%eth0'])
      expect(tables.of(text)).toEqual({});
  });

  it('a new one is taken up without a restart, and a damaged one is told of once and changes nothing', async () => {
    const path = put('watched.mmdb', [['203.0.113.0/24', { country_code: 'NL' }]]);
    const tables = await open([path], { lookEveryMs: 20 });
    expect(tables.of('203.0.113.7').country).toBe('NL');
    put('watched.mmdb', [['203.0.113.0/24', { country_code: 'BE' }]]);
    await until(() => tables.of('203.0.113.7').country === 'BE');
    const whole = mmdbFile([['203.0.113.0/24', { country_code: 'DE' }]]);
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'GEO_FILE_DAMAGED', message: expect.stringContaining(path) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(errors).toHaveLength(1);
    expect(tables.of('203.0.113.7').country).toBe('BE');
    expect(tables.numbers()).toContainEqual(expect.objectContaining({ name: 'fleetwall_geo_refused', value: 1 }));
    rmSync(path);
    await until(() => errors.length > 1);
    expect(errors[1]?.code).toBe('GEO_FILE_UNREADABLE');
    writeFileSync(path, whole);
    await until(() => tables.of('203.0.113.7').country === 'DE');
    expect(tables.numbers()).toContainEqual(expect.objectContaining({ name: 'fleetwall_geo_refused', value: 0 }));
  });

  it('whatever bytes change in one, it is refused or answers, and the others are used', async () => {
    const whole = mmdbFile([
      ['203.0.113.0/24', { country: city }],
      ['2001:db8::/32', as(64_500, 'Example')],
    ]);
    const path = join(directory, 'flipped.mmdb');
    const second = put('second.mmdb', [['203.0.113.0/24', { country_code: 'NL' }]]);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] as number) ^ 0xa5;
      writeFileSync(path, bytes);
      const tables = await open([path, second]);
      expect(Object.keys(tables.of('203.0.113.7'))).toContain('country');
      tables.of('2001:db8::7');
      refused += errors.splice(0).length;
    }
    expect(refused).toBeGreaterThan(10);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a packed one', Buffer.from('1f8b0800', 'hex')],
    ['a page of HTML', Buffer.from('<html>sign in first</html>')],
    ['one of the format before', Buffer.concat([Buffer.alloc(100), Buffer.from('ffffff01', 'hex')])],
  ])('%s is refused, and says how to go on', async (_, bytes) => {
    const path = join(directory, 'other.mmdb');
    writeFileSync(path, bytes);
    await open([path]);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'GEO_FILE_DAMAGED', hint: expect.stringContaining('.mmdb') }),
    ]);
  });
});

describe('the tables that come with Fleetwall', () => {
  it('know the systems and countries of well-known addresses, and nothing of special ones', async () => {
    const tables = await open([], { isShippedUsed: true });
    expect(errors).toEqual([]);
    expect(tables.sources().map(({ name }) => name)).toEqual(['NRO', 'IP Geolocation by DB-IP', 'RouteViews']);
    // Of the registry that gives addresses out in Europe: they do not move.
    expect(tables.of('193.0.6.139')).toMatchObject({ country: 'NL', asNumber: 3_333 });
    expect(tables.of('2001:67c:2e8:22::c100:68b')).toMatchObject({
      country: 'NL',
      asNumber: 3_333,
      asName: expect.stringMatching(/ripe/i),
    });
    expect(tables.of('203.0.113.7')).toEqual({ special: 'documentation' });
    expect(tables.of('10.1.2.3')).toEqual({ special: 'private' });
    expect(tables.of('2001:db8::1')).toEqual({ special: 'documentation' });
    expect(tables.of('100.64.0.1')).toEqual({ special: 'carrier NAT' });
    expect(tables.of('193.0.6.0/24').asNumber).toBe(3_333);
    expect(tables.of('193.0.0.0/8').asNumber).toBeUndefined();
  });

  it('give way to a database of the operator', async () => {
    const own = put('own.mmdb', [
      ['193.0.6.128/25', as(64_500, 'Own')],
      ['10.1.0.0/16', { country_code: 'DE' }],
    ]);
    const tables = await open([own], { isShippedUsed: true });
    expect(tables.of('193.0.6.139')).toEqual({ country: 'NL', asNumber: 64_500, asName: 'Own' });
    expect(tables.of('193.0.6.1').asNumber).toBe(3_333);
    expect(tables.of('10.1.2.3')).toEqual({ country: 'DE', special: 'private' });
  });
});

function as(number: number, name: string): { [field: string]: MmdbValue } {
  return { autonomous_system_number: number, autonomous_system_organization: name };
}
