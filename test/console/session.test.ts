import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleSite, PASSWORD } from './console-site.test-support.js';

const OTHER = 'another long password';
const site = new ConsoleSite();
let first = '';
let second = '';

beforeAll(async () => {
  await site.start();
  first = site.base;
  second = await site.replica(site.options);
}, 60_000);
afterAll(() => site.stop());

const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0];
const signIn = (name: string, password: string, headers: Record<string, string> = {}, base = first) =>
  site.ask('POST', '/session', { body: { name, password }, headers, base });
const me = (cookie: string | undefined, base = first) => site.ask('GET', '/me', { cookie, base });

describe('the first administrator', () => {
  it('is created with a token that only the owner of the service can read, once', async () => {
    const path = join(site.directory, 'console-setup');
    const token = readFileSync(path, 'utf8').trim();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const wrong = await site.ask('POST', '/setup', { body: { token: `${token}x`, name: 'root', password: PASSWORD } });
    expect(wrong).toMatchObject({ status: 403, body: { code: 'SETUP_REFUSED' } });
    const body = { token, name: 'anna', password: PASSWORD };
    const both = await Promise.all([first, second].map((base) => site.ask('POST', '/setup', { body, base })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await me(cookieOf((both.find(({ status }) => status === 201) ?? both[0])!.headers))).body).toMatchObject({
      name: 'anna',
      role: 'administrator',
    });
    expect((await site.ask('POST', '/setup', { body: { ...body, name: 'eve' } })).status).toBe(403);
    expect(await site.accounts.get('eve')).toBeUndefined();
    expect(await site.accounts.hasFleetAdministrator()).toBe(true);
  });
});

describe('D08: sessions', () => {
  beforeAll(async () => {
    await site.accounts.put('boris', { role: 'viewer', password: PASSWORD });
  });

  it('a cookie from before the sign-in is not taken over, and a session that was there ends', async () => {
    const planted = 'fleetwall-session=planted';
    const { headers, status } = await signIn('boris', PASSWORD, { cookie: planted });
    expect(status).toBe(200);
    expect(cookieOf(headers)).toMatch(/^fleetwall-session=[\w-]{43}$/);
    expect((await me(planted)).status).toBe(401);
    const again = await signIn('boris', PASSWORD, { cookie: cookieOf(headers) as string });
    expect((await me(cookieOf(headers))).status).toBe(401);
    expect((await me(cookieOf(again.headers))).status).toBe(200);
  });

  it('no script reads the cookie, no other site sends it, and beyond this host only TLS carries it', async () => {
    const local = await signIn('boris', PASSWORD);
    expect(local.headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    expect(await site.registry.list('console-sessions')).not.toContainEqual(
      expect.objectContaining({ id: (cookieOf(local.headers) as string).split('=')[1] }),
    );
  });

  it('logout ends it at once on every replica', async () => {
    const cookie = await site.cookieOf('boris');
    expect((await me(cookie, second)).status).toBe(200);
    expect((await site.ask('DELETE', '/session', { cookie, base: first })).status).toBe(204);
    expect((await me(cookie, first)).status).toBe(401);
    expect((await me(cookie, second)).status).toBe(401);
  });

  it.each([
    ['a new role', { role: 'analyst' }],
    ['the same role set again', { role: 'analyst' }],
    ['a tenant', { role: 'analyst', tenant: 'acme' }],
    ['a password that somebody else set', { role: 'viewer', password: OTHER }],
  ])('%s ends it at once on every replica', async (_, body) => {
    const cookie = await site.cookieOf('boris');
    const administrator = await site.cookieOf('anna');
    expect((await me(cookie, second)).status).toBe(200);
    const changed = await site.ask('PUT', '/accounts/boris', { body, cookie: administrator, base: first });
    expect(changed.status).toBe(200);
    expect((await me(cookie, second)).status).toBe(401);
  });

  it('a password of one’s own ends all of them, and needs the old one', async () => {
    const [cookie, elsewhere] = [await site.cookieOf('boris'), await site.cookieOf('boris')];
    const wrong = await site.ask('PUT', '/me/password', { cookie, body: { old: PASSWORD, new: 'a third long one' } });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'SIGN_IN_REFUSED' } });
    const done = await site.ask('PUT', '/me/password', { cookie, body: { old: OTHER, new: PASSWORD } });
    expect(done.status).toBe(204);
    expect([(await me(cookie)).status, (await me(elsewhere, second)).status]).toEqual([401, 401]);
  });

  it('an account that is made again under a name has none of the old sessions', async () => {
    await site.accounts.put('carla', { role: 'viewer', password: PASSWORD });
    const cookie = await site.cookieOf('carla');
    const administrator = await site.cookieOf('anna');
    expect((await site.ask('DELETE', '/accounts/carla', { cookie: administrator })).status).toBe(204);
    expect((await me(cookie)).status).toBe(401);
    await site.accounts.put('carla', { role: 'viewer', password: PASSWORD });
    expect((await me(cookie)).status).toBe(401);
  });

  it('the last administrator of all tenants stays', async () => {
    const cookie = await site.cookieOf('anna');
    const lesser = await site.ask('PUT', '/accounts/anna', { cookie, body: { role: 'administrator', tenant: 'acme' } });
    expect(lesser).toMatchObject({ status: 409, body: { code: 'LAST_ADMINISTRATOR' } });
    expect((await site.ask('DELETE', '/accounts/Anna', { cookie })).status).toBe(409);
  });
});

describe('wrong passwords', () => {
  it('tell nothing of whether there is such an account, and are events of the product', async () => {
    site.reported.length = 0;
    const proxied = { 'x-forwarded-for': '203.0.113.50' };
    const known = await signIn('anna', 'hunter2 hunter2', proxied);
    const unknown = await signIn('my secret password', 'hunter2 hunter2', proxied);
    expect(known.status).toBe(401);
    expect(unknown.body).toEqual(known.body);
    const [one, two] = site.reported;
    expect(one).toMatchObject({
      'event.module': 'console',
      'event.outcome': 'failure',
      'event.category': ['authentication'],
      'source.ip': '203.0.113.50',
      'user.name': 'anna',
      'fleetwall.evidence': 'handshake',
    });
    expect(two).toBeDefined();
    expect(JSON.stringify(site.reported)).not.toMatch(/secret|hunter2/);
    expect((await signIn('anna', PASSWORD, proxied)).status).toBe(200);
    expect(site.reported.at(-1)).toMatchObject({ 'event.outcome': 'success', 'source.ip': '203.0.113.50' });
  });

  it('are throttled by address, the right password included, and others go on', async () => {
    const from = { 'x-forwarded-for': '203.0.113.66' };
    const many = await Promise.all(Array.from({ length: 14 }, () => signIn('nobody', 'wrong wrong', from)));
    expect(many.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(many.filter(({ body }) => body.code === 'SIGN_IN_THROTTLED')).toHaveLength(4);
    expect((await signIn('anna', PASSWORD, from)).status).toBe(429);
    expect((await signIn('anna', PASSWORD, { 'x-forwarded-for': '203.0.113.67' })).status).toBe(200);
  }, 60_000);

  it('leave no name and no password in the audit log', async () => {
    const cookie = await site.cookieOf('anna');
    const { body } = await site.ask('GET', '/audit?limit=500', { cookie });
    const failed = body.entries.filter(
      (entry: { what: string; outcome: string }) => entry.what === 'signIn' && entry.outcome === 'refused',
    );
    expect(failed.length).toBeGreaterThan(10);
    expect(JSON.stringify(body)).not.toMatch(/secret|hunter2|wrong wrong|correct horse/);
  });
});
