import { describe, expect, it } from '@jest/globals';
import { EpisodeWindows } from './episode-windows.js';
import { type Occurrence, thinOccurrences } from './occurrence.js';
import type { Pattern } from './pattern.js';

const MINUTE_MS = 60_000;
const T = 1_795_000_000_000;
const START_MS = T - 30 * MINUTE_MS;

const ordered: Pattern = { type: 'ordered', threshold: 3, windowMs: 10 * MINUTE_MS, tells: 'occurrences' };
const windowsOf = (pattern = ordered, maxBytes = 1e7) =>
  new EpisodeWindows({ pattern, latenessMs: 60 * MINUTE_MS, maxBytes });

let serial = 0;
const at = (minute: number, step: number, host = 0): Occurrence => {
  return { id: `event-${serial++}`, timeMs: START_MS + minute * MINUTE_MS, step, value: `rule-${step}`, host, who: 0 };
};

describe('episode windows', () => {
  it('fire when the middle of a chain comes last, but not when its ends are too far apart', () => {
    for (const [end, outcome] of [
      [10, 'fired'],
      [11, 'counted'],
    ] as const) {
      const windows = windowsOf();
      windows.add('key', at(end, 2), T);
      windows.add('key', at(0, 0), T);
      expect(windows.add('key', at(5, 1), T)).toBe(outcome);
    }
  });

  it('show first what made them fire, then the latest', () => {
    const windows = windowsOf();
    const all = [at(0, 0), at(1, 1), at(2, 2), ...Array.from({ length: 100 }, (_, i) => at(3 + i / 60, 1))];
    for (const one of all) windows.add('key', one, T);
    const shown = windows.episode('key')?.attempts.map(({ id }) => id) ?? [];
    expect(shown).toHaveLength(64);
    expect(shown).toEqual([...all.slice(0, 3), ...all.slice(-61)].map(({ id }) => id));
    expect(windows.progressOf('key', 'rule-1')).toMatchObject({ count: 101 });
  });

  it('keep one rule match while another floods the key, and count what they let go', () => {
    const windows = windowsOf();
    windows.add('key', at(0, 0), T);
    for (let i = 0; i < 5_000; i++) windows.add('key', at(1, 2), T);
    expect(windows.stats()).toMatchObject({ keys: 1, dropped: expect.any(Number) });
    expect(windows.stats().dropped).toBeGreaterThan(3_000);
    windows.add('key', at(2, 1), T);
    expect(windows.add('key', at(3, 2), T)).toBe('fired');
  });

  it('one host that fills the room loses its own keys, and they are counted', () => {
    const windows = windowsOf(ordered, 100_000);
    for (let i = 0; i < 20; i++) windows.add(`quiet-${i}`, at(0, 0, i), T);
    for (let i = 0; i < 5_000; i++) windows.add(`flood-${i}`, at(0, 0, 99), T);
    expect(windows.stats().bytes).toBeLessThan(100_000);
    expect(windows.stats().evictedOneShot).toBeGreaterThan(4_000);
    for (let i = 0; i < 20; i++) {
      windows.add(`quiet-${i}`, at(1, 1, i), T);
      expect(windows.add(`quiet-${i}`, at(2, 2, i), T)).toBe('fired');
    }
  });

  it('give up the episode that fired first when there are too many, as if it were over', () => {
    const windows = windowsOf({ ...ordered, type: 'distinct', threshold: 1 }, 50_000);
    for (let i = 0; i < 500; i++) expect(windows.add(`key-${i}`, at(0, 0), T)).toBe('fired');
    const { episodes, evictedOther } = windows.stats();
    expect(episodes + evictedOther).toBe(500);
    expect(windows.expire(T).map(({ key }) => key)).toEqual(Array.from({ length: evictedOther }, (_, i) => `key-${i}`));
    expect(windows.episode('key-499')).toBeDefined();
  });

  it('forget keys that nothing can reach any more', () => {
    const windows = windowsOf();
    for (let i = 0; i < 100; i++) windows.add(`key-${i}`, at(0, 0), T);
    windows.expire(START_MS + 70 * MINUTE_MS);
    expect(windows.stats().keys).toBe(100);
    windows.expire(T + 200 * MINUTE_MS);
    expect(windows.stats()).toMatchObject({ keys: 0, bytes: 0 });
  });
});

describe('thinning', () => {
  it('takes the oldest of what there is most of', () => {
    const list = [30, 1, 10].flatMap((length, step) => Array.from({ length }, () => at(step, step)));
    const expected = [...list.slice(21, 30), ...list.slice(30, 31), ...list.slice(32)];
    expect(thinOccurrences(list, 20)).toBe(22);
    expect(list).toEqual(expected);
  });

  it('leaves a list alone that is not twice as long as it may be', () => {
    const list = Array.from({ length: 40 }, () => at(0, 0));
    expect(thinOccurrences(list, 20)).toBe(0);
    expect(list).toHaveLength(40);
  });
});
