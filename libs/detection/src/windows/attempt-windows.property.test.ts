import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAttemptWindows } from './attempt-windows.js';
import { WindowsOracle } from './oracle.test-support.js';
import type { Attempt, AttemptWindows, Episode } from './windows.js';

type Step =
  | { do: 'add'; key: string; id: number; age: number; who: number }
  | { do: 'retract'; key: string; who: number; age: number; span: number }
  | { do: 'pass'; time: number }
  | { do: 'expire' };

const KEYS = ['a', 'b', 'longer key é'];
const SEED = [0x1234567, -5] as const;
const key = fc.constantFrom(...KEYS);
const who = fc.integer({ min: 0, max: 2 });

/** Ages reach past the lateness and a little into the future, in units that windows are small multiples of. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      key,
      id: fc.nat(60),
      age: fc.integer({ min: -4, max: 40 }),
      who,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('retract' as const), key, who, age: fc.nat(40), span: fc.nat(20) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.oneof(fc.nat(4), fc.nat(40)) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'expire' as const }) },
);

const settings = fc.record({
  threshold: fc.integer({ min: 2, max: 5 }),
  windowMs: fc.integer({ min: 1, max: 15 }),
  latenessMs: fc.integer({ min: 0, max: 35 }),
  startMs: fc.constantFrom(1_000, 1_795_000_000_000, 2 ** 32 * 417 - 20),
});

const byKey = (episodes: Episode[]) => [...episodes].sort((x, y) => (x.key < y.key ? -1 : 1));

/** What one step shows of windows, and what they then hold of every key. */
function play(
  windows: Pick<AttemptWindows, 'add' | 'retract' | 'expire' | 'episode' | 'standing'>,
  startMs: number,
  unitMs = 1,
) {
  let nowMs = startMs;
  return (one: Step) => {
    let shown: unknown;
    if (one.do === 'add') {
      const attempt: Attempt = {
        id: one.id.toString(16).padStart(12, 'f'),
        timeMs: nowMs - one.age * unitMs,
        host: 3,
        who: one.who,
      };
      shown = windows.add(one.key, attempt, nowMs);
    } else if (one.do === 'retract') {
      const fromMs = nowMs - one.age * unitMs;
      shown = windows.retract(one.key, one.who, fromMs, fromMs + one.span * unitMs, nowMs);
    } else if (one.do === 'expire') {
      shown = byKey(windows.expire(nowMs));
    } else {
      nowMs += one.time * unitMs;
    }
    const standing = KEYS.map((name) => windows.standing(name, 1, nowMs - 25 * unitMs, nowMs - 2 * unitMs));
    return { shown, episodes: KEYS.map((name) => windows.episode(name)), standing };
  };
}

describe('attempt windows', () => {
  it('do what a brute-force oracle does, under any order, duplicates, lateness, retraction and passing of time', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { minLength: 1, maxLength: 60 }), ({ startMs, ...setting }, steps) => {
        const options = { ...setting, maxBytes: 1e6, seed: SEED };
        const real = play(createAttemptWindows(options), startMs);
        const oracle = play(new WindowsOracle<Attempt>(options, (attempts) => attempts.length), startMs);
        for (const one of steps) expect(real(one)).toEqual(oracle(one));
      }),
      { numRuns: 2000 },
    );
  });

  it('do so too when windows reach weeks back and the clock leaps months ahead', () => {
    const dayMs = 86_400_000;
    const far = settings.filter(({ windowMs, latenessMs }) => windowMs + latenessMs <= 24);
    fc.assert(
      fc.property(far, fc.array(step, { minLength: 1, maxLength: 60 }), ({ startMs, ...setting }, steps) => {
        const { threshold, windowMs, latenessMs } = setting;
        const days = { threshold, windowMs: windowMs * dayMs, latenessMs: latenessMs * dayMs };
        const options = { ...days, maxBytes: 1e6, seed: SEED };
        const real = play(createAttemptWindows(options), startMs + 100 * dayMs, dayMs);
        const oracle = new WindowsOracle<Attempt>(options, (attempts) => attempts.length);
        const expected = play(oracle, startMs + 100 * dayMs, dayMs);
        for (const one of steps) expect(real(one)).toEqual(expected(one));
      }),
      { numRuns: 500 },
    );
  });

  it('go on from a snapshot as if nothing had happened', () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(settings, steps, steps, ({ startMs, ...setting }, before, after) => {
        const options = { ...setting, maxBytes: 1e6, seed: SEED };
        const first = createAttemptWindows(options);
        const second = createAttemptWindows(options);
        const playFirst = play(first, startMs);
        for (const one of before) playFirst(one);
        second.add('to be forgotten', { id: '0123456789ab', timeMs: 5, host: 1, who: 1 }, 5);
        second.restore(first.snapshot());
        expect({ ...second.stats(), bytes: 0 }).toEqual({ ...first.stats(), bytes: 0 });
        const nowMs = before.reduce((sum, one) => sum + (one.do === 'pass' ? one.time : 0), startMs);
        const [goOn, restored] = [play(first, nowMs), play(second, nowMs)];
        for (const one of after) expect(restored(one)).toEqual(goOn(one));
      }),
      { numRuns: 300 },
    );
  });
});
