import { expect, it } from '@jest/globals';
import { growthOf, IN_PROPORTION } from './growth.js';

const spin = (times: number) => {
  let sum = 0;
  for (let i = 0; i < times; i++) sum = (sum + i) | 0;
  return sum;
};

it('tells work in proportion to a length from a square of it', () => {
  expect(growthOf((length) => () => spin(length * 10))).toBeLessThan(IN_PROPORTION);
  expect(growthOf((length) => () => spin(length * length), 1_000)).toBeGreaterThan(IN_PROPORTION);
});
