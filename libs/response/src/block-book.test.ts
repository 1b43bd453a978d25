import type { Block, BlockReason } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { BlockBook } from './block-book.js';

const T = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const reasonOf = (n: number, alertId = 'a1'): BlockReason => ({
  ...{ type: 'alert', alertId, version: 1, rule: 'x', ruleId: 'x', summary: 'x', count: n, hosts: [] },
  evidence: [{ attemptId: '00000000000a', timeMs: T, host: 'web-01' }],
});

function start(book: BlockBook, n: number, startMs = T): Block {
  const scope = { type: 'fleet' } as const;
  const create = { target: `198.51.100.${n}`, scope, reason: reasonOf(n), startMs, durationMs: HOUR_MS, except: [] };
  return book.start({ ...create, cutSessions: false, dryRun: false }, false);
}

describe('the book of blocks', () => {
  it('counts them by state', () => {
    const book = new BlockBook();
    const [one, two] = [1, 2, 3].map((n) => start(book, n));
    book.end(one as Block, 'lifted', T);
    book.end(two as Block, 'expired', T);
    expect(book.states).toMatchObject({ active: 1, lifted: 1, expired: 1 });
    start(book, 1);
    expect(book.states).toMatchObject({ active: 2, lifted: 0, expired: 1 });
    expect([book.running, book.size, book.covered]).toEqual([2, 3, 2]);
  });

  it('remembers no more of those that are over than it may, and tells what it forgot', () => {
    const book = new BlockBook({ maxEnded: 3 });
    for (let n = 1; n <= 9; n++) book.end(start(book, n), 'expired', T + n);
    start(book, 8);
    const { changed, forgotten } = book.takeChanges();
    expect(forgotten.map(({ target }) => target)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `198.51.100.${n}`));
    expect(changed.map(({ target, state }) => [target, state])).toEqual([
      ['198.51.100.7', 'expired'],
      ['198.51.100.8', 'active'],
      ['198.51.100.9', 'expired'],
    ]);
    expect(book.ofTarget('198.51.100.1')).toEqual([]);
    expect(book.ofAlert('a1')).toHaveLength(3);
    const restored = new BlockBook({ maxEnded: 3 });
    for (let n = 1; n <= 9; n++) restored.restore({ ...(changed[0] as Block), target: `198.51.100.${n}` });
    expect([restored.size, restored.changes]).toEqual([3, 0]);
  });

  it('finds a block by the alerts that are its reasons, and by no others that were', () => {
    const book = new BlockBook();
    const block = start(book, 1);
    book.addReason(block, reasonOf(2, 'a2'));
    book.keepReasons(block, block.reasons.slice(1));
    expect([book.ofAlert('a1'), book.ofAlert('a2')]).toEqual([[], [block]]);
    book.end(block, 'expired', T + 1);
    const again = start(book, 1);
    expect([book.ofAlert('a1'), book.ofAlert('a2')]).toEqual([[again], []]);
    book.restore({ ...again, reasons: [] });
    expect(book.ofAlert('a1')).toEqual([]);
  });

  it('forgets after 30 days', () => {
    const book = new BlockBook();
    for (const n of [1, 2]) book.end(start(book, n, T + n * DAY_MS), 'expired', T + n * DAY_MS + HOUR_MS);
    book.takeChanges();
    for (const _ of book.takeDue(T + 31 * DAY_MS + HOUR_MS));
    expect(book.takeChanges().forgotten.map(({ target }) => target)).toEqual(['198.51.100.1']);
  });

  it('hands out what does not change any more', () => {
    const book = new BlockBook();
    const block = start(book, 1);
    const [told] = book.takeChanges().changed;
    book.addReason(block, reasonOf(2));
    book.end(block, 'lifted', T + 1);
    expect(told).toMatchObject({ state: 'active', reasons: [{ count: 1 }], history: [] });
  });

  it('keeps once what blocks of one alert have in common', () => {
    const book = new BlockBook();
    const records = [1, 2].map((n) => JSON.stringify(start(book, n)));
    const restored = new BlockBook();
    for (const record of records) restored.restore(JSON.parse(record) as Block);
    const [one, two] = restored.ofAlert('a1').map(({ reasons: [reason] }) => reason);
    expect(one?.type === 'alert' && two?.type === 'alert' && one.evidence === two.evidence).toBe(true);
    expect([one, two]).toMatchObject([{ count: 1 }, { count: 2 }]);
  });
});
