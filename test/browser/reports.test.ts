import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusLine } from '@fleetwall/testkit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { MailSite, partsOf } from '../../services/console/src/notifications/channels/mail-site.test-support.js';
import { Standalone, until } from '../e2e/standalone.js';
import { PHONE, screenshot, violationsOf } from './browser.js';
import { describeBrowser, Seat } from './seat.test-support.js';

const ATTACKER = '203.0.113.7';
/** What the mails say of the console; the port is known only once it listens. */
const CONSOLE = 'https://console.fleetwall.example';

function attackLines(): string[] {
  const nowMs = Date.now();
  return Array.from({ length: 8 }, (_, i) => {
    const rest = `web-01 sshd[${100 + i}]: Failed password for root from ${ATTACKER} port ${40_000 + i} ssh2`;
    return corpusLine({ timeMs: nowMs - (60 - i) * 1_000, rest }, 'rfc3164');
  });
}

describeBrowser('reports in a browser', () => {
  const standalone = new Standalone({ TZ: 'UTC' });
  const mails = new MailSite();
  let seat: Seat;
  let page: Page;
  let errors: string[];
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
    standalone.append([]);
    await standalone.start();
    standalone.append(attackLines());
    seat = await Seat.at(standalone);
    ({ page, errors, origin } = seat);
  }, 90_000);

  afterAll(async () => {
    await seat?.browser.close();
    await standalone.remove();
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
    await screenshot(page, 'reports');
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('j');
    await panel.getByRole('row').filter({ hasText: 'allowPrivate lets it through' }).first().waitFor();
    await page.setViewportSize(PHONE);
    await screenshot(page, 'reports-phone');
    expect(await violationsOf(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'reports-dark');
    expect(await violationsOf(page)).toEqual([]);
    expect(errors).toEqual([]);
  });
});
