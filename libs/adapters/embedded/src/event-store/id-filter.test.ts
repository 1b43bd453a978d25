import { expect, it } from '@jest/globals';
import { IdFilter } from './id-filter.js';

it('holds everything that was added, and next to nothing else', () => {
  const filter = new IdFilter();
  for (let i = 0; i < 100_000; i++) filter.add(`id-${i}`);
  for (let i = 0; i < 100_000; i += 7) filter.add(`id-${i}`);
  let missing = 0;
  let wrong = 0;
  for (let i = 0; i < 100_000; i++) {
    if (!filter.mayHave(`id-${i}`)) missing++;
    if (filter.mayHave(`other-${i}`)) wrong++;
  }
  expect([missing, wrong, filter.size]).toEqual([0, 0, 100_000]);
});
