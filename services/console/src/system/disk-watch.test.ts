import { createMemoryRegistry } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { DiskWatch, shrinkage } from './disk-watch.js';

const HOUR_MS = 3_600_000;
const MS = Date.UTC(2026, 10, 22);
const GIB = 1 << 30;

describe('how fast a disk fills', () => {
  const now = { atMs: MS, freeBytes: 9 * GIB };

  it('is what the free room lost since the oldest sample of the week, a day', () => {
    const samples = [
      { atMs: MS - 30 * 24 * HOUR_MS, freeBytes: 900 * GIB },
      { atMs: MS - 48 * HOUR_MS, freeBytes: 11 * GIB },
      { atMs: MS - HOUR_MS, freeBytes: 9 * GIB },
    ];
    expect(shrinkage(samples, now)).toBe(GIB);
  });

  it('is unknown before six hours, and nothing where room is won', () => {
    expect(shrinkage([], now)).toBeUndefined();
    expect(shrinkage([{ atMs: MS - 5 * HOUR_MS, freeBytes: 11 * GIB }], now)).toBeUndefined();
    expect(shrinkage([{ atMs: MS - 6 * HOUR_MS, freeBytes: 8 * GIB }], now)).toBe(0);
  });

  it('goes on after a restart, with one sample an hour at most and a week of them', async () => {
    const registry = createMemoryRegistry();
    let nowMs = MS;
    const watch = () => new DiskWatch(registry, () => nowMs, '/', 'web-01');
    for (let i = 0; i < 3; i++) await watch().sample();
    expect((await registry.get<unknown[]>('disk-samples', 'web-01'))?.value).toHaveLength(1);
    expect(await watch().state()).not.toHaveProperty('bytesPerDay');
    for (let i = 0; i < 200; i++) {
      nowMs += HOUR_MS;
      await watch().sample();
    }
    expect((await registry.get<unknown[]>('disk-samples', 'web-01'))?.value).toHaveLength(168);
    expect(await watch().state()).toMatchObject({ bytesPerDay: expect.any(Number), freeBytes: expect.any(Number) });
  });
});
