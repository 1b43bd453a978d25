import { describe, expect, it } from '@jest/globals';
import { addDays, nextDueMs, pastPeriods, startOf } from './periods.js';

const at = (iso: string) => Date.parse(iso);
const isos = (ms: number) => new Date(ms).toISOString();

describe('periods of a calendar', () => {
  it('are whole days of the zone, also where the clock is changed', () => {
    const [spring] = pastPeriods('daily', 1, 'Europe/Berlin', 7, at('2026-03-30T12:00:00Z'));
    expect(spring).toMatchObject({ day: '2026-03-29', fromMs: at('2026-03-28T23:00:00Z') });
    expect(((spring?.toMs ?? 0) - (spring?.fromMs ?? 0)) / 3_600_000).toBe(23);
    const [autumn] = pastPeriods('daily', 1, 'Europe/Berlin', 7, at('2026-10-26T12:00:00Z'));
    expect(((autumn?.toMs ?? 0) - (autumn?.fromMs ?? 0)) / 3_600_000).toBe(25);
  });

  it.each([
    ['UTC', '2026-11-22T00:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-21T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-21T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-11-22T11:00:00.000Z'],
    ['America/St_Johns', '2026-11-22T03:30:00.000Z'],
  ])('begin at midnight in %s', (zone, iso) => {
    expect(isos(startOf('2026-11-22', zone))).toBe(iso);
  });

  it('begin later where midnight is skipped', () => {
    // Chile: 2026-09-06 begins at 01:00.
    expect(isos(startOf('2026-09-06', 'America/Santiago'))).toBe('2026-09-06T04:00:00.000Z');
  });

  it('are due at the hour, days every day and weeks on Monday', () => {
    const days = (iso: string) => pastPeriods('daily', 2, 'UTC', 7, at(iso)).map(({ day }) => day);
    expect(days('2026-11-22T06:59:59Z')).toEqual(['2026-11-20', '2026-11-19']);
    expect(days('2026-11-22T07:00:00Z')).toEqual(['2026-11-21', '2026-11-20']);
    // 2026-11-23 is a Monday.
    const week = (iso: string) => pastPeriods('weekly', 1, 'UTC', 7, at(iso))[0];
    expect(week('2026-11-23T06:00:00Z')).toMatchObject({ day: '2026-11-09' });
    expect(week('2026-11-23T07:00:00Z')).toMatchObject({
      ...{ day: '2026-11-16', fromMs: at('2026-11-16T00:00:00Z'), toMs: at('2026-11-23T00:00:00Z') },
    });
    expect(isos(nextDueMs('daily', 'UTC', 7, at('2026-11-22T07:00:00Z')))).toBe('2026-11-23T07:00:00.000Z');
    expect(isos(nextDueMs('weekly', 'Europe/Berlin', 7, at('2026-11-23T07:00:00Z')))).toBe('2026-11-30T06:00:00.000Z');
  });

  it('follow one another without a gap for more than a year, in every direction of the clock', () => {
    for (const zone of ['Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const periods = pastPeriods('daily', 400, zone, 0, at('2026-11-22T12:00:00Z'));
      for (const [i, { day, fromMs, toMs }] of periods.entries()) {
        const earlier = periods[i + 1];
        if (earlier) expect([earlier.toMs, addDays(earlier.day, 1)]).toEqual([fromMs, day]);
        expect(toMs - fromMs).toBeGreaterThan(22 * 3_600_000);
      }
    }
  });
});
