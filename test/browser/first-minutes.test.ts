import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../e2e/standalone.js';
import { describeBrowser, failure, Seat } from './seat.test-support.js';

const DAY_SECONDS = 86_400;
const ATTACKERS = ['203.0.113.7', '203.0.113.8'];

describeBrowser('the first minutes, over logs that tell of an attack three days ago', () => {
  const seat = new Seat();

  beforeAll(async () => {
    const { standalone } = seat;
    standalone.append(
      [0, 1, 2, 3, 4, 5].flatMap((second) =>
        ATTACKERS.map((who, i) => failure(who, 3 * DAY_SECONDS - second, 100 * (i + 1) + second)),
      ),
    );
    await seat.take([]);
    await until('history to be decided', async () => (await standalone.blocks()).length >= ATTACKERS.length);
  }, 90_000);

  afterAll(() => seat.leave());

  it('says how many addresses would have been blocked, and shows exactly those', async () => {
    const { page, standalone } = seat;
    await page.reload();
    const watched = page.getByRole('region', { name: 'What is watched' });
    await watched.getByText('12 lines from before the first start; 0 blocks in force.').waitFor();
    await watched.getByRole('link', { name: 'History: 2 addresses would have been blocked' }).click();
    await page.getByRole('tab', { name: 'Would have blocked', selected: true }).waitFor();
    for (const attacker of ATTACKERS) await page.getByText(attacker).first().waitFor();
    await seat.look('first-minutes');
    const blocks = await standalone.blocks();
    expect(blocks.map(({ target, state }) => `${target} ${state}`).sort()).toEqual(
      ATTACKERS.map((attacker) => `${attacker} too-late`),
    );
  });
});
