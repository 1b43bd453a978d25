import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MailSite, partsOf } from '../../services/console/src/notifications/channels/mail-site.test-support.js';
import { until } from '../e2e/standalone.js';
import { PHONE } from './browser.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const ATTACKER = '203.0.113.7';
/** What the mails say of the console; the port is known only once it listens. */
const CONSOLE = 'https://console.fleetwall.example';

describeBrowser('reports in a browser', () => {
  const seat = new Seat();
  const { standalone } = seat;
  const mails = new MailSite();
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    const port = await mails.start();
    mkdirSync(standalone.home, { recursive: true });
    const smtp = `{ host: 127.0.0.1, port: ${port}, security: none, from: fleetwall@example.net }`;
    const operators = '{ name: operators, type: mail, to: [ops@example.org], windowSeconds: 0, summaries: [daily] }';
    const chat = '{ name: chat, type: slack, url: "https://127.0.0.1:9/hook" }';
    writeFileSync(
      join(standalone.home, 'fleetwall.yml'),
      `notifications:\n  consoleUrl: ${CONSOLE}\n  smtp: ${smtp}\n  channels:\n    - ${operators}\n    - ${chat}\n`,
    );
    await seat.take(Array.from({ length: 8 }, (_, i) => failure(ATTACKER, 60 - i, 100 + i)));
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(async () => {
    await seat.leave();
    await mails.stop();
  });

  it('leads from the mail of a block to its evidence with one click', async () => {
    const mailed = () =>
      mails.mails.map(({ raw }) => partsOf(raw)[1]?.text ?? '').find((html) => html.includes('Blocked'));
    await until('the mail of the block', () => mailed() !== undefined);
    const [, link] = /href="([^"]+)"/.exec(mailed()?.split(`Blocked ${ATTACKER}`)[1] ?? '') ?? [];
    expect(link?.startsWith(`${CONSOLE}/alerts/`)).toBe(true);
    await page.goto((link as string).replace(CONSOLE, origin));
    await page.getByRole('region', { name: 'Lines' }).getByText(`from ${ATTACKER}`).first().waitFor();
  });

  it('shows the channels by keys, sends a test, and tells what became of it', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'Reports' }).waitFor();
    await page.getByText('2 channels').waitFor();
    await page.keyboard.press('j');
    const panel = page.getByRole('region', { name: 'Channel', exact: true });
    await panel.getByText('ops@example.org').waitFor();
    await panel.getByRole('button', { name: 'Send a test' }).click();
    await panel.getByText('A test message is on its way.').waitFor();
    await panel.getByRole('row').filter({ hasText: 'test' }).getByText('Delivered').waitFor();
    expect(mails.mails.some(({ raw }) => raw.includes('[Fleetwall] test'))).toBe(true);
    await seat.look('reports');
    await page.keyboard.press('j');
    await panel.getByRole('row').filter({ hasText: 'allowPrivate lets it through' }).first().waitFor();
    await page.setViewportSize(PHONE);
    await seat.look('reports-phone');
    await page.emulateMedia({ colorScheme: 'dark' });
    await seat.look('reports-dark');
  });
});
