import { createServer } from 'node:net';
import { WEB_ROOT } from '@fleetwall/console-service';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ConsoleSite, failedLogon, PASSWORD } from '../console/console-site.test-support.js';
import { TestProvider } from '../console/oidc-provider.test-support.js';
import { openBrowser, openPage, overflowOf, PHONE, watchErrors } from './browser.js';
import { describeBrowser, look as lookAt } from './seat.test-support.js';

const NEW = 'another long password';

describeBrowser('people in a browser', () => {
  const site = new ConsoleSite();
  const provider = new TestProvider();
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    // What the provider says of running on loopback with everything in memory is no finding of ours.
    for (const level of ['warn', 'info'] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
    await site.start();
    // The provider wants to know where it sends people back to before the console listens there.
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    await provider.start(`${origin}/api/v1/session/oidc/callback`, `${origin}/`);
    const oidc = {
      ...{ issuer: provider.issuer, ...provider.client, origin, label: 'Example Ltd', scopes: ['openid', 'profile'] },
      ...{ nameClaim: 'preferred_username', rightsClaim: 'groups', clockToleranceSeconds: 30 },
      rights: [{ value: 'staff', role: 'viewer' as const }],
    };
    await site.replica({ ...site.options, webRoot: WEB_ROOT, oidc }, port);
    await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
    await site.store.bulk([failedLogon('of-acme')]);
    browser = await openBrowser();
    page = await openPage(browser);
    errors = watchErrors(page);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await provider.stop();
    await site.stop();
  });

  const look = (name: string, shown = page) => lookAt(shown, errors, name);

  let link = '';

  it('invites somebody with a link that is shown once', async () => {
    await page.goto(`${site.origin}/overview`);
    await page.getByRole('link', { name: 'Sign in with Example Ltd' }).waitFor();
    await look('sign-in-provider');
    await page.getByLabel('Name').fill('anna');
    await page.getByLabel('Password').first().fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    await page.getByText('1 person').waitFor();
    await page.getByRole('button', { name: 'Invite…' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('ines');
    await page.getByRole('dialog').getByLabel('Tenant').fill('acme');
    await page.keyboard.press('Enter');
    const shown = page.getByLabel('Link for ines').last();
    await shown.waitFor();
    link = await shown.inputValue();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/password#/);
    await look('invite-link');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Invited', { exact: true }).waitFor();
  });

  it('who opens the link chooses a password and is in, once', async () => {
    const other = await openPage(browser);
    await other.goto(link);
    await other.getByLabel('Password').first().fill(NEW);
    await look('password', other);
    await other.keyboard.press('Enter');
    await other.getByRole('button', { name: 'ines' }).waitFor();
    expect(await other.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await other.goto(`${site.origin}/overview`);
    await other.goto(link);
    await other.getByLabel('Password').first().fill(NEW);
    await other.keyboard.press('Enter');
    await other.getByRole('alert').getByText('LINK_REFUSED').waitFor();
    await other.close();
  });

  it('shows sessions, disables with undo, and tells what a role means before it changes', async () => {
    await page.reload();
    await page.getByText('Active', { exact: true }).nth(1).waitFor();
    await page.getByText('ines', { exact: true }).first().click();
    await page.getByRole('region', { name: 'The person' }).getByText('since').waitFor();
    await look('users');
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('ines is disabled and signed out.').waitFor();
    await page.getByText('Disabled', { exact: true }).waitFor();
    await page.keyboard.press('u');
    await page.getByText('Disabled', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Role…' }).click();
    await page.getByRole('dialog').getByText('ends no session').waitFor();
    await look('role');
    await page.keyboard.press('Escape');
  });

  it('makes a token whose secret is shown once, and revokes it', async () => {
    await page.getByRole('tab', { name: 'Tokens' }).click();
    await page.getByRole('button', { name: 'New token…' }).click();
    await page.getByRole('dialog').getByLabel('Token').first().fill('panel');
    await page.getByRole('dialog').getByLabel('tenants:write').check();
    await page.getByRole('dialog').getByLabel('decisions:read').waitFor();
    await look('token-new');
    await page.getByRole('button', { name: 'Make' }).click();
    const shown = page.getByLabel('Secret of panel').last();
    await shown.waitFor();
    const authorization = `Bearer ${await shown.inputValue()}`;
    const headers = { authorization, 'x-fleetwall': undefined };
    const body = { name: 'Acme Ltd', hosts: ['web-01', 'web-02'] };
    expect((await site.ask('PUT', '/tenants/acme', { body, headers })).status).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('1 token').waitFor();
    await look('tokens');
    await page.getByRole('button', { name: 'Revoke panel' }).click();
    await page.getByText('No program has a token.').waitFor();
    expect((await site.ask('GET', '/tenants', { headers })).status).toBe(401);
  });

  it('suspends a tenant and resumes it, and shows whose hosts report', async () => {
    await page.getByRole('tab', { name: 'Tenants' }).click();
    await page.getByText('1 of 2').waitFor();
    await page.getByRole('button', { name: 'Suspend acme' }).click();
    await page.getByText('suspended', { exact: true }).waitFor();
    await look('tenants');
    await page.getByRole('button', { name: 'Resume acme' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
  });

  it('has a page of one’s own, in the dark and on a phone as well', async () => {
    await page.getByRole('button', { name: 'anna' }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await page.getByText('(this one)').waitFor();
    await look('account');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(PHONE);
    for (const [path, text] of [
      ['users', 'ines'],
      ['account', '(this one)'],
    ] as const) {
      await page.goto(`${site.origin}/${path}`);
      await page.getByText(text).first().waitFor();
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await look(`${path}-phone`);
    }
  });

  it('signs in by the provider to the page that was asked for, and says why not', async () => {
    const other = await openPage(browser);
    await other.goto(`${site.origin}/alerts`);
    provider.person = { sub: 'sub-nora', name: 'nora', groups: [] };
    await other.getByRole('link', { name: 'Sign in with Example Ltd' }).click();
    await other.getByText('None of your groups may use this console.').waitFor();
    await look('sign-in-failed', other);
    provider.person.groups = ['staff'];
    await other.goto(`${site.origin}/alerts`);
    await other.getByRole('link', { name: 'Sign in with Example Ltd' }).click();
    await other.getByRole('heading', { name: 'Alerts' }).waitFor();
    await other.getByRole('button', { name: 'nora' }).waitFor();
    expect(new URL(other.url()).pathname).toBe('/alerts');
    await other.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
