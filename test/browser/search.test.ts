import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../e2e/standalone.js';
import { violationsOf } from './browser.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const HOSTILE = 'x" OR \u202euser';

describeBrowser('the Events page', () => {
  const seat = new Seat();
  const { standalone } = seat;
  let page: Page;
  let errors: string[];
  let origin: string;
  let number = 0;
  const write = (user: string, count = 1) =>
    standalone.append(Array.from({ length: count }, () => failure(`192.0.2.${1 + (number % 200)}`, 0, ++number, user)));

  beforeAll(async () => {
    const users = ['oracle', 'oracle', 'oracle', 'admin', 'test', HOSTILE];
    await seat.take(users.map((user, i) => failure(`198.51.100.${i + 1}`, 60, ++number, user)));
    await until('the lines to be stored', async () => (await standalone.status()).stored.created >= users.length);
    ({ page, errors, origin } = seat);
  }, 90_000);

  afterAll(() => seat.leave());

  const query = () => page.getByRole('combobox', { name: 'Query' });
  const rows = () => page.getByRole('table', { name: 'Events' }).getByRole('row');
  const text = () => page.evaluate<string>('document.querySelector("[role=combobox]").value');

  it('completes fields and values by keys, and a hostile value is shown as it is and finds itself', async () => {
    await page.goto(`${origin}/events`);
    await query().fill('NOT event.outcome:success user.n');
    await page.getByRole('option', { name: 'user.name Account' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await text()).toBe('NOT event.outcome:success user.name:');
    await page.getByRole('option', { name: 'oracle 3 events' }).waitFor();
    await seat.look('completion');
    await page.keyboard.type('x');
    const option = page.getByRole('option', { name: 'x" OR \\u202euser 1 event' });
    await option.waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await query().getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'));
    await page.keyboard.press('Tab');
    expect(await text()).toBe('NOT event.outcome:success user.name:x\\"\\ OR\\ ?user ');
    await page.keyboard.press('Enter');
    await page.getByText('1 event, per').waitFor();
    await query().fill('user.name:or');
    await page.getByRole('option', { name: 'oracle' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('option').first().waitFor({ state: 'hidden' });
    expect(await text()).toBe('user.name:or');
    expect(errors).toEqual([]);
  });

  it('keeps a search under a name, and opens it again', async () => {
    await page.goto(`${origin}/events?q=user.name%3Aoracle&from=now-7d&to=now`);
    await page.getByText('3 events, per').waitFor();
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('menuitem', { name: 'Save this search' }).click();
    await page.getByLabel('Name').fill('tries on oracle');
    await page.getByLabel('Share it').check();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(`${origin}/events`);
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('menuitem', { name: 'tries on oracle' }).first().click();
    await page.getByText('3 events, per').waitFor();
    expect(new URL(page.url()).searchParams.get('from')).toBe('now-7d');
  });

  it('makes an address of a query that is too long for one', async () => {
    const long = Array.from({ length: 150 }, (_, i) => `user.name:nobody-${i}`).join(' OR ');
    await query().fill(`${long} OR user.name:oracle`);
    await page.keyboard.press('Enter');
    await page.waitForURL(/saved=[0-9a-f]{32}/);
    expect(page.url().length).toBeLessThan(2_000);
    await page.reload();
    await page.getByText('3 events, per').waitFor();
    expect(await text()).toContain('user.name:nobody-149 OR user.name:oracle');
    expect(errors).toEqual([]);
  });

  it('shows events as they arrive, holds them by p and by an open row, and says how many wait', async () => {
    await page.goto(`${origin}/events`);
    await page.getByText('6 events, per').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Pause (p)' }).waitFor();
    await page.waitForTimeout(1_200);
    write('deploy', 3);
    await page.getByText(/Live, .* after arrival/).waitFor();
    expect(await rows().count()).toBe(1 + 9);
    await seat.look('live');
    await page.keyboard.press('p');
    write('guest', 2);
    await page.getByText('2 new').waitFor();
    expect(await rows().count()).toBe(1 + 9);
    await page.keyboard.press('p');
    await page.getByRole('cell', { name: 'guest' }).first().waitFor();
    await page.keyboard.press('j');
    await page.getByText('Held: a row is open').waitFor();
    write('late', 1);
    await page.getByText('1 new').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('cell', { name: 'late' }).first().waitFor();
    expect(await rows().count()).toBe(1 + 12);
    expect(errors).toEqual([]);
  });

  it('exports what it counts, as a file that says it is complete', async () => {
    await page.goto(`${origin}/events?q=user.name%3Aoracle`);
    await page.getByText('3 events, per').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByText('3 events', { exact: true }).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const download = await saved;
    await page.getByText(/^Complete: 3 events, /).waitFor();
    expect(download.suggestedFilename()).toBe('events.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect([lines.length, lines.at(-1)]).toEqual([5, '"complete","3"']);
    expect(errors).toEqual([]);
  });

  it('tells of an export that was cut, and saves nothing', async () => {
    await page.route('**/api/v1/events/export*', (route) =>
      route.fulfill({ status: 200, contentType: 'application/x-ndjson', body: '{"event.id":"a"}\n{"event.' }),
    );
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'NDJSON' }).click();
    await page.getByText('The export was cut').waitFor();
    await page.unroute('**/api/v1/events/export*');
  });

  it('dims the rows of the search before, and gives up a search that takes long', async () => {
    let answerSlow = () => {};
    const slow = new Promise<void>((resolve) => {
      answerSlow = resolve;
    });
    await page.route('**/api/v1/events?*', async (route) => {
      if (route.request().url().includes('slow')) await slow;
      await route.continue().catch(() => undefined);
    });
    await query().fill('user.name:slow');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Given up: the rows below are those of the search before').waitFor();
    expect(await rows().count()).toBe(1 + 3);
    answerSlow();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('No event in this range matches the query').waitFor();
    expect(errors).toEqual([]);
  });
});
