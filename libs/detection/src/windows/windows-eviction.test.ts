import { describe, expect, it } from '@jest/globals';
import { createAttemptWindows } from './attempt-windows.js';
import { createValueWindows } from './value-windows.js';
import type { WindowOptions } from './windows.js';

const OPTIONS: WindowOptions = { threshold: 5, windowMs: 1e9, latenessMs: 1e8, maxBytes: 5e6, seed: [3, 4] };
const NOW_MS = 1_795_000_000_000;

/** Both kinds behind one face; each attempt has an id and a value of its own. */
const KINDS = [
  {
    kind: 'attempt',
    make: (options = OPTIONS) => {
      const windows = createAttemptWindows(options);
      let id = 0;
      const add = (key: string, host: number, timeMs = NOW_MS + id) => {
        id += 1;
        return windows.add(key, { id: id.toString(16).padStart(12, '0'), timeMs, host, who: 1 }, timeMs);
      };
      return { windows, add };
    },
  },
  {
    kind: 'value',
    make: (options = OPTIONS) => {
      const windows = createValueWindows(options);
      let id = 0;
      const add = (key: string, host: number, timeMs = NOW_MS + id) => {
        id += 1;
        const attempt = { id: id.toString(16).padStart(12, '0'), timeMs, host, who: 1, value: `v${id}` };
        return windows.add(key, attempt, timeMs);
      };
      return { windows, add };
    },
  },
];

describe.each(KINDS)('eviction of $kind windows', ({ make }) => {
  it('spares every key with two attempts or more in a flood of one-shot keys, and counts what went', () => {
    const { windows, add } = make();
    for (let key = 0; key < 2000; key++) {
      for (let attempt = 0; attempt < 2 + (key % 3); attempt++) add(`grinder ${key}`, 1);
    }
    for (let key = 0; key < 250_000; key++) add(`one-shot ${key}`, key % 7);
    const { keys, bytes, evictedOneShot, evictedOther } = windows.stats();
    expect(bytes).toBeLessThanOrEqual(OPTIONS.maxBytes);
    expect(evictedOneShot).toBeGreaterThan(100_000);
    expect(evictedOther).toBe(0);
    expect(keys + evictedOneShot).toBe(252_000);
    for (let key = 0; key < 2000; key++) {
      const outcomes = Array.from({ length: 3 - (key % 3) }, () => add(`grinder ${key}`, 1));
      expect(outcomes.at(-1)).toBe('fired');
    }
  });

  it('takes the room from the host that fills it', () => {
    const { windows, add } = make();
    for (let key = 0; key < 3000; key++) add(`quiet ${key}`, 2);
    for (let key = 0; key < 250_000; key++) add(`flood ${key}`, 9);
    expect(windows.stats().evictedOneShot).toBeGreaterThan(100_000);
    for (let key = 0; key < 3000; key++) {
      expect(windows.standing(`quiet ${key}`, 1, 0, Number.MAX_SAFE_INTEGER).own).toBe(1);
    }
  });

  it('takes old one-shot keys before new ones', () => {
    const { windows, add } = make();
    for (let key = 0; key < 250_000; key++) add(`flood ${key}`, 9);
    const kept = (key: number) => windows.standing(`flood ${key}`, 1, 0, Number.MAX_SAFE_INTEGER).own;
    const { keys } = windows.stats();
    const keptOf = (from: number, to: number) => {
      let sum = 0;
      for (let key = from; key < to; key++) sum += kept(key);
      return sum / (to - from);
    };
    expect(keptOf(250_000 - Math.floor(keys / 2), 250_000)).toBeGreaterThan(0.95);
    expect(keptOf(0, 250_000 - keys * 2)).toBe(0);
  });

  it('lets keys with more attempts go when there is nothing else, and still takes new ones in', () => {
    const { windows, add } = make();
    for (let key = 0; key < 120_000; key++) {
      add(`pair ${key}`, 1);
      add(`pair ${key}`, 1);
    }
    const { bytes, evictedOther } = windows.stats();
    expect(bytes).toBeLessThanOrEqual(OPTIONS.maxBytes);
    expect(evictedOther).toBeGreaterThan(10_000);
    const outcomes = Array.from({ length: 5 }, () => add('newcomer', 1));
    expect(outcomes.at(-1)).toBe('fired');
  });

  it('prefers what is out of reach anyway, and counts that as no eviction', () => {
    const { windows, add } = make();
    for (let key = 0; key < 10_000; key++) add(`old ${key}`, 1, NOW_MS);
    const laterMs = NOW_MS + OPTIONS.windowMs + OPTIONS.latenessMs + 1;
    for (let key = 0; key < 10_000; key++) add(`new ${key}`, 1, laterMs);
    for (let round = 0; round < 3; round++) windows.expire(laterMs);
    expect(windows.stats()).toMatchObject({ keys: 10_000, evictedOneShot: 0, evictedOther: 0 });
  });

  it('gives up the episodes that fired first when there are too many, and says so', () => {
    const { windows, add } = make({ ...OPTIONS, maxBytes: 1e6 });
    for (let key = 0; key < 4000; key++) {
      for (let attempt = 0; attempt < 5; attempt++) add(`key ${key}`, 1);
    }
    const { episodes, evictedOther } = windows.stats();
    expect(evictedOther).toBeGreaterThan(100);
    expect(episodes + evictedOther).toBe(4000);
    expect(windows.episode('key 0')).toBeUndefined();
    expect(windows.expire(NOW_MS)).toHaveLength(evictedOther);
  });
});
