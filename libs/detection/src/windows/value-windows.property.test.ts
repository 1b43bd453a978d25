import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { distinctValues, WindowsOracle } from './oracle.test-support.js';
import { thin } from './value-list.js';
import { createValueWindows } from './value-windows.js';
import type { ValuedAttempt, ValueEpisode, ValueWindows, WindowOptions } from './windows.js';

type Step =
  | { do: 'add'; key: string; id: number; age: number; who: number; value: string }
  | { do: 'retract'; key: string; who: number; age: number; span: number }
  | { do: 'pass'; time: number }
  | { do: 'expire' };

const KEYS = ['a', 'longer key é'];
const START_MS = 1_795_000_000_000;
const SEED = [7, 8] as const;
const key = fc.constantFrom(...KEYS);
const who = fc.integer({ min: 0, max: 2 });
const value = fc.constantFrom('u', 'v', 'w', 'x', '__proto__');

function steps(maxLength: number, ids: number): fc.Arbitrary<Step[]> {
  const add = {
    do: fc.constant('add' as const),
    key,
    id: fc.nat(ids),
    age: fc.integer({ min: -4, max: 40 }),
    who,
    value,
  };
  const retract = { do: fc.constant('retract' as const), key, who, age: fc.nat(40), span: fc.nat(20) };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.record(add) },
    { weight: 2, arbitrary: fc.record(retract) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.oneof(fc.nat(4), fc.nat(40)) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'expire' as const }) },
  );
  return fc.array(step, { minLength: 1, maxLength });
}

const settings = fc.record({
  threshold: fc.integer({ min: 2, max: 4 }),
  window: fc.integer({ min: 1, max: 15 }),
  lateness: fc.integer({ min: 0, max: 35 }),
});

function optionsOf(setting: { threshold: number; window: number; lateness: number }, unitMs: number): WindowOptions {
  const { threshold, window, lateness } = setting;
  return { threshold, windowMs: window * unitMs, latenessMs: lateness * unitMs, maxBytes: 1e7, seed: SEED };
}

type Played = Pick<ValueWindows, 'add' | 'retract' | 'expire' | 'episode' | 'standing'>;

/** The oracle with what only value windows answer, computed from everything it holds. */
function oracleOf(options: WindowOptions): Played {
  const oracle = new WindowsOracle<ValuedAttempt>(options, distinctValues, (attempts) => ({
    values: spansOf(attempts),
  }));
  return {
    add: (...asked) => oracle.add(...asked),
    episode: (name) => oracle.episode(name) as ValueEpisode | undefined,
    standing: (...asked) => oracle.standing(...asked),
    retract: (name, ...rest) => {
      const retraction = oracle.retract(name, ...rest);
      const left = new Set(oracle.attempts(name).map((one) => one.value));
      const gone = new Set((retraction.removed as ValuedAttempt[]).map((one) => one.value));
      return { ...retraction, cleared: [...gone].filter((one) => !left.has(one)) };
    },
    expire: (nowMs) => oracle.expire(nowMs) as ValueEpisode[],
  };
}

function spansOf(attempts: readonly ValuedAttempt[]): ValueEpisode['values'] {
  const spans: ValueEpisode['values'] = new Map();
  for (const { value, timeMs } of attempts) {
    const span = spans.get(value) ?? { count: 0, firstMs: timeMs, lastMs: timeMs };
    spans.set(value, { ...span, count: span.count + 1, lastMs: timeMs });
  }
  return spans;
}

/** What one step shows of windows, and what they then hold of every key. */
function play(windows: Played, startMs: number, unitMs: number) {
  let nowMs = startMs;
  return (one: Step) => {
    let shown: unknown;
    if (one.do === 'add') {
      const timeMs = nowMs - one.age * unitMs;
      const attempt = { id: one.id.toString(16).padStart(12, 'f'), timeMs, host: 3, who: one.who, value: one.value };
      shown = windows.add(one.key, attempt, nowMs);
    } else if (one.do === 'retract') {
      const fromMs = nowMs - one.age * unitMs;
      shown = windows.retract(one.key, one.who, fromMs, fromMs + one.span * unitMs, nowMs);
    } else if (one.do === 'expire') {
      shown = [...windows.expire(nowMs)].sort((x, y) => (x.key < y.key ? -1 : 1));
    } else {
      nowMs += one.time * unitMs;
    }
    const standing = KEYS.map((name) => windows.standing(name, 1, nowMs - 25 * unitMs, nowMs - 2 * unitMs));
    return { shown, episodes: KEYS.map((name) => windows.episode(name)), standing };
  };
}

describe('value windows', () => {
  it('do what a brute-force oracle does, under any order, duplicates, lateness, retraction and passing of time', () => {
    fc.assert(
      fc.property(settings, steps(60, 60), (setting, all) => {
        const options = optionsOf(setting, 1);
        const real = play(createValueWindows(options), START_MS, 1);
        const oracle = play(oracleOf(options), START_MS, 1);
        for (const one of all) expect(real(one)).toEqual(oracle(one));
      }),
      { numRuns: 2000 },
    );
  });

  it('count and fire as if nothing was thinned out, over hours of repeated values', () => {
    const unitMs = 300_000;
    // Retraction within the quarter of an hour it may look back.
    const recent = steps(150, 2 ** 40).map((all) =>
      all.map((one) => (one.do === 'retract' ? { ...one, age: one.age % 4 } : one)),
    );
    const essence = (seen: { shown: unknown; episodes: (ValueEpisode | undefined)[] }) => {
      const outcome = typeof seen.shown === 'string' ? seen.shown : undefined;
      return { outcome, episodes: seen.episodes.map((one) => one && [one.count, one.lastMs, one.firedMs]) };
    };
    fc.assert(
      fc.property(settings, recent, (setting, all) => {
        const options = optionsOf(setting, unitMs);
        const real = play(createValueWindows(options), START_MS, unitMs);
        const oracle = play(oracleOf(options), START_MS, unitMs);
        for (const one of all) expect(essence(real(one))).toEqual(essence(oracle(one)));
      }),
      { numRuns: 300 },
    );
  });

  it('thin out only what no window misses, whoever is forgiven', () => {
    const nowMs = START_MS;
    const attempt = fc.record({ ageMs: fc.nat(2_000_000), who, value });
    fc.assert(
      fc.property(
        fc.array(attempt, { maxLength: 60 }),
        fc.integer({ min: 1, max: 900_000 }),
        who,
        (drawn, windowMs, forgiven) => {
          const all = drawn
            .map(({ ageMs, ...rest }, id) => ({ ...rest, id: `${id}`, timeMs: nowMs - ageMs, host: 0 }))
            .sort((x, y) => x.timeMs - y.timeMs);
          const thinned = [...all];
          thin(thinned, nowMs, windowMs);
          const stays = (one: ValuedAttempt) => one.who !== forgiven || one.timeMs < nowMs - 900_000;
          for (const lists of [
            [all, thinned],
            [all.filter(stays), thinned.filter(stays)],
          ] as const) {
            for (const { timeMs } of all) {
              for (const fromMs of [timeMs, timeMs + 1, timeMs - windowMs, timeMs - windowMs - 1]) {
                const [whole, rest] = lists.map((list) =>
                  distinctValues(list.filter((one) => one.timeMs >= fromMs && one.timeMs <= fromMs + windowMs)),
                );
                expect(rest).toBe(whole);
              }
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('go on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(settings, steps(40, 60), steps(40, 60), (setting, before, after) => {
        const options = optionsOf(setting, 1);
        const first = createValueWindows(options);
        const second = createValueWindows(options);
        const playFirst = play(first, START_MS, 1);
        for (const one of before) playFirst(one);
        second.add('to be forgotten', { id: '0123456789ab', timeMs: 5, host: 1, who: 1, value: 'u' }, 5);
        second.restore(first.snapshot());
        expect({ ...second.stats(), bytes: 0 }).toEqual({ ...first.stats(), bytes: 0 });
        const nowMs = before.reduce((sum, one) => sum + (one.do === 'pass' ? one.time : 0), START_MS);
        const [goOn, restored] = [play(first, nowMs, 1), play(second, nowMs, 1)];
        for (const one of after) expect(restored(one)).toEqual(goOn(one));
      }),
      { numRuns: 300 },
    );
  });
});
