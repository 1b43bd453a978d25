import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { overflowOf, PHONE } from './browser.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const ATTACKER = '203.0.113.7';
const TYPED = 'hunter2';

describeBrowser('reports and records in a browser', () => {
  const seat = new Seat();
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    const lines = Array.from({ length: 8 }, (_, i) =>
      failure(ATTACKER, (9 - i) * 10, 100 + i, `invalid user ${TYPED}`),
    );
    await seat.take(lines, [ATTACKER]);
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(() => seat.leave());

  const look = (name: string) => seat.look(name);

  it('drafts a report of an address, and saves it', async () => {
    await page.goto(`${origin}/addresses/${ATTACKER}`);
    await page.getByRole('button', { name: 'Report abuse…' }).click();
    await page.getByLabel('Your organisation').fill('Example Hosting');
    await page.getByLabel('Your mail address').fill('abuse@example.net');
    await look('abuse');
    await page.keyboard.press('Enter');
    const text = page.getByRole('region', { name: 'Text of the report' });
    await text.getByText('failed 8 times').waitFor();
    expect(await text.textContent()).not.toContain(TYPED);
    await look('abuse-draft');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: '.eml' }).click();
    const mail = readFileSync(await (await saved).path(), 'utf8');
    expect(mail).toContain('X-XARF: PLAIN\r\n');
    expect(mail).not.toContain(TYPED);
    await page.keyboard.press('Escape');
    await text.waitFor({ state: 'detached' });
  });

  it('shows who did what, before and after, and that the chain is intact', async () => {
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('Chain intact').waitFor();
    await page.getByLabel('What').fill('draftAbuseReport');
    await page.keyboard.press('Enter');
    await page.getByText('1 record.').waitFor();
    await page.getByRole('heading', { name: 'Audit' }).click();
    await page.keyboard.press('j');
    await page.getByRole('region', { name: 'The record' }).getByText(ATTACKER).waitFor();
    await look('audit');
    expect(new URL(page.url()).searchParams.get('what')).toBe('draftAbuseReport');
    await page.getByRole('tab', { name: 'Refused' }).click();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.getByText('setUp').first().waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CEF' }).click();
    const lines = readFileSync(await (await saved).path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.every((line) => line.startsWith('CEF:0|Fleetwall|console|'))).toBe(true);
    expect(lines.at(-1)).toContain('export-complete');
  });

  it('shows how the system is, and says what is unknown', async () => {
    await page.getByRole('link', { name: 'System' }).click();
    await page.getByRole('region', { name: 'Disk' }).getByText('measured for less than 6 h').waitFor();
    await page.getByRole('region', { name: 'Queues' }).getByText('fleetwall.alerts').first().waitFor();
    await look('system');
    await page.getByRole('button', { name: 'Self-test' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Everything works').waitFor();
    await dialog.getByText('5 events can be searched').waitFor();
    await look('self-test');
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(PHONE);
    for (const path of ['audit', 'system']) {
      await page.goto(`${origin}/${path}`);
      await page.getByText(path === 'audit' ? 'Chain intact' : 'Records waiting').waitFor();
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await look(`${path}-phone-dark`);
    }
  });
});
