import { describe, expect, it } from '@jest/globals';
import { WindowsOracle } from './oracle.test-support.js';

describe('the oracle of counting windows', () => {
  const options = { threshold: 3, windowMs: 10, latenessMs: 50, maxBytes: 1, seed: [1, 2] as const };
  const feed = (times: [timeMs: number, nowMs: number][]) => {
    const oracle = new WindowsOracle(options, (attempts) => attempts.length);
    return {
      oracle,
      outcomes: times.map(([timeMs, nowMs], index) => {
        return oracle.add('k', { id: `${index}`.padStart(12, '0'), timeMs, host: 0, who: 0 }, nowMs);
      }),
    };
  };

  it('fires on a window completed by a late attempt that newer ones had hidden', () => {
    const { oracle, outcomes } = feed([
      [100, 100],
      [105, 105],
      [120, 120],
      [121, 121],
      [131, 131],
      [108, 131],
    ]);
    expect(outcomes).toEqual(['counted', 'counted', 'counted', 'counted', 'counted', 'fired']);
    expect(oracle.episode('k')).toMatchObject({ count: 3, firstMs: 100, lastMs: 108, firedMs: 108 });
  });

  it('takes both ends of a window as inside, and a millisecond more as outside', () => {
    expect(
      feed([
        [100, 100],
        [105, 105],
        [110, 110],
      ]).outcomes.at(-1),
    ).toBe('fired');
    expect(
      feed([
        [100, 100],
        [105, 105],
        [111, 111],
      ]).outcomes.at(-1),
    ).toBe('counted');
  });

  it('takes an attempt at the end of the lateness, and none after it', () => {
    expect(feed([[100, 150]]).outcomes).toEqual(['counted']);
    expect(feed([[100, 151]]).outcomes).toEqual(['late']);
  });

  it('grows an episode within a window of it, and counts beside it what is further away', () => {
    const { oracle, outcomes } = feed([
      [100, 100],
      [101, 101],
      [102, 102],
      [112, 112],
      [123, 123],
      [118, 123],
    ]);
    expect(outcomes.slice(2)).toEqual(['fired', 'grew', 'counted', 'grew']);
    expect(oracle.episode('k')).toMatchObject({ count: 6, lastMs: 123 });
  });

  it('is over a window and the lateness after the last attempt, and fires afresh', () => {
    const { oracle } = feed([
      [100, 100],
      [101, 101],
      [102, 102],
    ]);
    expect(oracle.expire(162)).toEqual([]);
    expect(oracle.expire(163)).toMatchObject([{ key: 'k', count: 3, lastMs: 102 }]);
    expect(oracle.episode('k')).toBeUndefined();
  });
});
