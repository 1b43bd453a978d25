import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alertOf } from '../../services/console/src/notifications/news.test-support.js';
import { ConsoleSite, failedLogon, PASSWORD } from './console-site.test-support.js';

const site = new ConsoleSite();
let secret = '';
let anna = '';

beforeAll(async () => {
  await site.start();
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  anna = await site.cookieOf('anna');
  ({ secret } = await site.tokens.create({ name: 'panel', scopes: ['tenants:write'], days: 1 }, 'anna'));
  await site.store.bulk([failedLogon('of-acme'), failedLogon('of-other', { 'organization.id': 'other' })]);
}, 60_000);
afterAll(() => site.stop());

const panel = (method: string, path: string, body?: unknown) =>
  site.ask(method, path, { body, headers: { authorization: `Bearer ${secret}`, 'x-fleetwall': undefined } });

describe('a tenant', () => {
  it('is made by PUT; the same again changes nothing, what is left out stays', async () => {
    const body = { name: 'Acme Ltd', hosts: ['web-01', 'web-02'] };
    const made = await panel('PUT', '/tenants/acme', body);
    expect(made).toMatchObject({
      status: 200,
      body: {
        id: 'acme',
        state: 'active',
        hosts: [
          { name: 'web-01', seen: true },
          { name: 'web-02', seen: false },
        ],
      },
    });
    const many = await Promise.all(Array.from({ length: 5 }, () => panel('PUT', '/tenants/acme', body)));
    for (const again of many) expect(again.body).toEqual(made.body);
    const renamed = await panel('PUT', '/tenants/acme', { name: 'Acme plc' });
    expect(renamed.body).toMatchObject({ name: 'Acme plc', hosts: made.body.hosts, created: made.body.created });
    expect((await panel('GET', '/tenants')).body.tenants).toEqual([renamed.body]);
  });

  it('has no host of another one, and no name that is no name', async () => {
    const taken = await panel('PUT', '/tenants/other', { hosts: ['web-01'] });
    expect(taken).toMatchObject({ status: 409, body: { code: 'HOST_TAKEN', hint: expect.any(String) } });
    expect((await panel('GET', '/tenants/other')).status).toBe(404);
    for (const id of ['a%20b', '..%2Fme', '-x']) expect((await panel('PUT', `/tenants/${id}`, {})).status).toBe(400);
    expect((await panel('PUT', '/tenants/other/state', { state: 'suspended' })).status).toBe(404);
  });

  it('that is suspended keeps its people and programs out at once, and its hosts protected', async () => {
    await site.accounts.put('adam', { role: 'analyst', tenant: 'acme', password: PASSWORD });
    const adam = await site.cookieOf('adam');
    const own = { name: 'watch', scopes: ['alerts:read'] };
    const token = (await site.ask('POST', '/me/tokens', { body: own, cookie: adam })).body.secret;
    const asked = { target: '198.51.100.7', scope: 'host:web-01', duration: '1h', comment: 'scans us' };
    expect((await site.ask('POST', '/blocks', { body: asked, cookie: adam })).status).toBeLessThan(300);
    const isReached = async () => [
      (await site.ask('GET', '/alerts', { cookie: adam })).status,
      (await site.ask('GET', '/alerts', { headers: { authorization: `Bearer ${token}` } })).status,
      (await site.ask('POST', '/session', { body: { name: 'adam', password: PASSWORD } })).status,
    ];
    expect(await isReached()).toEqual([200, 200, 200]);
    expect((await panel('PUT', '/tenants/acme/state', { state: 'suspended' })).body.state).toBe('suspended');
    expect(await isReached()).toEqual([403, 403, 403]);
    const wrong = await site.ask('POST', '/session', { body: { name: 'adam', password: 'wrong wrong' } });
    expect(wrong.body.code).toBe('SIGN_IN_REFUSED');
    const { body } = await site.ask('GET', '/blocks?state=active', { cookie: anna });
    expect(body.blocks).toContainEqual(expect.objectContaining({ target: '198.51.100.7' }));
    await panel('PUT', '/tenants/acme/state', { state: 'active' });
    expect(await isReached()).toEqual([200, 200, 200]);
  });

  it('is erased with people, sessions, tokens, events, alerts and notes; the answer says what stays, and again finds nothing', async () => {
    const adam = await site.cookieOf('adam');
    await site.tokens.create({ name: 'of-acme', scopes: ['alerts:read'], tenant: 'acme', days: 1 }, 'anna');
    await site.accounts.put('olga', { role: 'viewer', tenant: 'other', password: PASSWORD });
    await site.decisions.putAlerts(
      ['acme', 'other'].map((tenant) => alertOf(`alert-${tenant}`, { tenant, lastMs: Date.now() })),
    );
    for (const id of ['alert-acme', 'alert-other'])
      await site.ask('POST', `/alerts/${id}/comments`, { body: { text: 'a customer called' }, cookie: anna });
    const erased = await panel('DELETE', '/tenants/acme');
    expect(erased).toMatchObject({
      status: 200,
      body: {
        erased: { accounts: 1, tokens: 2, events: 1, alerts: 1, notes: 1 },
        remains: expect.arrayContaining([
          { what: expect.stringContaining('Blocks in force'), until: expect.any(String) },
        ]),
      },
    });
    expect((await site.ask('GET', '/me', { cookie: adam })).status).toBe(401);
    expect((await panel('GET', '/tenants/acme')).status).toBe(404);
    expect((await site.store.byId(['of-acme', 'of-other'])).map((event) => event['event.id'])).toEqual(['of-other']);
    expect(await site.decisions.alertById('alert-acme')).toBeUndefined();
    expect(await site.decisions.alertById('alert-other')).toBeDefined();
    const left = JSON.stringify(
      await Promise.all(
        ['console-accounts', 'console-tokens', 'alert-notes', 'tenants'].map((each) => site.registry.list(each)),
      ),
    );
    expect(left).not.toMatch(/adam|acme/);
    expect(left).toMatch(/olga/);
    const again = await panel('DELETE', '/tenants/acme');
    expect(Object.values(again.body.erased)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const { body } = await site.ask('GET', '/audit?limit=500', { cookie: anna });
    expect(body.entries).toContainEqual(
      expect.objectContaining({ who: 'token:panel', what: 'eraseTenant', about: 'acme', outcome: 'done' }),
    );
  });
});

describe('the recipe for Virtualmin', () => {
  const run = promisify(execFile);
  let config = '';
  const act = (action: string, more: Record<string, string> = {}) =>
    run('bash', ['deploy/panels/virtualmin.sh'], {
      env: {
        ...{ PATH: process.env['PATH'], FLEETWALL_PANEL: config, VIRTUALSERVER_ACTION: action },
        ...{ VIRTUALSERVER_ID: '17330001', VIRTUALSERVER_DOM: 'shop.example', ...more },
      },
    });

  beforeAll(() => {
    config = join(site.directory, 'panel.conf');
    const authorization = join(site.directory, 'authorization');
    writeFileSync(authorization, `Authorization: Bearer ${secret}\n`);
    writeFileSync(config, `FLEETWALL_CONSOLE=${site.origin}\nFLEETWALL_AUTHORIZATION=${authorization}\n`);
  });

  it('follows a virtual server from its creation to its end, whatever comes twice', async () => {
    const tenant = async () => (await panel('GET', '/tenants/17330001')).body;
    for (const [action, state] of [
      ['CREATE_DOMAIN', 'active'],
      ['CREATE_DOMAIN', 'active'],
      ['DISABLE_DOMAIN', 'suspended'],
      ['DISABLE_DOMAIN', 'suspended'],
      ['ENABLE_DOMAIN', 'active'],
      ['SSL_DOMAIN', 'active'],
    ] as const) {
      await act(action);
      expect(await tenant()).toMatchObject({ name: 'shop.example', state });
    }
    await act('MODIFY_DOMAIN', { VIRTUALSERVER_DOM: 'new.example' });
    expect(await tenant()).toMatchObject({ name: 'new.example', state: 'active' });
    await act('DELETE_DOMAIN');
    await act('DELETE_DOMAIN');
    expect(await tenant()).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('leaves sub-servers to their parent, and fails aloud where it fails', async () => {
    await act('CREATE_DOMAIN', { VIRTUALSERVER_ID: '2', VIRTUALSERVER_PARENT: '17330001' });
    expect((await panel('GET', '/tenants/2')).status).toBe(404);
    await expect(act('CREATE_DOMAIN', { VIRTUALSERVER_DOM: 'a","state":"suspended' })).rejects.toMatchObject({
      code: 1,
    });
    await expect(act('ENABLE_DOMAIN', { VIRTUALSERVER_ID: '3' })).rejects.toMatchObject({
      stderr: expect.stringContaining('404'),
    });
  });
});
