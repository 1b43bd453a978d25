import type { Role } from '@fleetwall/console-service';
import type { Registry } from '@fleetwall/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Accounts } from '../../services/console/src/session/accounts.js';
import { Passwords } from '../../services/console/src/session/passwords.js';
import { ConsoleSite, PASSWORD } from './console-site.test-support.js';

const NEW = 'another long password';
const site = new ConsoleSite();
let second = '';
let anna = '';

beforeAll(async () => {
  await site.start();
  const first = site.base;
  second = await site.replica(site.options);
  site.base = first;
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  await add('otto', 'administrator');
  anna = await site.cookieOf('anna');
}, 60_000);
afterAll(() => site.stop());

/** Somebody whose password is that of anna: hashing it again takes a while. */
async function add(name: string, role: Role): Promise<void> {
  const found = await site.registry.get<Account>('console-accounts', 'anna');
  const account = { ...found?.value, name, role, stamp: `of ${name}` };
  await site.registry.put('console-accounts', name, account);
}

const admin = (method: string, path: string, body?: unknown) => site.ask(method, path, { body, cookie: anna });
const me = (cookie: string | undefined, base?: string) => site.ask('GET', '/me', { cookie, ...(base ? { base } : {}) });
const cookieIn = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] as string;
const useLink = (path: string, password = NEW, base = site.base) =>
  site.ask('POST', '/session/link', { body: { token: path.split('#')[1], password }, base });
async function lastAct(what: string) {
  const { body } = await admin('GET', '/audit?limit=500');
  return body.entries.find((entry: { what: string }) => entry.what === what);
}

describe('an invitation', () => {
  it('is a link that sets the password once, on any replica, and is shown once', async () => {
    const invited = await admin('POST', '/accounts', { name: 'Ines', role: 'analyst', tenant: 'acme' });
    expect(invited).toMatchObject({ status: 201, body: { name: 'Ines', state: 'invited', tenant: 'acme' } });
    expect((await site.ask('POST', '/session', { body: { name: 'ines', password: NEW } })).status).toBe(401);
    const { path } = invited.body.link;
    const list = await admin('GET', '/accounts');
    expect(list.body.accounts).toContainEqual(expect.objectContaining({ name: 'Ines', state: 'invited', sessions: 0 }));
    expect(JSON.stringify([list.body, await site.registry.list('console-accounts')])).not.toContain(path.split('.')[1]);
    const both = await Promise.all([useLink(path), useLink(path, `${NEW}!`, second)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, expect.any(Number)]);
    const [won] = both.filter(({ status }) => status === 201);
    expect(both.filter(({ status }) => status !== 201)[0]?.status).toBeGreaterThanOrEqual(410);
    expect((await me(cookieIn(won!.headers))).body).toMatchObject({ name: 'Ines', role: 'analyst', tenant: 'acme' });
    expect((await useLink(path)).body).toMatchObject({ code: 'LINK_REFUSED', hint: expect.any(String) });
    expect(await lastAct('inviteAccount')).toMatchObject({ who: 'anna', about: 'Ines', after: { role: 'analyst' } });
    expect(JSON.stringify((await admin('GET', '/audit?limit=500')).body)).not.toContain(path.split('.')[1]);
  });

  it('of a name that is there changes nothing', async () => {
    const again = await admin('POST', '/accounts', { name: 'OTTO', role: 'viewer' });
    expect(again).toMatchObject({ status: 409, body: { code: 'ACCOUNT_EXISTS' } });
    expect(await site.accounts.get('otto')).toMatchObject({ role: 'administrator' });
  });

  it('makes nobody the administrator that must stay: who never came is in charge of nothing', async () => {
    const lone = await site.accounts.list();
    await admin('POST', '/accounts', { name: 'newcomer', role: 'administrator' });
    await admin('PATCH', '/accounts/otto', { disabled: true });
    const refused = await site.accounts.change('anna', { role: 'viewer' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
    await admin('PATCH', '/accounts/otto', { disabled: false });
    await admin('DELETE', '/accounts/newcomer');
    expect(await site.accounts.list()).toHaveLength(lone.length);
  });
});

describe('a forgotten password', () => {
  it('is set anew by a link; only the last one works, sessions of before end, a disabled person has none', async () => {
    await add('fred', 'viewer');
    const old = await site.cookieOf('fred');
    const first = await admin('POST', '/accounts/fred/link');
    const last = await admin('POST', '/accounts/fred/link');
    expect((await me(old)).status).toBe(200);
    expect((await useLink(first.body.path)).status).toBe(410);
    await admin('PATCH', '/accounts/fred', { disabled: true });
    expect((await useLink(last.body.path)).status).toBe(410);
    await admin('PATCH', '/accounts/fred', { disabled: false });
    expect((await useLink(last.body.path)).status).toBe(410);
    const { body } = await admin('POST', '/accounts/fred/link');
    const again = await site.cookieOf('fred');
    expect((await useLink(body.path)).status).toBe(201);
    expect([(await me(old)).status, (await me(again, second)).status]).toEqual([401, 401]);
    expect((await site.ask('POST', '/session', { body: { name: 'fred', password: NEW } })).status).toBe(200);
    for (const forged of ['/password#', '/password#x.y', `/password#${body.path.split('#')[1].split('.')[0]}.x`])
      expect((await useLink(forged)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('what an administrator changes', () => {
  it('ends the sessions of that person on every replica, and is audited with before and after', async () => {
    await add('gwen', 'viewer');
    for (const [change, before, after] of [
      [{ role: 'helpdesk' }, { role: 'viewer', state: 'active' }, { role: 'helpdesk', state: 'active' }],
      [
        { tenant: 'acme' },
        { role: 'helpdesk', state: 'active' },
        { role: 'helpdesk', tenant: 'acme', state: 'active' },
      ],
      [{ disabled: true }, { state: 'active' }, { state: 'disabled' }],
      [{ disabled: false, tenant: null }, { state: 'disabled', tenant: 'acme' }, { state: 'active' }],
    ] as const) {
      const cookie = await site.cookieOf('gwen');
      expect((await admin('PATCH', '/accounts/gwen', change)).status).toBe(200);
      expect((await me(cookie, second)).status).toBe(401);
      expect(await lastAct('changeAccount')).toMatchObject({ who: 'anna', about: 'gwen', before, after });
    }
  });

  it('who is disabled is told so with the right password only', async () => {
    await admin('PATCH', '/accounts/gwen', { disabled: true });
    const signIn = (password: string) => site.ask('POST', '/session', { body: { name: 'gwen', password } });
    expect((await signIn(PASSWORD)).body).toMatchObject({ code: 'ACCOUNT_DISABLED', hint: expect.any(String) });
    expect((await signIn('wrong wrong')).body.code).toBe('SIGN_IN_REFUSED');
  });

  it('is never their own role, tenant, state or account', async () => {
    for (const change of [{ role: 'viewer' }, { tenant: 'acme' }, { disabled: true }])
      expect((await admin('PATCH', '/accounts/ANNA', change)).body.code).toBe('OWN_RIGHTS');
    expect((await admin('DELETE', '/accounts/anna')).body.code).toBe('OWN_RIGHTS');
    expect((await admin('PUT', '/accounts/anna', { role: 'administrator' })).status).toBe(200);
    anna = await site.cookieOf('anna');
  });

  const administrators = async () => {
    for (const name of ['anna', 'otto']) {
      if (!(await site.accounts.get(name)))
        await site.accounts.put(name, { role: 'administrator', password: PASSWORD });
      await site.accounts.change(name, { role: 'administrator', isDisabled: false });
    }
    anna = await site.cookieOf('anna');
  };

  it('of two who take the role of each other at the same time one stays administrator, asked on two replicas', async () => {
    for (let round = 0; round < 4; round++) {
      await administrators();
      const replies = await Promise.all([
        admin('PATCH', '/accounts/otto', { role: 'viewer' }),
        site.ask('PATCH', '/accounts/anna', {
          body: { disabled: true },
          cookie: await site.cookieOf('otto'),
          base: second,
        }),
      ]);
      expect(await site.accounts.hasFleetAdministrator()).toBe(true);
      for (const { status } of replies) expect([200, 401, 409, 412]).toContain(status);
    }
    await administrators();
  });

  it('nor does it help to have read before the other has written', async () => {
    await administrators();
    let reading = 0;
    let allHaveRead = (): void => undefined;
    const bothHaveRead = new Promise<void>((resolve) => {
      allHaveRead = resolve;
    });
    const { registry } = site;
    const late: Registry = {
      get: (collection, id) => registry.get(collection, id),
      list: async <T>(collection: string) => {
        const all = await registry.list<T>(collection);
        if (++reading === 2) allHaveRead();
        await bothHaveRead;
        return all;
      },
      put: (collection, id, value, ifVersion) => registry.put(collection, id, value, ifVersion),
      delete: (collection, id, ifVersion) => registry.delete(collection, id, ifVersion),
      watch: (collection, onChange) => registry.watch(collection, onChange),
      close: () => registry.close(),
    };
    const replica = () => new Accounts(late, new Passwords(), Date.now);
    const done = await Promise.allSettled([
      replica().change('otto', { role: 'viewer' }, 'anna'),
      replica().delete('anna', 'otto'),
    ]);
    expect(reading).toBe(2);
    const refused = done.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'CHANGED_MEANWHILE' });
    expect(await site.accounts.hasFleetAdministrator()).toBe(true);
    await administrators();
  });
});

describe('sessions', () => {
  it('are listed with their address, and ended one by one by their person, all by an administrator', async () => {
    await add('hugo', 'viewer');
    const signIn = await site.ask('POST', '/session', {
      body: { name: 'hugo', password: PASSWORD },
      headers: { 'x-forwarded-for': '203.0.113.90' },
    });
    const [here, elsewhere] = [cookieIn(signIn.headers), await site.cookieOf('hugo')];
    const { body } = await site.ask('GET', '/me/sessions', { cookie: here });
    expect(body.sessions).toHaveLength(2);
    expect(body.sessions).toContainEqual(expect.objectContaining({ from: '203.0.113.90', isThis: true }));
    const { id } = body.sessions.find((each: { isThis: boolean }) => !each.isThis);
    expect((await site.ask('DELETE', `/me/sessions/${id}`, { cookie: anna })).status).toBe(404);
    expect((await site.ask('DELETE', `/me/sessions/${id}`, { cookie: here })).status).toBe(204);
    expect([(await me(here)).status, (await me(elsewhere, second)).status]).toEqual([200, 401]);
    expect((await admin('GET', '/accounts/hugo/sessions')).body.sessions).toHaveLength(1);
    expect((await admin('DELETE', '/accounts/hugo/sessions')).status).toBe(204);
    expect((await me(here, second)).status).toBe(401);
    expect(await lastAct('endAccountSessions')).toMatchObject({ about: 'hugo', before: { sessions: 1 } });
  });
});

describe('tokens of one’s own', () => {
  const asToken = (secret: string, method: string, path: string, body?: unknown) =>
    site.ask(method, path, { body, headers: { authorization: `Bearer ${secret}`, 'x-fleetwall': undefined } });
  const block = { target: '198.51.100.50', scope: 'fleet', duration: '1h' };

  it('may never more than their owner may at the time', async () => {
    await add('iris', 'helpdesk');
    const cookie = await site.cookieOf('iris');
    const ask = (body: unknown) => site.ask('POST', '/me/tokens', { body, cookie });
    expect((await ask({ name: 'x', scopes: ['system:read'] })).body.code).toBe('SCOPE_BEYOND_ROLE');
    const made = await ask({ name: 'desk', scopes: ['blocks:read', 'blocks:write'], days: 1 });
    expect(made).toMatchObject({ status: 201, body: { owner: 'iris', name: 'desk' } });
    const { secret } = made.body;
    expect((await asToken(secret, 'GET', '/blocks')).status).toBe(200);
    // A helpdesk lifts and does not block, whatever the scope of the token would allow.
    expect((await asToken(secret, 'POST', '/blocks/preview', block)).status).toBe(403);
    await admin('PATCH', '/accounts/iris', { role: 'analyst' });
    expect((await asToken(secret, 'POST', '/blocks/preview', block)).status).toBe(200);
    await admin('PATCH', '/accounts/iris', { tenant: 'acme' });
    expect((await asToken(secret, 'POST', '/blocks/preview', block)).body.code).toBe('SCOPE_FOREIGN');
    const listed = (await admin('GET', '/tokens')).body.tokens;
    expect(listed).toContainEqual(expect.objectContaining({ owner: 'iris', used: expect.any(String) }));
    await admin('PATCH', '/accounts/iris', { disabled: true });
    expect((await asToken(secret, 'GET', '/blocks')).status).toBe(401);
    await admin('DELETE', '/accounts/iris');
    expect((await admin('GET', '/tokens')).body.tokens).not.toContainEqual(expect.objectContaining({ owner: 'iris' }));
  });

  it('are seen by their owner and administrators alone, and end at once', async () => {
    await add('jan', 'viewer');
    await add('kim', 'viewer');
    const [jan, kim] = [await site.cookieOf('jan'), await site.cookieOf('kim')];
    const body = { name: 'watch', scopes: ['alerts:read'] };
    const { secret } = (await site.ask('POST', '/me/tokens', { body, cookie: jan })).body;
    expect((await site.ask('POST', '/me/tokens', { body, cookie: kim })).status).toBe(201);
    expect((await site.ask('POST', '/me/tokens', { body, cookie: kim })).body.code).toBe('ACCOUNT_EXISTS');
    expect((await site.ask('GET', '/me/tokens', { cookie: kim })).body.tokens).toHaveLength(1);
    expect((await site.ask('DELETE', '/me/tokens/watch', { cookie: kim })).status).toBe(204);
    expect((await asToken(secret, 'GET', '/alerts')).status).toBe(200);
    expect((await admin('DELETE', '/tokens/watch')).status).toBe(404);
    expect((await admin('DELETE', '/tokens/watch?owner=jan')).status).toBe(204);
    expect((await asToken(secret, 'GET', '/alerts')).status).toBe(401);
    expect(await lastAct('deleteToken')).toMatchObject({ who: 'anna', about: 'watch', before: { owner: 'jan' } });
    expect(JSON.stringify((await admin('GET', '/audit?limit=500')).body)).not.toContain(secret);
  });
});
