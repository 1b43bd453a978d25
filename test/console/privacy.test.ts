import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertChange, Block, FleetEvent } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, failedLogon, PASSWORD, type Reply } from './console-site.test-support.js';

const site = new ConsoleSite();
const GONE = '198.51.100.7';
const STAYS = '198.51.100.8';
const NOW = Date.now();
let admin = '';
let analyst = '';
let tenant = '';

const event = (id: string, more: Partial<FleetEvent>) =>
  failedLogon(id, { 'event.original': `a line of ${more['user.name']} from ${more['source.ip']}`, ...more });

function alert(id: string, key: Record<string, string>, contributors: string[] = []): AlertChange {
  return {
    ...{ id, version: 1, state: 'open', rule: 'slow-grind', ruleId: id, title: id, level: 'high', tags: [] },
    ...{ tenant: 'acme', key, evidenceClass: 'handshake', knownGood: false, history: false, threshold: 5 },
    ...{ firstMs: NOW - 60_000, lastMs: NOW - 1_000, firedMs: NOW - 1_000, count: 5, hosts: ['web-01'], evidence: [] },
    contributors: contributors.map((value) => ({ value, count: 1, firstMs: NOW - 60_000, lastMs: NOW - 1_000 })),
    cleared: [],
  } as AlertChange;
}

beforeAll(async () => {
  await site.start();
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  await site.accounts.put('bert', { role: 'analyst', password: PASSWORD });
  await site.accounts.put('carl', { role: 'administrator', tenant: 'acme', password: PASSWORD });
  [admin, analyst, tenant] = [await site.cookieOf('anna'), await site.cookieOf('bert'), await site.cookieOf('carl')];
  const dora = { 'user.name': 'dora', 'user.hash': '0123456789ab', 'source.ip': STAYS };
  const hidden = { ...dora, 'user.name': '~0123456789ab', 'source.ip': GONE };
  const logon = { 'event.outcome': 'success', 'fleetwall.attempt.role': undefined, 'process.pid': 77 } as const;
  const at = (minutes: number) => ({ '@timestamp': NOW - minutes * 60_000 });
  await site.store.bulk([
    event('a1', { 'source.ip': GONE }),
    event('a2', { 'source.ip': GONE, 'organization.id': 'other' }),
    event('b1', { 'source.ip': STAYS }),
    event('d1', { ...hidden, ...at(50) }),
    event('d2', { ...dora, ...logon, ...at(40) }),
    event('d3', {
      ...dora,
      ...at(30),
      'process.pid': 77,
      'event.outcome': undefined,
      'event.category': ['session'],
      'event.type': ['end'],
    }),
    event('d4', { ...dora, ...at(20), 'organization.id': 'other', 'source.ip': '203.0.113.99' }),
  ]);
  await site.decisions.putAlerts([
    alert('own', { 'source.ip': GONE }),
    alert('shared', { 'user.name': 'root' }, [GONE, STAYS]),
    alert('other', { 'source.ip': STAYS }),
    alert('masked', { 'user.name': '~0123456789ab' }),
  ]);
  const block = { target: GONE, scope: { type: 'fleet' }, atMs: NOW - 1_000, untilMs: NOW + 3_600_000, offence: 1 };
  const rest = { reasons: [], forgetBeforeMs: 0, cutSessions: false, except: [], history: [] };
  await site.decisions.putBlocks([{ id: 'holds', version: 1, state: 'active', ...block, ...rest } as unknown as Block]);
  await site.ask('POST', '/alerts/own/comments', { cookie: admin, body: { text: 'seen before' } });
}, 60_000);
afterAll(() => site.stop());

const ask = (method: string, path: string, body?: unknown, cookie = admin): Promise<Reply> =>
  site.ask(method, path, { cookie, body });

describe('the report of an account', () => {
  it('has its masked failures with the others, where it logged on from and when it was connected', async () => {
    const { body } = await ask('GET', '/users/dora');
    expect(body).toMatchObject({ user: 'dora', masked: false, events: 4 });
    expect(body.names.sort()).toEqual(['dora', '~0123456789ab']);
    expect(body.logons).toEqual([{ address: STAYS, count: 1 }]);
    expect(body.sessions).toEqual([
      expect.objectContaining({ host: 'web-01', address: STAYS, from: expect.any(String), until: expect.any(String) }),
    ]);
    expect(body.alerts.map(({ id }: { id: string }) => id)).toEqual(['masked']);
  });

  it('is found by its mask as well, and says where nobody is known behind one', async () => {
    expect((await ask('GET', '/users/~0123456789ab')).body).toMatchObject({ masked: false, events: 4 });
    await site.store.bulk([event('m1', { 'user.name': '~ffffffffffff', 'user.hash': 'ffffffffffff' })]);
    expect((await ask('GET', '/users/~ffffffffffff')).body).toMatchObject({ masked: true, events: 1 });
  });

  it("has a tenant's own events alone, and a count of the others", async () => {
    const { body } = await ask('GET', '/users/dora', undefined, tenant);
    expect(body).toMatchObject({ events: 3, hidden: 1 });
    expect(JSON.stringify(body)).not.toContain('203.0.113.99');
  });
});

describe('an erasure', () => {
  const subject = { kind: 'address', value: GONE };

  it('is for administrators of all tenants', async () => {
    for (const cookie of [analyst, tenant])
      expect((await ask('POST', '/erasures', { ...subject, reference: 'x' }, cookie)).status).toBe(403);
    expect(await site.store.count({ query: { type: 'all' }, range: { fromMs: 0, toMs: NOW + 1e9 } })).toBe(8);
  });

  it('shows before what it would remove, and what would remain', async () => {
    const { status, body } = await ask('POST', '/erasures/preview', subject);
    expect(status).toBe(200);
    expect(body).toMatchObject({ events: 3, alerts: 1, changedAlerts: 1, blocksInForce: 1 });
    expect(body.remains).toContainEqual({
      what: 'What people did in the console (audit log)',
      until: '365 days after they were written',
    });
  });

  it("of one tenant's data leaves the others'", async () => {
    const { body } = await ask('POST', '/erasures', { ...subject, tenant: 'other', reference: 'R 1' });
    expect(body).toMatchObject({ events: 1, alerts: 0, changedAlerts: 0 });
    expect((await ask('GET', `/addresses/${GONE}`)).body.events).toBe(2);
  });

  it('removes events, alerts and what people noted on them, and lifts no block', async () => {
    const reports = [GONE, STAYS].map((address) => JSON.stringify([null, address]));
    for (const id of reports) await site.registry.put('abuse-reports', id, [{ atMs: NOW, by: 'anna' }]);
    const { status, body } = await ask('POST', '/erasures', { ...subject, reference: 'Request 17' });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ events: 2, alerts: 1, changedAlerts: 1, notes: 1, blocks: 0 }),
    ]);
    const report = (await ask('GET', `/addresses/${GONE}`)).body;
    expect(report).toMatchObject({ events: 0, blocked: true, alerts: [] });
    expect((await ask('GET', '/alerts/own')).status).toBe(404);
    expect(await site.registry.get('alert-notes', 'own')).toBeUndefined();
    expect((await site.registry.list('abuse-reports')).map(({ id }) => id)).toEqual(reports.slice(1));
    expect((await ask('GET', `/addresses/${STAYS}`)).body.events).toBeGreaterThan(0);
    const again = await ask('POST', '/erasures', { ...subject, reference: 'Request 17' });
    expect(again.body).toMatchObject({ events: 0, alerts: 0, changedAlerts: 0, notes: 0 });
  });

  it('of an account removes what masks it as well', async () => {
    const { body } = await ask('POST', '/erasures', { kind: 'user', value: 'dora', reference: 'dora asked' });
    // Its masked failure went with the address.
    expect(body).toMatchObject({ events: 3, alerts: 1 });
    expect((await ask('GET', '/users/dora')).body).toMatchObject({ events: 0, names: ['dora'] });
  });

  it('of a tenant removes all that is its own', async () => {
    const { body } = await ask('POST', '/erasures', { kind: 'tenant', value: 'acme', reference: 'end of contract' });
    expect(body.events).toBeGreaterThan(0);
    expect((await ask('GET', '/alerts/other')).status).toBe(404);
    expect((await ask('POST', '/erasures/preview', { kind: 'tenant', value: 'acme' })).body).toMatchObject({
      events: 0,
      alerts: 0,
    });
  });

  it('is in the audit log, and whom it was about is not', async () => {
    const { body } = await ask('GET', '/audit?limit=100');
    const acts = body.entries.filter(({ what }: { what: string }) => what === 'erase');
    expect(acts.filter(({ outcome }: { outcome: string }) => outcome === 'done')).toHaveLength(5);
    const told = JSON.stringify(acts.filter(({ outcome }: { outcome: string }) => outcome === 'done'));
    for (const value of [GONE, 'dora', 'acme']) expect(told).not.toContain(`"${value}`);
    expect(told).toMatch(/"after":\{"reference":"Request 17","events":2/);
    expect(told).toContain('(it named the subject)');
  });

  it('leaves nothing of the line in the files of the store', async () => {
    await site.store.close();
    const directory = join(site.directory, 'events');
    const files = (readdirSync(directory, { recursive: true }) as string[]).map((name) => join(directory, name));
    const held = files.filter(
      (file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes('~0123456789ab'),
    );
    expect(held).toEqual([]);
  });
});
