import { expect, it } from '@jest/globals';
import { Rounds } from './rounds.js';

it.each([0, 1, 2, 3, 4, 5, 6])('who asks %i steps after a round began gets a round of their own', async (steps) => {
  let rounds = 0;
  const subject = new Rounds(async () => {
    await Promise.resolve();
    rounds++;
  });
  subject.ask();
  for (let i = 0; i < steps; i++) await Promise.resolve();
  const before = rounds;
  subject.ask();
  await subject.settled();
  expect(rounds).toBeGreaterThan(before);
});
