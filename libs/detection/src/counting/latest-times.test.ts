import { describe, expect, it } from '@jest/globals';
import { LatestTimes } from './latest-times.js';

describe('the latest time of a key', () => {
  it('is that of its latest note, in whatever order they come', () => {
    const times = new LatestTimes();
    expect(times.of('a')).toBe(Number.NEGATIVE_INFINITY);
    times.note('a', 5);
    times.note('a', 3);
    times.note('b', 9);
    expect([times.of('a'), times.of('b'), times.of('c')]).toEqual([5, 9, Number.NEGATIVE_INFINITY]);
  });

  it('is never earlier than it was, however many keys there are', () => {
    const times = new LatestTimes();
    const count = 25_000;
    for (let i = 0; i < count; i++) times.note(`key ${i}`, 1_000_000 - i);
    for (let i = 0; i < count; i++) expect(times.of(`key ${i}`)).toBeGreaterThanOrEqual(1_000_000 - i);
    expect(times.of('none')).toBeLessThanOrEqual(1_000_000);
  });

  it('is at least what was said of all', () => {
    const times = new LatestTimes();
    times.note('a', 5);
    times.raise(7);
    times.raise(6);
    times.note('b', 6);
    times.note('c', 8);
    expect([times.of('a'), times.of('b'), times.of('c'), times.of('d')]).toEqual([7, 7, 8, 7]);
  });
});
