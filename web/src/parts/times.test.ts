import { describe, expect, it } from '@jest/globals';
import { duration, relative, tickOf, toTheMs } from './times.js';

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [820, '820 ms'],
    [41_000, '41 s'],
    [60_000, '1 min'],
    [95_000, '1 min 35 s'],
    [273_600_000, '3 d 4 h'],
    [86_400_000 + 59_000, '1 d'],
  ])('%d ms last %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('are relative within a day and absolute beyond', () => {
    const now = new Date(2026, 10, 22, 14, 2, 11, 482).getTime();
    expect(relative(now - 130_000, now)).toBe('2 min ago');
    expect(relative(now + 58 * 60_000, now)).toBe('in 58 min');
    expect(relative(now, now)).toBe('now');
    expect(relative(now - 4 * 86_400_000, now)).toBe('2026-11-18 14:02');
    expect(toTheMs(now)).toBe('2026-11-22 14:02:11.482');
  });

  it('on an axis are hours, and days at midnight', () => {
    const ticks = [new Date(2026, 10, 22, 14, 30), new Date(2026, 10, 23), new Date(2026, 10, 22, 14, 30, 5)];
    expect(ticks.map((tick) => tickOf(tick.getTime()))).toEqual(['14:30', '23 Nov', '14:30:05']);
  });
});
