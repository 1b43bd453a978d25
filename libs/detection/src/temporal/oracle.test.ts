import { describe, expect, it } from '@jest/globals';
import type { Occurrence } from './occurrence.js';
import { matches } from './oracle.test-support.js';
import type { Pattern } from './pattern.js';

describe('the oracle', () => {
  const at = (timeMs: number, step: number, id = `${timeMs}`): Occurrence => {
    return { id, timeMs, step, value: `${step}`, host: 0, who: 0 };
  };
  const ordered: Pattern = { type: 'ordered', threshold: 2, windowMs: 10, tells: 'occurrences' };

  it.each([
    ['in order', [at(1, 0), at(11, 1)], true],
    ['too far apart', [at(1, 0), at(12, 1)], false],
    ['the wrong way round', [at(1, 1), at(5, 0)], false],
    ['at the same time', [at(1, 1, 'a'), at(1, 0, 'b')], true],
    ['one event for both', [at(1, 1, 'a'), at(1, 0, 'a')], false],
  ])('knows what a chain is: %s', (_what, all, expected) => expect(matches(ordered, all)).toBe(expected));
});
