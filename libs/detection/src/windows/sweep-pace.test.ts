import { describe, expect, it } from '@jest/globals';
import { SweepPace } from './sweep-pace.js';

const MINUTE_MS = 60_000;

describe('sweeping', () => {
  it.each([
    [1_000, 1_000],
    [5 * MINUTE_MS, 30 * MINUTE_MS],
    [4 * 86_400_000, 360 * MINUTE_MS],
  ])('of what is held for %i ms looks at every key within %i ms, at whatever pace it is called', (reachMs, roundMs) => {
    for (const stepMs of [1, 10, 77, 60_000]) {
      const pace = new SweepPace(reachMs);
      pace.due(0, 1_000);
      let looked = 0;
      for (let nowMs = stepMs; nowMs < roundMs + stepMs; nowMs += stepMs) looked += pace.due(nowMs, 1_000);
      expect(looked).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('looks at all after a long time, and at none twice at once', () => {
    const pace = new SweepPace(8 * 86_400_000);
    expect([pace.due(0, 500), pace.due(0, 500), pace.due(86_400_000, 500)]).toEqual([500, 0, 500]);
  });
});
