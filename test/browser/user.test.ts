import { corpusLine } from '@fleetwall/testkit';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { DESK, PHONE } from './browser.js';
import { describeBrowser, Seat } from './seat.test-support.js';

const OFFICE = '203.0.113.9';
const ATTACKER = '203.0.113.7';
const TYPED = 'Xq7-typed-hunter';

/** Dora mistypes before anybody knows her, gets in, and leaves; somebody types a password where a name belongs. */
function lines(): string[] {
  const told: [secondsAgo: number, rest: string][] = [
    [
      900,
      `web-01 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<dora>, method=PLAIN, rip=${OFFICE}, lip=203.0.113.5, TLS, session=<abcdefgh>`,
    ],
    [800, `web-01 sshd[77]: Accepted password for dora from ${OFFICE} port 40000 ssh2`],
    [200, `web-01 sshd[77]: Disconnected from user dora ${OFFICE} port 40000`],
    [199, `web-01 sshd[77]: pam_unix(sshd:session): session closed for user dora`],
  ];
  for (let i = 0; i < 6; i++)
    told.push([
      600 - i,
      `web-02 sshd[${100 + i}]: Failed password for invalid user ${TYPED} from ${ATTACKER} port ${41_000 + i} ssh2`,
    ]);
  const nowMs = Date.now();
  return told
    .sort(([a], [b]) => b - a)
    .map(([secondsAgo, rest]) => corpusLine({ timeMs: nowMs - secondsAgo * 1_000, rest }, 'rfc3164'));
}

describeBrowser('the page of a user', () => {
  const seat = new Seat();
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    await seat.take(lines(), [ATTACKER]);
    ({ page, origin } = seat);
  }, 90_000);

  afterAll(() => seat.leave());

  const look = (name: string) => seat.look(name);

  it('is opened by a search, and has logons, sessions and the failure that was masked', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('user:dora');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dora' }).waitFor();
    await page.getByText('also ~').waitFor();
    await page.getByRole('region', { name: 'Logged on from' }).getByText(OFFICE).waitFor();
    await page.getByRole('region', { name: 'Sessions' }).getByRole('link', { name: OFFICE }).waitFor();
    await look('user');
    await page.getByRole('link', { name: 'All its events' }).click();
    await page.getByText('4 events').first().waitFor();
    await page.goBack();
    await page.setViewportSize(PHONE);
    await page.getByRole('heading', { name: 'dora' }).waitFor();
    await look('user-phone');
    await page.setViewportSize(DESK);
  });

  it('says that nobody knows whom a mask stands for, and never what was typed', async () => {
    await page.goto(`${origin}/addresses/${ATTACKER}`);
    await page
      .getByRole('region', { name: 'Accounts' })
      .getByRole('link', { name: /^~[0-9a-f]{12}/ })
      .click();
    await page.getByText('Unknown account').waitFor();
    expect(await page.content()).not.toContain(TYPED);
    await look('user-unknown');
  });

  it('erases what is stored, after it was shown, with a reference', async () => {
    await page.goto(`${origin}/users/dora`);
    await page.getByRole('button', { name: 'Erase…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What remains').waitFor();
    await look('erase');
    await dialog.getByLabel('Reference').fill('Request 17');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog.getByText('is erased.').waitFor();
    await look('erased');
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.getByText('Nothing seen in the range').waitFor();
  });
});
