import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FleetEvent, withOrigin } from '@fleetwall/core';
import { OriginTables } from '@fleetwall/geo';
import { mmdbFile } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';
import { labelsOf, NameServer } from './name-server.test-support.js';

const site = new ConsoleSite();
const names = new NameServer((type) =>
  type === 'PTR' ? [labelsOf('<b>host</b>.example'), labelsOf('host.example')] : ['203.0.113.7'],
);
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-origins-'));
let origins: OriginTables;
let base: string;

beforeAll(async () => {
  const database = join(directory, 'networks.mmdb');
  const network = (number: number, name: string, country: string) => ({
    ...{ autonomous_system_number: number, autonomous_system_organization: name },
    country: { iso_code: country },
  });
  writeFileSync(
    database,
    mmdbFile([
      ['203.0.113.0/24', network(64_500, 'Example', 'NL')],
      ['203.0.113.128/25', network(64_500, 'Example', 'BE')],
      ['198.51.100.0/24', network(64_501, '<script>alert(1)</script>', 'DE')],
    ]),
  );
  const onError = (error: unknown) => void site.errors.push(error);
  origins = await OriginTables.open({ databases: [database], isShippedUsed: false, onError });
  await site.start();
  await names.start();
  base = await site.replica({ ...site.options, origins, reverseNames: { isAllowed: true, resolvers: [names.place] } });
  for (const [name, tenant] of [
    ['anna', undefined],
    ['acme', 'acme'],
  ] as const) {
    await site.accounts.put(name, { role: 'analyst', password: PASSWORD, ...(tenant ? { tenant } : {}) });
  }
  await site.accounts.put('hilda', { role: 'helpdesk', password: PASSWORD });
  const from = (id: string, address: string, more: Partial<FleetEvent> = {}) =>
    failedLogon(id, { 'source.ip': address, ...more });
  const other = { 'organization.id': 'other', 'host.name': 'db-09' };
  const events = [
    from('a1', '203.0.113.7'),
    from('a2', '203.0.113.8', { 'host.name': 'web-02' }),
    from('a3', '203.0.113.200'),
    from('a4', '203.0.113.7', other),
    from('b1', '198.51.100.7'),
    from('c1', '192.0.2.1'),
    from('ok', '198.51.100.8', { 'event.outcome': 'success' }),
  ];
  // As the indexer stores them.
  await site.store.bulk(events.map((event) => withOrigin(event, origins)));
}, 60_000);

afterAll(async () => {
  await site.stop();
  await names.stop();
  await origins.close();
  rmSync(directory, { recursive: true });
});

async function get(path: string, as = 'anna') {
  return (await site.ask('GET', path, { cookie: await site.cookieOf(as), base })).body;
}

const FAILED = encodeURIComponent('event.outcome:failure AND fleetwall.attempt.role:attempt');

describe('origins', () => {
  it('are told of many addresses at once, to everybody who is signed in', async () => {
    const asked = ['203.0.113.7', '203.0.113.0/25', '203.0.113.0/24', '10.1.2.3', 'nobody'];
    expect(await get(`/origins?addresses=${encodeURIComponent(asked.join())}`, 'hilda')).toEqual({
      origins: [
        { address: '203.0.113.7', country: 'NL', asNumber: 64_500, asName: 'Example', special: 'documentation' },
        { address: '203.0.113.0/25', country: 'NL', asNumber: 64_500, asName: 'Example', special: 'documentation' },
        { address: '203.0.113.0/24', special: 'documentation' },
        { address: '10.1.2.3', special: 'private' },
        { address: 'nobody' },
      ],
      sources: [],
    });
    const tooMany = Array.from({ length: 101 }, (_, i) => `192.0.2.${i}`).join();
    expect(await get(`/origins?addresses=${tooMany}`)).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await get('/addresses/203.0.113.7', 'hilda')).toMatchObject({ origin: { country: 'NL', asNumber: 64_500 } });
  });

  it('networks are ranked by what a query finds, with hosts and countries, within the tenant', async () => {
    const { networks } = await get(`/origins/networks?query=${FAILED}`);
    expect(networks).toEqual([
      { asNumber: 64_500, asName: 'Example', countries: ['NL', 'BE'], events: 4, hosts: 3, isMore: false },
      { asNumber: 64_501, asName: '<script>alert(1)</script>', countries: ['DE'], events: 1, hosts: 1, isMore: false },
    ]);
    const own = await get(`/origins/networks?query=${FAILED}&limit=1`, 'acme');
    expect(own.networks).toMatchObject([{ asNumber: 64_500, events: 3, hosts: 2 }]);
  });

  it('every figure is that of the events its query finds', async () => {
    const query = encodeURIComponent(
      'source.as.number:64500 AND (event.outcome:failure AND fleetwall.attempt.role:attempt)',
    );
    expect((await get(`/events/histogram?query=${query}`)).total).toBe(4);
    expect((await get('/events/histogram?query=source.geo.country_iso_code:NL')).total).toBe(3);
    expect((await get('/events/top?field=source.as.number')).values).toEqual([
      { value: '64500', count: 4 },
      { value: '64501', count: 2 },
    ]);
    const { events } = await get('/events?query=source.as.number:%5B64501%20TO%20*%5D');
    expect(events[0]).toMatchObject({
      'source.as.number': 64_501,
      'source.as.organization.name': '<script>alert(1)</script>',
    });
  });
});

describe('names of addresses', () => {
  it('are asked for when somebody asks, and not by anything else', async () => {
    expect(names.asked).toEqual([]);
    const told = await get('/addresses/203.0.113.7/names', 'hilda');
    expect(told).toEqual({
      state: 'named',
      names: expect.arrayContaining([{ name: 'host.example', isConfirmed: true }]),
    });
    expect(names.asked[0]).toBe('PTR 7.113.0.203.in-addr.arpa');
    expect(await get('/addresses/203.0.113.0%2F24/names')).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await get('/addresses/host.example/names')).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
  });

  it('are nothing for a program, and nothing where they are not allowed', async () => {
    const { secret } = await site.tokens.create({ name: 'program', scopes: ['blocks:read'], days: 1 }, 'anna');
    const headers = { authorization: `Bearer ${secret}` };
    expect((await site.ask('GET', '/addresses/203.0.113.9/names', { headers, base })).status).toBe(403);
    const silent = await site.replica({
      ...site.options,
      reverseNames: { isAllowed: false, resolvers: [names.place] },
    });
    const before = names.asked.length;
    const cookie = await site.cookieOf('anna');
    expect((await site.ask('GET', '/addresses/203.0.113.9/names', { cookie, base: silent })).body).toEqual({
      state: 'off',
      names: [],
    });
    expect(names.asked).toHaveLength(before);
  });
});
