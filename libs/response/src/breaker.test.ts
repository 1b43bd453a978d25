import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Breaker } from './breaker.js';

describe('the breaker', () => {
  it('admits as many in any sliding time as a look at all of them says', () => {
    const steps = fc.array(fc.record({ passMs: fc.nat(30), key: fc.constantFrom('a', 'b') }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (list, limit) => {
        const breaker = new Breaker();
        const admitted: { key: string; atMs: number }[] = [];
        let nowMs = 1_000;
        for (const { passMs, key } of list) {
          nowMs += passMs;
          const recent = admitted.filter((one) => one.key === key && one.atMs > nowMs - 50).length;
          expect(breaker.admit(key, limit, 50, nowMs)).toBe(recent < limit);
          if (recent < limit) admitted.push({ key, atMs: nowMs });
        }
      }),
    );
  });
});
