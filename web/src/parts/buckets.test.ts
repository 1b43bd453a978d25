import { describe, expect, it } from '@jest/globals';
import { filledOf } from './buckets.js';

describe('buckets of a chart', () => {
  it('fill the whole range, and say which are cut by it', () => {
    const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 10, 22, 14, minute, second)).toISOString();
    const buckets = [{ start: at(2), count: 7 }];
    const filled = filledOf({ from: at(0, 30), to: at(4), bucketMs: 60_000, buckets });
    expect(filled.map(({ count, isCut }) => [count, isCut])).toEqual([
      [0, true],
      [0, false],
      [7, false],
      [0, false],
    ]);
  });
});
