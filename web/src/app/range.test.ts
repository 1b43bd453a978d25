import { describe, expect, it } from '@jest/globals';
import { rangeLabel, shifted, spanOf, timeOf, widened } from './range.js';

const NOW = Date.UTC(2026, 10, 22, 12);
const HOUR = 3_600_000;

describe('the range', () => {
  it('reads relative and absolute times', () => {
    expect(timeOf('now', NOW)).toBe(NOW);
    expect(timeOf('now-24h', NOW)).toBe(NOW - 24 * HOUR);
    expect(timeOf('now-2w', NOW)).toBe(NOW - 14 * 24 * HOUR);
    expect(timeOf('2026-11-22T10:00:00.000Z', NOW)).toBe(NOW - 2 * HOUR);
    expect(timeOf('yesterday', NOW)).toBeUndefined();
  });

  it('is the default where a link says nonsense', () => {
    const usual = { fromMs: NOW - 24 * HOUR, toMs: NOW };
    expect(spanOf({ from: 'x', to: 'now' }, NOW)).toEqual(usual);
    expect(spanOf({ from: 'now', to: 'now-1h' }, NOW)).toEqual(usual);
  });

  it('moves by its own length and says where it is', () => {
    const before = shifted({ from: 'now-1h', to: 'now' }, -1, NOW);
    expect(before).toEqual({ from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T11:00:00.000Z' });
    expect(shifted(before, 1, NOW).to).toBe('2026-11-22T12:00:00.000Z');
    expect(rangeLabel({ from: 'now-7d', to: 'now' }, NOW)).toBe('Last 7 days');
  });

  it('offers the next longer one', () => {
    expect(widened({ from: 'now-24h', to: 'now' }, NOW)?.from).toBe('now-7d');
    expect(widened({ from: 'now-30d', to: 'now' }, NOW)).toBeUndefined();
  });
});
