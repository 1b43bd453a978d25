import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile, ReplayEngine, type ReplayOptions } from '@fleetwall/cli';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Chain, R, shipped } from './chain.js';

const MINUTE_MS = 60_000;
const detections = await shipped();

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-times-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const failed = (stamp: string, pid: number, address = R) =>
  `${stamp} web-01 sshd[${pid}]: Failed password for root from ${address} port 4022 ssh2`;

/** A replay of one file that was last written at the given time. */
async function replay(lines: readonly string[], modified: string, options: Partial<ReplayOptions> = {}) {
  const path = join(directory, 'auth.log');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  utimesSync(path, new Date(modified), new Date(modified));
  return new ReplayEngine({ ...detections, zone: 'UTC', ...options }).run([new LogFile(path)]);
}

type Result = Awaited<ReturnType<typeof replay>>;
const alertOf = ({ alerts }: Result, rule: string) => [...alerts()].find((alert) => alert.rule === rule);

describe('A23: times in a replay', () => {
  const newYear = [
    ...[57, 58, 59].map((second) => failed(`Dec 31 23:59:${second}`, second)),
    ...[1, 2, 3].map((second) => failed(`Jan  1 00:00:0${second}`, second)),
  ];

  it.each([
    ['the year of the first line', {}, { fromYear: 2026 }],
    ['the time of the file', {}, {}],
  ])('one attack over the turn of the year is one, by %s', async (_what, _none, options) => {
    const result = await replay(newYear, '2027-01-01T00:00:05Z', options);
    const alert = alertOf(result, 'fast-brute-force');
    expect([alert?.first, alert?.last]).toEqual(['2026-12-31T23:59:57.000Z', '2027-01-01T00:00:03.000Z']);
    expect(alert?.count).toBe(6);
    expect([...result.blocks()].map(({ target, at }) => [target, at])).toContainEqual([R, '2027-01-01T00:00:02.000Z']);
  });

  it('29 February without a year is in the latest leap year', async () => {
    const lines = [1, 2, 3, 4, 5].map((n) => failed(`Feb 29 12:00:0${n}`, n));
    const result = await replay(lines, '2028-02-29T12:01:00Z');
    expect(alertOf(result, 'fast-brute-force')?.first).toBe('2028-02-29T12:00:01.000Z');
  });

  it('an hour that comes twice is two hours: what is an hour apart is no burst', async () => {
    const early = [1, 2, 3].map((n) => failed(`Nov  1 01:30:0${n}`, n));
    const between = ['01:45:00', '01:59:59', '01:00:01', '01:15:00'].map((time, n) =>
      failed(`Nov  1 ${time}`, 50 + n, `203.0.113.${n}`),
    );
    const late = [1, 2].map((n) => failed(`Nov  1 01:30:1${n}`, 10 + n));
    const options = { zone: 'America/New_York', fromYear: 2026 };
    const result = await replay([...early, ...between, ...late], '2026-11-01T12:00:00Z', options);
    expect(alertOf(result, 'fast-brute-force')).toBeUndefined();
    const slow = alertOf(result, 'slow-grind');
    expect([slow?.first, slow?.last]).toEqual(['2026-11-01T05:30:01.000Z', '2026-11-01T06:30:12.000Z']);
  });

  it('the second 60 is a second', async () => {
    const lines = [failed('Dec 31 23:59:58', 1), failed('Dec 31 23:59:59', 2), failed('Dec 31 23:59:60', 3)];
    const more = [failed('Jan  1 00:00:00', 4), failed('Jan  1 00:00:01', 5)];
    const result = await replay([...lines, ...more], '2027-01-01T00:00:05Z', { fromYear: 2026 });
    expect(alertOf(result, 'fast-brute-force')?.count).toBe(5);
  });

  it('a stamp of 2099 neither moves the clock nor hides a line', async () => {
    const at = (time: string) => `2026-11-22T${time}Z`;
    const stamps = [at('07:00:01'), '2099-01-01T00:00:00Z', at('07:00:03'), at('07:00:04'), at('07:00:05')];
    const result = await replay(
      stamps.map((stamp, n) => failed(stamp, n)),
      '2026-11-22T07:01:00Z',
    );
    const alert = alertOf(result, 'fast-brute-force');
    expect(alert?.count).toBe(5);
    expect(alert?.last).toBe('2026-11-22T07:00:05.000Z');
    expect(result.late).toBe(0);
  });
});

describe('A23: times of a live log', () => {
  it('a stamp of 2099 counts as now', () => {
    const nowMs = Date.UTC(2026, 10, 22, 7);
    const subject = new Chain(detections, nowMs);
    for (let n = 0; n < 5; n++) subject.line(failed('2099-01-01T00:00:00Z', n));
    expect(subject.alerts.find(({ rule }) => rule === 'fast-brute-force')).toMatchObject({ lastMs: nowMs });
    expect(subject.blocks().map(({ target }) => target)).toEqual([R]);
  });

  it('the last second of a year that is read in the next is of the old one', () => {
    const subject = new Chain(detections, Date.UTC(2027, 0, 1, 0, 0, 2));
    expect(subject.line(failed('Dec 31 23:59:59', 1))?.['@timestamp']).toBe(Date.UTC(2026, 11, 31, 23, 59, 59));
    expect(subject.line(failed('Jan  1 00:00:01', 2))?.['@timestamp']).toBe(Date.UTC(2027, 0, 1, 0, 0, 1));
  });
});

describe('E09: a clock that jumps, by counting and deciding', () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const T = Date.UTC(2026, 10, 22, 12);
  const stamp = (timeMs: number) => new Date(timeMs).toISOString();
  const rulesOf = (subject: Chain) => new Set(subject.alerts.map(({ rule }) => rule));

  it.each([
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
    ['six hours ahead, after sleep', 6 * HOUR_MS],
  ])('%s: a few mistypes before and after are no burst', (_what, stepMs) => {
    const subject = new Chain(detections, T);
    for (let n = 0; n < 2; n++) subject.line(failed(stamp(subject.nowMs + n), n));
    subject.nowMs += stepMs;
    subject.counter.tick(subject.nowMs);
    for (let n = 2; n < 4; n++) subject.line(failed(stamp(subject.nowMs + n), n));
    expect(rulesOf(subject)).toEqual(new Set());
    expect(subject.blocks()).toEqual([]);
  });

  it('six hours of sleep: what was written before counts by its own time although it is read after', () => {
    const subject = new Chain(detections, T);
    subject.nowMs += 6 * HOUR_MS;
    for (let n = 0; n < 3; n++) subject.line(failed(stamp(T + n), n));
    for (let n = 3; n < 6; n++) subject.line(failed(stamp(subject.nowMs + n), n));
    expect(rulesOf(subject)).toEqual(new Set(['slow-grind']));
  });

  it.each([
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
  ])('%s lifts no block that is not over, and starts none anew', (_what, stepMs) => {
    const subject = new Chain(detections, T);
    for (let n = 0; n < 5; n++) subject.line(failed(stamp(T + n), n));
    const [before] = subject.blocks();
    subject.nowMs += stepMs;
    subject.decide();
    subject.nowMs -= stepMs;
    subject.decide();
    expect(subject.blocks()).toEqual([before]);
    expect(before).toMatchObject({ target: R, state: 'active', untilMs: T + 2 * HOUR_MS, offence: 1 });
  });
});
