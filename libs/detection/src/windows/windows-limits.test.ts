import { describe, expect, it } from '@jest/globals';
import { createAttemptWindows } from './attempt-windows.js';
import { createValueWindows } from './value-windows.js';
import type { ValuedAttempt, WindowOptions } from './windows.js';

const DAY_MS = 86_400_000;
const NOW_MS = 1_795_000_000_000;
const OPTIONS: WindowOptions = { threshold: 3, windowMs: 1000, latenessMs: 100, maxBytes: 1e7, seed: [3, 4] };

function attemptOf(number: number, timeMs: number, who: number, value = `v${number}`): ValuedAttempt {
  return { id: number.toString(16).padStart(12, '0'), timeMs, host: 1, who, value };
}

describe.each([
  ['attempt', createAttemptWindows],
  ['value', createValueWindows],
])('%s windows', (_, create) => {
  it.each([
    ['threshold', { threshold: 1 }],
    ['threshold', { threshold: 1001 }],
    ['windowMs', { windowMs: 0 }],
    ['latenessMs', { latenessMs: -1 }],
    ['windowMs + latenessMs', { windowMs: 20 * DAY_MS, latenessMs: 4 * DAY_MS + 1 }],
    ['maxBytes', { maxBytes: Number.NaN }],
  ])('are refused with a wrong %s', (option, wrong) => {
    expect(() => create({ ...OPTIONS, ...wrong })).toThrow(
      expect.objectContaining({ code: 'WINDOWS_OPTIONS_INVALID', details: expect.objectContaining({ option }) }),
    );
  });

  it.each([
    ['id', { id: '123' }],
    ['id', { id: '00000000000g' }],
    ['id', { id: '00000000000\u0011' }],
    ['timeMs', { timeMs: Number.NaN }],
    ['timeMs', { timeMs: -1 }],
    ['host', { host: 65_536 }],
    ['host', { host: 1.5 }],
  ])('refuse an attempt with a wrong %s', (field, wrong) => {
    const windows = create(OPTIONS);
    const attempt = { ...attemptOf(1, NOW_MS, 1), ...wrong };
    expect(() => windows.add('k', attempt, NOW_MS)).toThrow(
      expect.objectContaining({ code: 'WINDOWS_ATTEMPT_INVALID', details: expect.objectContaining({ field }) }),
    );
    expect(windows.stats().keys).toBe(0);
  });

  it('show at most 64 attempts of an episode, those that made it fire and the latest, and count all', () => {
    const windows = create(OPTIONS);
    for (let id = 0; id < 10_000; id++) {
      const timeMs = NOW_MS + id * 10;
      windows.add('k', attemptOf(id, timeMs, -1), timeMs);
    }
    const episode = windows.episode('k');
    expect(episode).toMatchObject({ count: 10_000, firstMs: NOW_MS, lastMs: NOW_MS + 99_990, firedMs: NOW_MS + 20 });
    const ids = episode?.attempts.map((one) => Number.parseInt(one.id, 16));
    expect(ids).toEqual([0, 1, 2, ...Array.from({ length: 61 }, (_, at) => 9939 + at)]);
    expect(episode?.attempts[0]).toMatchObject({ who: 0xffffffff, host: 1 });
    expect(windows.stats().bytes).toBeLessThan(6e6);
  });

  it('do not withdraw a long episode for a few of its latest attempts', () => {
    const windows = create(OPTIONS);
    for (let id = 0; id < 10_000; id++) {
      const timeMs = NOW_MS + id * 10;
      windows.add('k', attemptOf(id, timeMs, id < 9998 ? 1 : 2), timeMs);
    }
    const { removed, withdrawn } = windows.retract('k', 2, NOW_MS, NOW_MS + 100_000, NOW_MS + 100_000);
    expect([removed.length, withdrawn]).toEqual([2, undefined]);
    expect(windows.episode('k')).toMatchObject({ count: 9998, lastMs: NOW_MS + 99_970 });
  });

  it('hold what a late attempt may need, in a key with thousands of attempts', () => {
    const windows = create({ ...OPTIONS, threshold: 1000, windowMs: 10_000, latenessMs: 30_000 });
    // 999 in each window of ten seconds, four windows long.
    for (let id = 0; id < 4 * 999; id++) {
      const timeMs = NOW_MS + Math.floor(id / 999) * 10_001 + (id % 999) * 10;
      const outcome = windows.add('k', attemptOf(id, timeMs, 1, `v${id % 999}`), timeMs);
      expect(outcome).toBe('counted');
    }
    const late = attemptOf(5000, NOW_MS + 10_001, 1);
    expect(windows.add('k', late, NOW_MS + 40_000)).toBe('fired');
  });
});
