import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EpisodeWindows } from './episode-windows.js';
import type { Occurrence } from './occurrence.js';
import { clusters, EpisodeOracle, matches, seen, summaryOf } from './oracle.test-support.js';
import type { Pattern } from './pattern.js';
import { StepWindows } from './step-windows.js';
import { restoreTemporal, snapshotTemporal } from './temporal-snapshot.js';

const START_MS = 1_795_000_000_000;
const KEYS = ['a', 'longer key é'];
const IDENTITY = { kind: 'test' };

const pattern: fc.Arbitrary<Pattern> = fc.record({
  type: fc.constantFrom('distinct' as const, 'ordered' as const),
  threshold: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.integer({ min: 1, max: 15 }),
  tells: fc.constantFrom('occurrences' as const, 'values' as const),
});

const occurrence = (maxAge: number, ids: number) =>
  fc
    .record({ id: fc.nat(ids), age: fc.integer({ min: -4, max: maxAge }), step: fc.nat(3), host: fc.nat(2) })
    .map(({ id, age, step, host }) => ({ id: `event-${id}`, age, step, value: `rule-${step}`, host, who: 0 }));

/** An order has as many steps as rules. */
function fits({ type, threshold }: Pattern, { step }: { step: number }): boolean {
  return type !== 'ordered' || step < threshold;
}

type Step =
  | { do: 'add'; key: string; one: Omit<Occurrence, 'timeMs'> & { age: number } }
  | { do: 'pass'; time: number }
  | { do: 'expire' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant('add' as const), key: fc.constantFrom(...KEYS), one: occurrence(40, 30) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.oneof(fc.nat(4), fc.nat(40)) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'expire' as const }) },
  ),
  { minLength: 1, maxLength: 60 },
) as fc.Arbitrary<Step[]>;

type Played = Pick<EpisodeOracle, 'add' | 'episode' | 'expire'>;

const realOf = (windows: EpisodeWindows): Played => ({
  add: (...asked) => windows.add(...asked),
  episode: (key) => seen(windows.episode(key)) as ReturnType<EpisodeOracle['episode']>,
  expire: (nowMs) => windows.expire(nowMs).map(seen),
});

/** What a step shows of windows, and the episodes they then have. */
function play(windows: Played, chosen: Pattern, startMs = START_MS) {
  let nowMs = startMs;
  return (step: Step) => {
    let shown: unknown;
    if (step.do === 'add') {
      const { age, ...one } = step.one;
      if (fits(chosen, one)) shown = windows.add(step.key, { ...one, timeMs: nowMs - age }, nowMs);
    } else if (step.do === 'pass') nowMs += step.time;
    else shown = (windows.expire(nowMs) as { key: string }[]).sort((a, b) => (a.key < b.key ? -1 : 1));
    return { shown, episodes: KEYS.map((key) => windows.episode(key)) };
  };
}

describe('episode windows', () => {
  it('do what a brute-force oracle does, under any order, duplicates, lateness and passing of time', () => {
    fc.assert(
      fc.property(pattern, fc.nat(35), steps, (chosen, latenessMs, all) => {
        const real = play(realOf(new EpisodeWindows({ pattern: chosen, latenessMs, maxBytes: 1e7 })), chosen);
        const oracle = play(new EpisodeOracle(chosen, latenessMs), chosen);
        for (const step of all) expect(real(step)).toEqual(oracle(step));
      }),
      { numRuns: 3_000 },
    );
  });

  it('come to the same episode in whatever order and however often the same occurrences arrive', () => {
    const delivery = fc
      .uniqueArray(occurrence(60, 200), { selector: ({ id, step }) => `${id} ${step}`, minLength: 1, maxLength: 20 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })));
    fc.assert(
      fc.property(pattern, delivery, (chosen, [all, delivered]) => {
        const windows = new EpisodeWindows({ pattern: chosen, latenessMs: 100, maxBytes: 1e7 });
        const timed = (list: typeof all): Occurrence[] =>
          list.filter((one) => fits(chosen, one)).map(({ age, ...one }) => ({ ...one, timeMs: START_MS - age }));
        for (const one of timed(delivered)) windows.add('key', one, START_MS);
        // By definition: all from the first to the last cluster that has a match in it, and what is a window away from it.
        const matching = clusters(chosen, timed(all)).filter((cluster) => matches(chosen, cluster));
        const times = matching.flat().map(({ timeMs }) => timeMs);
        const inside = timed(all).filter(({ timeMs }) => timeMs >= Math.min(...times) && timeMs <= Math.max(...times));
        const { key: _key, firedMs: _firedMs, ...episode } = seen(windows.episode('key')) ?? { key: '', firedMs: 0 };
        expect(episode).toEqual(matching.length === 0 ? {} : summaryOf(chosen, inside));
      }),
      { numRuns: 2_000 },
    );
  });

  it('go on from a snapshot as if nothing had happened', () => {
    fc.assert(
      fc.property(pattern, fc.nat(35), steps, steps, (chosen, latenessMs, before, after) => {
        const options = { pattern: chosen, latenessMs, maxBytes: 1e7 };
        const first = new EpisodeWindows(options);
        const playFirst = play(realOf(first), chosen);
        for (const step of before) playFirst(step);
        const second = new EpisodeWindows(options);
        const stateOf = (episodes: EpisodeWindows) => ({ held: [episodes.held], episodes });
        restoreTemporal(stateOf(second), IDENTITY, snapshotTemporal(stateOf(first), IDENTITY));
        expect({ ...second.stats(), bytes: 0 }).toEqual({ ...first.stats(), bytes: 0 });
        const nowMs = before.reduce((sum, step) => sum + (step.do === 'pass' ? step.time : 0), START_MS);
        const [goOn, restored] = [play(realOf(first), chosen, nowMs), play(realOf(second), chosen, nowMs)];
        for (const step of after) expect(restored(step)).toEqual(goOn(step));
      }),
      { numRuns: 500 },
    );
  });
});

describe('step windows', () => {
  it('answer what completes a match, each once, in whatever order and however often it arrives', () => {
    const kinds = fc.tuple(pattern, fc.constantFrom('count' as const, 'distinct' as const, 'ordered' as const));
    const delivery = fc
      .uniqueArray(occurrence(60, 200), { selector: ({ id, step }) => `${id} ${step}`, minLength: 1, maxLength: 20 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })));
    fc.assert(
      fc.property(kinds, delivery, ([drawn, type], [all, delivered]) => {
        const chosen = { ...drawn, type };
        const timed = (list: typeof all): Occurrence[] =>
          list.filter((one) => fits(chosen, one)).map(({ age, ...one }) => ({ ...one, timeMs: START_MS - age }));
        const windows = new StepWindows({ pattern: chosen, latenessMs: 100, maxBytes: 1e7 });
        const answered = timed(delivered).flatMap((one) => windows.add('key', one, START_MS));
        const whole = timed(all);
        const expected = whole.filter((one) => matches(chosen, whole, one));
        const names = (list: readonly Occurrence[]) => list.map(({ id, step }) => `${id} ${step}`).sort();
        expect(names(answered)).toEqual(names(expected));
      }),
      { numRuns: 2_000 },
    );
  });
});
