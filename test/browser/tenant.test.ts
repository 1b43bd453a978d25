import { WEB_ROOT } from '@fleetwall/console-service';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ConsoleSite, failedLogon, PASSWORD } from '../console/console-site.test-support.js';
import { openBrowser, openPage, overflowOf, PHONE, watchErrors } from './browser.js';
import { describeBrowser, look } from './seat.test-support.js';

describeBrowser('one tenant of several in a browser', () => {
  const site = new ConsoleSite();
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    await site.start();
    await site.replica({ ...site.options, webRoot: WEB_ROOT });
    await site.accounts.put('anna', { role: 'administrator', password: PASSWORD });
    await site.store.bulk([
      failedLogon('of-acme', { 'event.original': 'what acme wrote', 'organization.id': 'acme' }),
      failedLogon('of-other', { 'event.original': 'what the other wrote', 'organization.id': 'other' }),
    ]);
    browser = await openBrowser();
    page = await openPage(browser);
    errors = watchErrors(page);
    await page.goto(`${site.origin}/events`);
    await page.getByLabel('Name').fill('anna');
    await page.getByLabel('Password').first().fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Events' }).waitFor();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await site.stop();
  });

  const count = (text: string) => page.getByText(text).count();
  const isOf = () => new URL(page.url()).searchParams.get('tenant');

  it('is chosen at the top, and every page is about it until another is', async () => {
    await page.getByText('what the other wrote').first().waitFor();
    await page.getByRole('button', { name: 'All tenants' }).click();
    await look(page, errors, 'tenant-choice');
    await page.getByLabel('Find a tenant').fill('acm');
    await page.keyboard.press('Enter');
    await page.getByText('1 event,').waitFor();
    expect(await count('what acme wrote')).toBeGreaterThan(0);
    expect(await count('what the other wrote')).toBe(0);
    expect(isOf()).toBe('acme');

    // What only those see who answer for all is not there.
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await page.getByRole('link', { name: 'System' }).count()).toBe(0);
    expect(isOf()).toBe('acme');
    await look(page, errors, 'tenant-overview');

    // A link takes it along, and going back comes back to all.
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await page.getByRole('link', { name: 'System' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Tenant acme' }).click();
    await page.getByRole('button', { name: 'All tenants' }).click();
    await page.getByRole('link', { name: 'System' }).waitFor();
    expect(isOf()).toBe(null);
    await page.goBack();
    await page.getByRole('link', { name: 'System' }).waitFor({ state: 'detached' });
    expect(isOf()).toBe('acme');
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'Tenant acme' }).waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await look(page, errors, 'tenant-phone');
  });
});
