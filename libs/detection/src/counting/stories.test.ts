import { describe, expect, it } from '@jest/globals';
import { Stories } from './stories.js';
import type { Story } from './story.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const forgiveness = { failures: 2, withinMs: 10 * MINUTE_MS };
const rules = { forgiveness, threshold: 5, windowMs: HOUR_MS, countsValues: false, perAddress: true };

function bench() {
  const settled: [good: number, timeMs: number][] = [];
  const stories = new Stories({
    ...{ rules, latenessMs: HOUR_MS, wasGood: () => false },
    onSettled: (good, timeMs) => settled.push([good, timeMs]),
  });
  return { stories, settled };
}
const idOf = (n: number) => n.toString(16).padStart(12, '0');
const succeed = (story: Story, n: number, timeMs: number, who = 1) =>
  story.succeed({ timeMs, id: idOf(n), who, good: who });
const fail = (story: Story, n: number, timeMs: number, who = 1) =>
  story.fail({ id: idOf(n), timeMs, who, host: 0, value: '' }, who).place;

describe('stories', () => {
  it('end when nothing can arrive before their successes any more, which are remembered', () => {
    const { stories, settled } = bench();
    const story = stories.begin([]);
    succeed(story, 1, T);
    stories.keep('a', story, T);
    stories.expire(T + HOUR_MS + 10 * MINUTE_MS);
    expect([stories.size, settled]).toEqual([1, []]);
    stories.expire(T + HOUR_MS + 16 * MINUTE_MS);
    expect([stories.size, settled]).toEqual([0, [[1, T]]]);
  });

  it('settle no success that followed guessing', () => {
    const { stories, settled } = bench();
    const story = stories.begin([]);
    for (let n = 1; n <= 5; n++) fail(story, n, T + n);
    succeed(story, 9, T + MINUTE_MS);
    stories.keep('a', story, T + MINUTE_MS);
    stories.expire(T + 24 * HOUR_MS);
    expect([stories.size, settled]).toEqual([0, []]);
  });

  it('keep few of many successes of one person, the first clean one among them', () => {
    const { stories } = bench();
    const story = stories.begin([]);
    for (let n = 1; n <= 400; n++) {
      succeed(story, n, T + n * 1_000);
      stories.keep('a', story, T + n * 1_000);
    }
    expect(story.size).toBeLessThanOrEqual(12);
    expect(story.facts[0]).toMatchObject({ timeMs: T + 1_000, clean: true });
    expect(story.facts.at(-1)).toMatchObject({ timeMs: T + 400_000 });
    expect(fail(story, 1_000, T + HOUR_MS)).toBe('known');
  });

  it('hold no more facts than they may, each and all together', () => {
    const { stories, settled } = bench();
    const crowd = stories.begin([]);
    for (let n = 1; n <= 700; n++) succeed(crowd, n, T + n, n);
    stories.keep('crowd', crowd, T);
    expect(crowd.size).toBe(512);
    expect(settled.slice(0, 2)).toEqual([
      [1, T + 1],
      [2, T + 2],
    ]);
    for (let n = 1; n <= 30_000; n++) {
      const story = stories.begin([]);
      succeed(story, n, T + n, n);
      stories.keep(`address ${n}`, story, T + n);
    }
    expect(stories.size).toBe(20_000);
    expect(stories.get('crowd')).toBeUndefined();
    expect(stories.get('address 30000')).toBeDefined();
  });

  it('take a resend for what it is', () => {
    const story = bench().stories.begin([]);
    fail(story, 1, T);
    expect(succeed(story, 2, T + 1)).toMatchObject([{ from: 'counted', to: 'forgiven' }]);
    expect([succeed(story, 2, T + 1), story.placeOf(idOf(1)), story.placeOf(idOf(7))]).toEqual([
      [],
      'forgiven',
      undefined,
    ]);
  });
});
