import { beforeEach, describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

const LONGEST_REST_MS = 2_000;

let usedMs: number;
let nowMs: number;
let pace: Pace;

beforeEach(() => {
  usedMs = 500;
  nowMs = 10_000;
  pace = new Pace(
    0.25,
    () => usedMs,
    () => nowMs,
  );
});

/** Works, alone on its core, for so long. */
function work(workMs: number): void {
  usedMs += workMs;
  nowMs += workMs;
}

describe('the pace of reading', () => {
  it('keeps the process to its share in the long run', () => {
    const [usedBefore, before] = [usedMs, nowMs];
    for (let i = 0; i < 10_000; i++) {
      work(7);
      nowMs += pace.due();
    }
    expect((usedMs - usedBefore) / (nowMs - before)).toBeCloseTo(0.25, 2);
  });

  it('counts work of other threads', () => {
    const [usedBefore, before] = [usedMs, nowMs];
    for (let i = 0; i < 10_000; i++) {
      work(7);
      usedMs += 14;
      nowMs += pace.due();
    }
    expect((usedMs - usedBefore) / (nowMs - before)).toBeCloseTo(0.25, 2);
  });

  it('lets a short burst through after a quiet time, however long that was', () => {
    nowMs += 3_600_000;
    expect(pace.due()).toBe(0);
    work(300);
    expect(pace.due()).toBe(0);
    work(300);
    expect(pace.due()).toBeGreaterThan(0);
  });

  it('never holds reading for long, whatever else the process did', () => {
    usedMs += 600_000;
    expect(pace.due()).toBe(LONGEST_REST_MS);
    nowMs += LONGEST_REST_MS;
    expect(pace.due()).toBe(0);
  });
});
