import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConsoleSite, PASSWORD } from './console-site.test-support.js';
import { type Tampering, TestProvider } from './oidc-provider.test-support.js';

/** Where browsers believe the console to be: a proxy with TLS is before it. */
const ORIGIN = 'https://fleetwall.example';
const site = new ConsoleSite();
const provider = new TestProvider();
let second = '';
let anna = '';

beforeAll(async () => {
  await site.start();
  // What the provider says of running on loopback with everything in memory is no finding of ours.
  for (const level of ['warn', 'info'] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
  await provider.start(`${ORIGIN}/api/v1/session/oidc/callback`, `${ORIGIN}/`);
  const oidc = {
    ...{ issuer: provider.issuer, ...provider.client, origin: ORIGIN, label: 'Example Ltd' },
    ...{ scopes: ['openid', 'profile'], nameClaim: 'preferred_username', rightsClaim: 'groups' },
    rights: [
      { value: 'fleetwall-admins', role: 'administrator' as const },
      { value: 'acme-desk', role: 'helpdesk' as const, tenant: 'acme' },
    ],
    clockToleranceSeconds: 30,
  };
  second = await site.replica({ ...site.options, oidc });
  await site.replica({ ...site.options, oidc });
  await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
  anna = await site.cookieOf('anna');
}, 60_000);
afterAll(async () => {
  await provider.stop();
  await site.stop();
});
beforeEach(() => {
  Object.assign(provider, { tampering: undefined, denies: false });
  provider.person = { sub: 'sub-nora', name: 'nora', groups: ['fleetwall-admins'] };
});

/** A browser that follows nothing by itself, with cookies of its own. */
class Browser {
  readonly cookies = new Map<string, string>();

  async go(url: string): Promise<Response> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** From the button to where the provider sends the browser back to. */
  async toCallback(to = '/alerts'): Promise<string> {
    let { headers } = await this.go(`${site.base}/session/oidc?to=${encodeURIComponent(to)}`);
    for (let steps = 0; steps < 6; steps++) {
      const next = new URL(headers.get('location') as string, provider.issuer).href;
      if (next.startsWith(ORIGIN)) return next.slice(`${ORIGIN}/api/v1`.length);
      ({ headers } = await this.go(next));
    }
    throw new Error('the provider never sent the browser back');
  }

  async signIn(to?: string): Promise<string | null> {
    const callback = await this.toCallback(to);
    return (await this.go(`${site.base}${callback}`)).headers.get('location');
  }

  get session() {
    return `fleetwall-session=${this.cookies.get('fleetwall-session')}`;
  }
}

const me = (browser: Browser) => site.ask('GET', '/me', { cookie: browser.session });
const admin = (method: string, path: string, body?: unknown) => site.ask(method, path, { body, cookie: anna });
async function lastEntry() {
  const { body } = await admin('GET', '/audit?limit=500');
  return body.entries.find(({ what }: { what: string }) => what === 'finishOidc');
}

describe('signing in by a provider', () => {
  it('is offered where there is one', async () => {
    expect((await site.ask('GET', '/session/ways')).body).toEqual({ provider: 'Example Ltd' });
  });

  it('makes the account that the groups mean, begins a new session, and leads to the page that was asked for', async () => {
    const browser = new Browser();
    browser.cookies.set('fleetwall-session', 'planted');
    expect(await browser.signIn('/alerts?from=now-7d')).toBe('/alerts?from=now-7d');
    expect(browser.cookies.get('fleetwall-session')).toMatch(/^[\w-]{43}$/);
    expect(browser.cookies.has('fleetwall-oidc')).toBe(false);
    expect((await me(browser)).body).toMatchObject({ name: 'nora', role: 'administrator', isOfProvider: true });
    expect((await site.ask('GET', '/me', { cookie: browser.session, base: second })).status).toBe(200);
    expect(await lastEntry()).toMatchObject({ who: 'nora', outcome: 'done', after: { role: 'administrator' } });
    expect(site.reported.at(-1)).toMatchObject({ 'event.outcome': 'success', 'user.name': 'nora' });
    expect((await site.ask('POST', '/session', { body: { name: 'nora', password: PASSWORD } })).status).toBe(401);
  });

  it('follows the groups with the next sign-in, whose change ends the sessions of before', async () => {
    const [before, after] = [new Browser(), new Browser()];
    await before.signIn();
    provider.person = { sub: 'sub-nora', name: 'nora-of-acme', groups: ['acme-desk'] };
    await after.signIn();
    expect((await me(after)).body).toMatchObject({ name: 'nora', role: 'helpdesk', tenant: 'acme' });
    expect((await me(before)).status).toBe(401);
    expect(await lastEntry()).toMatchObject({ before: { role: 'administrator' }, after: { tenant: 'acme' } });
    provider.person.groups = [];
    const refused = new Browser();
    expect(await refused.signIn()).toBe('/#sign-in=OIDC_NOT_MAPPED');
  });

  it('makes no account of whom no group lets in, and takes none over that is local or somebody else', async () => {
    provider.person = { sub: 'sub-eve', name: 'eve', groups: ['others'] };
    expect(await new Browser().signIn()).toBe('/#sign-in=OIDC_NOT_MAPPED');
    expect(await site.accounts.get('eve')).toBeUndefined();
    for (const name of ['anna', 'ANNA', 'nora']) {
      provider.person = { sub: 'sub-eve', name, groups: ['fleetwall-admins'] };
      expect(await new Browser().signIn()).toBe('/#sign-in=OIDC_NAME_TAKEN');
    }
    provider.person = { sub: 'sub-eve', name: 'no name\n', groups: ['fleetwall-admins'] };
    expect(await new Browser().signIn()).toBe('/#sign-in=OIDC_NO_NAME');
    expect((await site.ask('POST', '/session', { body: { name: 'anna', password: PASSWORD } })).status).toBe(200);
  });

  it('leaves the local administrator who must stay, and what the provider decides is not changed here', async () => {
    await new Browser().signIn();
    const last = await site.accounts.change('anna', { role: 'viewer' }).catch((error: unknown) => error);
    expect(last).toMatchObject({ code: 'LAST_ADMINISTRATOR' });
    for (const [method, path, body] of [
      ['PATCH', '/accounts/nora', { role: 'viewer' }],
      ['PUT', '/accounts/nora', { role: 'viewer', password: PASSWORD }],
      ['POST', '/accounts/nora/link', undefined],
    ] as const)
      expect((await admin(method, path, body)).body.code).toBe('ACCOUNT_OF_PROVIDER');
    expect((await admin('PATCH', '/accounts/nora', { disabled: true })).status).toBe(200);
    expect(await new Browser().signIn()).toBe('/#sign-in=ACCOUNT_DISABLED');
    await admin('PATCH', '/accounts/nora', { disabled: false });
  });

  it('signs out here at once, and leads to the provider to sign out there', async () => {
    const browser = new Browser();
    await browser.signIn();
    expect((await site.ask('DELETE', '/session', { cookie: browser.session })).status).toBe(204);
    expect((await me(browser)).status).toBe(401);
    const location = (await browser.go(`${site.base}/session/oidc/end`)).headers.get('location') as string;
    expect(location).toMatch(new RegExp(`^${provider.issuer}/session/end\\?`));
    expect((await browser.go(location)).status).toBe(200);
  });
});

describe('what is refused', () => {
  const refused = '/#sign-in=OIDC_REFUSED';
  const mustBeOutside = async (browser: Browser) => expect((await me(browser)).status).toBe(401);

  it('D10: a callback that this browser never asked for: the attacker’s own code signs nobody in', async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const callback = await attacker.toCallback();
    expect((await victim.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    await victim.toCallback();
    expect((await victim.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    await mustBeOutside(victim);
    expect(await lastEntry()).toMatchObject({ who: 'nobody', outcome: 'refused', code: 'OIDC_REFUSED' });
  });

  it('a code that was used, by the browser that used it, and by one that kept its cookie', async () => {
    const browser = new Browser();
    const callback = await browser.toCallback();
    const kept = browser.cookies.get('fleetwall-oidc') as string;
    expect((await browser.go(`${site.base}${callback}`)).headers.get('location')).toBe('/alerts');
    expect((await browser.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    const thief = new Browser();
    thief.cookies.set('fleetwall-oidc', kept);
    expect((await thief.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    await mustBeOutside(thief);
  });

  it('another state, another issuer in the answer, another verifier of the code', async () => {
    for (const change of [
      (url: string) => url.replace(/state=[^&]+/, 'state=other'),
      (url: string) => url.replace(/iss=[^&]+/, `iss=${encodeURIComponent('https://id.example.org')}`),
      (url: string) => url.replace(/&iss=[^&]+/, ''),
    ]) {
      const browser = new Browser();
      const callback = change(await browser.toCallback());
      expect((await browser.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
      await mustBeOutside(browser);
    }
    const browser = new Browser();
    const callback = await browser.toCallback();
    const pending = JSON.parse(Buffer.from(browser.cookies.get('fleetwall-oidc') as string, 'base64url').toString());
    const forged = { ...pending, verifier: 'x'.repeat(43) };
    browser.cookies.set('fleetwall-oidc', Buffer.from(JSON.stringify(forged)).toString('base64url'));
    expect((await browser.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    for (const rubbish of [
      '',
      'x',
      Buffer.from('[]').toString('base64url'),
      Buffer.from('null').toString('base64url'),
    ]) {
      browser.cookies.set('fleetwall-oidc', rubbish);
      expect((await browser.go(`${site.base}${callback}`)).headers.get('location')).toBe(refused);
    }
  });

  const nowS = () => Math.floor(Date.now() / 1_000);
  it.each<[string, Tampering]>([
    ['without a signature', { signature: 'none' }],
    ['signed by somebody else', { signature: 'foreign' }],
    ['of another issuer', { claims: (claims) => ({ ...claims, iss: 'https://id.example.org' }) }],
    ['for somebody else', { claims: (claims) => ({ ...claims, aud: 'another-client' }) }],
    ['that has expired', { claims: (claims) => ({ ...claims, exp: nowS() - 31 }) }],
    ['of another sign-in', { claims: (claims) => ({ ...claims, nonce: 'another' }) }],
    ['without a nonce', { claims: ({ nonce: _, ...claims }) => claims }],
  ])('an ID token %s', async (_, tampering) => {
    provider.tampering = tampering;
    const browser = new Browser();
    expect(await browser.signIn()).toBe(refused);
    await mustBeOutside(browser);
  });

  it('but not one that is signed anew as it was, or expired within the tolerance of clocks', async () => {
    for (const claims of [(same: Record<string, unknown>) => same, (old: object) => ({ ...old, exp: nowS() - 5 })]) {
      provider.tampering = { claims };
      expect(await new Browser().signIn()).toBe('/alerts');
    }
  });

  it('a no of the provider, in its own words of one kind', async () => {
    provider.denies = true;
    expect(await new Browser().signIn()).toBe('/#sign-in=OIDC_DENIED');
    expect(await lastEntry()).toMatchObject({
      code: 'OIDC_DENIED',
      after: { reason: expect.stringContaining('access_denied') },
    });
  });

  it('another site as the page to come back to', async () => {
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\nb'])
      expect(await new Browser().signIn(to)).toBe('/');
  });

  it('a provider that is not there, with the way out; names and passwords go on', async () => {
    const gone = { ...site.options, oidc: { ...site.options.oidc!, issuer: 'http://127.0.0.1:9' } };
    const base = site.base;
    const alone = await site.replica(gone);
    const { headers } = await new Browser().go(`${alone}/session/oidc`);
    expect(headers.get('location')).toBe('/#sign-in=OIDC_UNREACHABLE');
    const body = { name: 'anna', password: PASSWORD };
    expect((await site.ask('POST', '/session', { body, base: alone })).status).toBe(200);
    site.base = base;
  });
});
