import type { AlertChange, Block } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { AlertMemory } from './alert-memory.js';
import { pauseAfterMs } from './backoff.js';
import { BlockMemory } from './block-memory.js';
import { countsOf, MOST_ITEMS, messageOf, sumOf, withNews } from './message.js';
import { alertOf, blockNews, blockOf, NOW_MS } from './news.test-support.js';

describe('which change of an alert is news', () => {
  const kinds = (...changes: Partial<AlertChange>[]) => {
    const memory = new AlertMemory();
    return changes.map((change, i) => memory.take(alertOf('a1', { version: i + 1, ...change }))?.kind);
  };

  it('is its opening and its end, not that it goes on', () => {
    expect(kinds({}, { count: 24 }, { state: 'over' })).toEqual(['alert', undefined, 'alert-ended']);
    expect(kinds({}, { state: 'withdrawn' }, {})).toEqual(['alert', 'alert-ended', 'alert']);
  });

  it('is not what comes again, was told by old lines, or ended before anybody knew', () => {
    expect(kinds({ version: 5 }, { version: 5 }, { version: 4, state: 'over' })).toEqual([
      'alert',
      undefined,
      undefined,
    ]);
    expect(kinds({ history: true }, { state: 'over' })).toEqual([undefined, undefined]);
    expect(kinds({ history: true }, {}, { state: 'over' })).toEqual([undefined, 'alert', 'alert-ended']);
    expect(kinds({ state: 'withdrawn' })).toEqual([undefined]);
  });
});

describe('which change of a block is news', () => {
  const kinds = (...changes: Partial<Block>[]) => {
    const memory = new BlockMemory();
    return changes.map((change, i) => memory.take('k', blockOf('203.0.113.7', { version: i + 1, ...change })));
  };

  it('is that it comes into force, and that it ends', () => {
    const more = { untilMs: NOW_MS + 9e6 };
    expect(kinds({}, more, { state: 'lifted' })).toEqual(['block', undefined, 'block-ended']);
    expect(kinds({ state: 'held' }, {}, { state: 'expired' })).toEqual([undefined, 'block', 'block-ended']);
    expect(kinds({ state: 'dry-run' })).toEqual(['block']);
  });

  it('is each offence anew, and no held block that came to nothing', () => {
    expect(kinds({}, { state: 'expired' }, { atMs: NOW_MS + 1, offence: 2 })).toEqual([
      'block',
      'block-ended',
      'block',
    ]);
    expect(kinds({ state: 'held' }, { state: 'withdrawn' })).toEqual([undefined, undefined]);
  });

  it('is not what one writes that lost its place', () => {
    expect(kinds({ term: 2 }, { term: 1, state: 'lifted' })).toEqual(['block', undefined]);
  });

  it('is an end of which only the last record is left', () => {
    const history = [{ atMs: NOW_MS, untilMs: NOW_MS + 1, state: 'expired' as const }];
    expect(kinds({ state: 'expired', history })).toEqual(['block-ended']);
    expect(kinds({ state: 'withdrawn' })).toEqual([undefined]);
  });

  it('is not what was over before it was read: nobody was blocked', () => {
    const history = [{ atMs: NOW_MS, untilMs: NOW_MS + 1, state: 'too-late' as const }];
    expect(kinds({ state: 'too-late', history })).toEqual([undefined]);
  });
});

describe('what a channel has to tell', () => {
  const news = Array.from({ length: 300 }, (_, i) => blockNews(`198.51.100.${i}`, { key: `k${i}` }));

  it('is bounded, counted to the last one, and the same however often it comes', () => {
    const once = withNews(undefined, news, NOW_MS);
    expect(once.items).toHaveLength(MOST_ITEMS);
    expect(sumOf(countsOf({ ...once }))).toBe(300);
    expect(withNews(once, news.slice(0, 10), NOW_MS + 1)).toEqual(once);
    expect(messageOf('x', once, 1).key).toBe(messageOf('x', once, 2).key);
    expect(messageOf('y', once, 1).key).not.toBe(messageOf('x', once, 1).key);
  });
});

describe('the pause after a failure', () => {
  it('doubles up to 15 minutes, half of it by chance', () => {
    expect([1, 2, 3].map((attempt) => pauseAfterMs(attempt, 1))).toEqual([5_000, 10_000, 20_000]);
    expect(pauseAfterMs(1, 0)).toBe(2_500);
    expect(pauseAfterMs(1_000, 1)).toBe(900_000);
  });
});
