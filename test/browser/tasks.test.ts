import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { until } from '../e2e/standalone.js';
import { openPage } from './browser.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const ATTACKERS = ['203.0.113.7', '203.0.113.8'];
const CUSTOMER = '198.51.100.23';
const RANGE = '192.0.2.0/24';
const PASSWORD = 'another long password';

/**
 * What an analyst does all day, and with how few clicks and keys: typing is free, and Enter is a click. The way from a mail to
 * the evidence is in reports.test.ts, the false positive in rules.test.ts.
 */
describeBrowser('the tasks of an analyst', () => {
  const seat = new Seat();
  const { standalone } = seat;
  let page: Page;
  let origin: string;
  let clicks = 0;
  let keys = 0;

  beforeAll(async () => {
    const all = [...ATTACKERS, CUSTOMER];
    const lines = all.flatMap((who, n) => [1, 2, 3, 4, 5, 6, 7].map((i) => failure(who, 300 - i, n * 10 + i)));
    await seat.take(lines, all);
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(() => seat.leave());

  beforeEach(() => {
    clicks = 0;
    keys = 0;
  });

  async function click(what: Locator): Promise<void> {
    await what.click();
    clicks++;
  }

  /** Typing is free; Enter is a click. */
  async function enter(text: string, where = page): Promise<void> {
    await where.keyboard.type(text);
    await where.keyboard.press('Enter');
    clicks++;
  }

  async function press(key: string): Promise<void> {
    await page.keyboard.press(key);
    keys++;
  }

  /** By the API, as the one who is signed in; answers the status. */
  function send(method: string, path: string, body: object): Promise<number> {
    const headers = { 'x-fleetwall': '1', 'content-type': 'application/json' };
    const request = JSON.stringify({ method, headers, body: JSON.stringify(body) });
    return page.evaluate<number>(`fetch('/api/v1${path}', ${request}).then(({ status }) => status)`);
  }

  it('helpdesk: why a customer is locked out, and the lift, in 3 clicks', async () => {
    expect(await send('PUT', '/accounts/helga', { role: 'helpdesk', password: PASSWORD })).toBe(200);
    const desk = await openPage(seat.browser);
    await desk.goto(`${origin}/blocks`);
    await desk.getByLabel('Name').fill('helga');
    await desk.getByLabel('Password').first().fill(PASSWORD);
    await desk.keyboard.press('Enter');
    await desk.getByRole('heading', { name: 'Blocks' }).waitFor();

    await desk.getByLabel('Search').fill(CUSTOMER);
    await enter('', desk);
    await desk.getByRole('heading', { name: CUSTOMER }).waitFor();
    await desk
      .getByText(/: \d on 1 host/)
      .first()
      .waitFor();
    await click(desk.getByRole('button', { name: 'Lift…' }));
    await click(desk.getByRole('dialog').getByRole('button', { name: 'Lift' }));
    await until('the lift', async () => !(await standalone.isBlocked(CUSTOMER)));
    expect(clicks).toBe(3);
    await desk.close();
  });

  it('a range: blocked after a preview in 3 clicks, undone with 1 key', async () => {
    await page.goto(`${origin}/blocks`);
    const dialog = page.getByRole('dialog');
    await click(page.getByRole('button', { name: 'Block…' }));
    await dialog.getByLabel('Address or network', { exact: false }).fill(RANGE);
    await enter('');
    await dialog.getByText('will be blocked').waitFor();
    await dialog.getByLabel('Why').fill('scanners');
    await enter('');
    await until('the range to be blocked', () => standalone.isBlocked(RANGE));
    await page.getByText(`${RANGE} is blocked.`).waitFor();
    expect(clicks).toBe(3);
    await press('u');
    await until('the undo', async () => !(await standalone.isBlocked(RANGE)));
    expect(keys).toBe(1);
  });

  it('whether a range is blocked, and until when: 1 click', async () => {
    expect(await send('POST', '/blocks', { target: RANGE, comment: 'scanners' })).toBe(201);
    await page.goto(`${origin}/overview`);
    await page.getByLabel('Search').fill(RANGE);
    await enter('');
    await page.getByRole('heading', { name: RANGE }).waitFor();
    await page
      .getByText(/[Uu]ntil/)
      .first()
      .waitFor();
    await page.getByText('scanners').first().waitFor();
    expect(clicks).toBe(1);
  });

  it('which hosts do not enforce a block: 1 click', async () => {
    await page.goto(`${origin}/blocks`);
    await click(page.getByText('scanners').first());
    const block = page.getByRole('region', { name: 'The block' });
    await block.getByText('Blocked on 0 of 1 host; 1 report only').waitFor();
    expect(clicks).toBe(1);
  });

  it('acknowledge, and the next alert: 2 keys', async () => {
    await page.goto(`${origin}/alerts`);
    const row = (at: number) => page.getByRole('table', { name: 'Alerts' }).getByRole('row').nth(at);
    await row(2).waitFor();
    await page.getByRole('heading', { name: 'Alerts' }).click();
    await press('a');
    await press('j');
    await page.getByText('Acknowledged').first().waitFor();
    const current = page.getByRole('table', { name: 'Alerts' }).locator('[role=row][aria-current]');
    await current.filter({ hasNotText: 'Acknowledged' }).waitFor();
    expect(keys).toBe(2);
  });

  it('from a value to all its events of 7 days: 3 clicks; the lines around one: 1 key', async () => {
    await page.goto(`${origin}/addresses/${ATTACKERS[0]}`);
    await click(page.getByRole('link', { name: 'All its events' }));
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await click(page.getByRole('button', { name: /^Last 30 days/ }));
    await click(page.getByRole('menuitem', { name: 'Last 7 days' }));
    await page.getByText('7 events').first().waitFor();
    expect(clicks).toBe(3);
    await page.getByRole('heading', { name: 'Events' }).click();
    await page.keyboard.press('j');
    await page.getByRole('region', { name: 'The event' }).waitFor();
    await press('s');
    await page.getByRole('tabpanel').getByText('Failed password').first().waitFor();
    expect(keys).toBe(1);
  });

  it('an export of all that was found: 2 clicks', async () => {
    await page.goto(`${origin}/events`);
    await page
      .getByText(/\d+ events/)
      .first()
      .waitFor();
    const saved = page.waitForEvent('download');
    await click(page.getByRole('button', { name: 'Export' }));
    await click(page.getByRole('menuitem', { name: 'NDJSON' }));
    await saved;
    await page.getByText(/^Complete: /).waitFor();
    expect(clicks).toBe(2);
  });
});
