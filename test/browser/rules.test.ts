import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../e2e/standalone.js';
import { overflowOf, PHONE } from './browser.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const ATTACKER = '203.0.113.7';
const COLLEAGUE = '198.51.100.23';
const WEB = '192.0.2.50';

describeBrowser('rules and lists in a browser', () => {
  const seat = new Seat();
  const { standalone } = seat;
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    const both = [ATTACKER, COLLEAGUE];
    const lines = both.flatMap((who, n) => [1, 2, 3, 4, 5, 6, 7].map((i) => failure(who, 300 - i, n * 10 + i)));
    await seat.take(lines, both);
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(() => seat.leave());

  const look = (name: string) => seat.look(name);

  it('blocks the ports of the web, promotes that to the denylist, takes it off there, and undoes that with one key', async () => {
    await page.goto(`${origin}/blocks`);
    await page.getByRole('button', { name: 'Block…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address or network', { exact: false }).fill(WEB);
    await dialog.getByLabel('Ports').first().click();
    await page.getByRole('option', { name: 'Web ports only' }).click();
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await dialog.getByText('will be blocked, web ports only').waitFor();
    await dialog.getByLabel('Why').fill('guesses at wp-login');
    await dialog.getByRole('button', { name: 'Block' }).click();
    await page.getByText('fleet-wide, web ports only').first().waitFor();
    await page.getByText('guesses at wp-login').first().click();
    await look('blocks-web-only');
    await page.getByRole('button', { name: 'Denylist…' }).click();
    await dialog.getByText('will be blocked on every host, all ports').waitFor();
    await look('denylist-preview');
    await dialog.getByRole('button', { name: 'Put on the denylist' }).click();
    await page.getByText('it is off the denylist').first().waitFor();
    const [block] = (await standalone.blocks()).filter(({ target }) => target === WEB);
    expect(block).toMatchObject({ state: 'active', scope: { type: 'fleet' } });
    expect(block).not.toHaveProperty('ports');
    await page.keyboard.press('l');
    await dialog.getByText('stays blocked until it is taken off there').waitFor();
    expect(await dialog.getByRole('button', { name: 'Lift' }).isDisabled()).toBe(true);
    await dialog.getByRole('link', { name: 'the entry' }).click();
    await page.getByRole('region', { name: 'The entry' }).getByText('Blocked on 0 of 1 host').waitFor();
    await look('lists');
    await page.getByRole('button', { name: 'Take off' }).click();
    await until('the lift', async () => !(await standalone.isBlocked(WEB)));
    await page.keyboard.press('u');
    await until('the undo', () => standalone.isBlocked(WEB));
  });

  it('puts a network around it on the denylist by keys alone', async () => {
    await page.goto(`${origin}/alerts`);
    await page.getByRole('heading', { name: 'Alerts' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.getByRole('heading', { name: 'Lists' }).waitFor();
    await page.getByRole('tab', { name: 'Denylist' }).click();
    await page.getByRole('link', { name: WEB }).waitFor();
    await page.getByRole('button', { name: 'Deny…' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.locator('input:focus').waitFor();
    await page.keyboard.type('192.0.2.0/25');
    await dialog.getByLabel('Why').fill('nobody of ours is there');
    await page.keyboard.press('Enter');
    await dialog.getByText('128 addresses').waitFor();
    await page.keyboard.press('Enter');
    await until('the network to be blocked', () => standalone.isBlocked('192.0.2.0/25'));
    await page.getByText('entry 192.0.2.0/25').waitFor();
  });

  it('closes a false positive with the filled-in entry of the allowlist, in four clicks', async () => {
    await page.goto(`${origin}/alerts`);
    let clicks = 0;
    const click = async (button: ReturnType<Page['locator']>) => {
      await button.click();
      clicks++;
    };
    await click(page.getByRole('link', { name: `${COLLEAGUE} failed 7 times` }).first());
    await click(page.getByRole('button', { name: 'Close' }));
    await click(page.getByRole('menuitem', { name: 'False positive' }));
    const dialog = page.getByRole('dialog');
    await dialog.getByText('of this rule in the last 30 days would have blocked nobody').waitFor();
    await dialog.getByText('will never be blocked').waitFor();
    await dialog.getByText(`${COLLEAGUE} (fleet-wide)`).waitFor();
    await look('prevention');
    await click(dialog.getByRole('button', { name: 'Put on the allowlist' }));
    expect(clicks).toBe(4);
    await until('the block to be lifted', async () => !(await standalone.isBlocked(COLLEAGUE)));
    expect(await standalone.isBlocked(ATTACKER)).toBe(true);
    await page.goto(`${origin}/lists`);
    await page.getByRole('link', { name: COLLEAGUE }).waitFor();
  });

  it('shows a rule with its file, tries it on a line, and switches it to a dry run', async () => {
    await page.goto(`${origin}/rules`);
    await page.getByText('Catch All Login').first().click();
    const rule = page.getByRole('region', { name: 'The rule' });
    await rule.getByText('blocks source.ip fleet-wide for 2 h', { exact: false }).waitFor();
    await rule.getByRole('button', { name: 'Show the file' }).click();
    await rule.getByText('timespan: 5790m', { exact: false }).waitFor();
    await look('rules');
    await rule.getByRole('link', { name: 'Try it on a line' }).click();
    await page.getByLabel('Log lines', { exact: false }).fill(`${failure(ATTACKER, 1, 99)}\nno line of a log`);
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText(`under source.ip ${ATTACKER}`, { exact: false }).first().waitFor();
    await page.getByText('its beginning is no known form of a log').waitFor();
    await page.locator('summary', { hasText: 'Failed Logon' }).first().click();
    await look('rules-try');
    await page.goto(`${origin}/rules?row=slow-grind`);
    await rule.getByRole('button', { name: 'Switch…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Dry run', { exact: true }).click();
    await dialog.getByText('no alert of it leads to a new block', { exact: false }).waitFor();
    await dialog.getByLabel('Why').fill('too loud this week');
    await look('rules-switch');
    await dialog.getByRole('button', { name: 'Switch' }).click();
    await rule.getByText('too loud this week').waitFor();
    await page.getByRole('tab', { name: 'Policies' }).click();
    await page.getByText('attackers').first().click();
    await look('policies');
  });

  it('is as good in the dark and on a phone', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const path of ['rules?row=slow-grind', 'lists']) {
      await page.goto(`${origin}/${path}`);
      await page
        .getByText(path === 'lists' ? COLLEAGUE : 'too loud this week')
        .first()
        .waitFor();
      await look(`${path.replace(/\?.*/, '')}-dark`);
    }
    await page.setViewportSize(PHONE);
    for (const path of ['rules?row=slow-grind', 'rules?tab=try', 'lists']) {
      await page.goto(`${origin}/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([path, (await overflowOf(page)) <= 0]).toEqual([path, true]);
      await look(`${path.replace(/\W/g, '-')}-phone`);
    }
  });
});
