import type { AlertChange, Block } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { alert, HOUR_MS, MINUTE_MS, R, T } from './alert.test-support.js';
import { Decider, type DeciderOptions } from './decider.js';
import { loadPolicies } from './load-policies.js';
import { exemptAddress } from './rails.js';

const policies = loadPolicies([
  { path: 'a.yml', text: 'name: attackers\nmatch: {rules: [fast]}\nblock: source.ip\n' },
  { path: 'b.yml', text: 'name: distributed\nmatch: {rules: [distributed]}\nblock: contributors\n' },
  { path: 'c.yml', text: 'name: trial\nmatch: {tags: [trial]}\nblock: source.ip\ndryRun: true\n' },
  {
    path: 'd.yml',
    text: 'name: flood\nmatch: {rules: [flood]}\nblock: source.ip\nbreaker: {blocks: 2, within: 10m}\n',
  },
]);

function decider(options: Partial<DeciderOptions> = {}): Decider {
  return new Decider({ policies, exemptions: () => [], ...options });
}

const shown = ({ target, state, scope, atMs, untilMs, offence }: Block) => ({
  target,
  state,
  scope: scope.type,
  atMs,
  untilMs,
  offence,
});
const contributor = (value: string, count: number, lastMs = T) => ({ value, count, firstMs: lastMs, lastMs });
const distributed = (change: Partial<AlertChange>) =>
  alert({ id: 'd1', rule: 'distributed', key: { 'user.name': 'root' }, valueField: 'source.ip', ...change });

describe('decisions', () => {
  it('blocks the address of an alert on the whole fleet for the first duration', () => {
    const { changed } = decider().onAlert(alert(), T);
    expect(changed.map(shown)).toEqual([
      { target: R, state: 'active', scope: 'fleet', atMs: T, untilMs: T + 2 * HOUR_MS, offence: 1 },
    ]);
  });

  it('ignores a version it has seen, as a zombie would send', () => {
    const subject = decider();
    const change = alert();
    subject.onAlert(change, T);
    expect(subject.onAlert({ ...change, state: 'withdrawn' }, T).changed).toEqual([]);
  });

  it('expires, remembers, and escalates for the one who goes on', () => {
    const subject = decider();
    subject.onAlert(alert(), T);
    const end = T + 2 * HOUR_MS;
    expect(subject.tick(end - 1).changed).toEqual([]);
    expect(subject.tick(end).changed.map(({ state }) => state)).toEqual(['expired']);
    const { changed } = subject.onAlert(alert({ count: 9, lastMs: end + MINUTE_MS }), end + MINUTE_MS);
    expect(changed.map(shown)).toEqual([
      {
        target: R,
        state: 'active',
        scope: 'fleet',
        atMs: end + MINUTE_MS,
        untilMs: end + MINUTE_MS + 24 * HOUR_MS,
        offence: 2,
      },
    ]);
  });

  it('holds the repeater whose fresh failures may still be mistypes, then blocks', () => {
    const subject = decider();
    subject.onAlert(alert(), T);
    const end = T + 2 * HOUR_MS;
    subject.tick(end);
    expect(subject.onAlert(alert({ count: 6, lastMs: end }), end).changed.map(({ state }) => state)).toEqual(['held']);
    expect(subject.tick(end + 10 * MINUTE_MS).changed.map(({ state }) => state)).toEqual(['active']);
  });

  it('withdraws the block when its evidence goes, unless another reason stands', () => {
    const subject = decider();
    subject.onAlert(alert(), T);
    subject.onAlert(alert({ id: 'a2' }), T);
    expect(subject.onAlert(alert({ state: 'withdrawn' }), T).changed.map(({ state }) => state)).toEqual(['active']);
    expect(subject.onAlert(alert({ id: 'a2', state: 'withdrawn' }), T).changed.map(({ state }) => state)).toEqual([
      'withdrawn',
    ]);
  });

  it('holds contributors within the allowance until the minutes are over, and blocks the others at once', () => {
    const subject = decider();
    const change = distributed({ contributors: [contributor('198.51.100.1', 1), contributor('198.51.100.2', 3)] });
    expect(subject.onAlert(change, T).changed.map(({ target, state }) => [target, state])).toEqual([
      ['198.51.100.1', 'held'],
      ['198.51.100.2', 'active'],
    ]);
    const cleared = distributed({ cleared: ['198.51.100.1'] });
    expect(subject.onAlert(cleared, T).changed.map(({ target, state }) => [target, state])).toEqual([
      ['198.51.100.1', 'withdrawn'],
    ]);
    expect(subject.tick(T + HOUR_MS).changed).toEqual([]);
  });

  it('waits on while a held contributor fails within the allowance', () => {
    const subject = decider();
    subject.onAlert(distributed({ contributors: [contributor('198.51.100.1', 1)] }), T);
    subject.onAlert(
      distributed({ contributors: [contributor('198.51.100.1', 2, T + 9 * MINUTE_MS)] }),
      T + 9 * MINUTE_MS,
    );
    expect(subject.tick(T + 10 * MINUTE_MS).changed).toEqual([]);
    expect(subject.tick(T + 19 * MINUTE_MS).changed.map(({ state }) => state)).toEqual(['active']);
  });

  it.each([
    ['known users who fail', { knownGood: true }],
    ['evidence that anyone can forge', { evidenceClass: 'spoofable' as const }],
    ['text from afar', { evidenceClass: 'unauthenticated' as const }],
    ['alerts that no policy matches', { rule: 'other' }],
  ])('never blocks on %s', (_what, change) => {
    expect(decider().onAlert(alert(change), T).changed).toEqual([]);
  });

  it('never blocks what must stay reachable, and says why', () => {
    const subject = decider({ exemptions: () => [exemptAddress(R, 'on the allowlist (office)')] });
    expect(subject.onAlert(alert(), T).changed).toEqual([]);
    expect(subject.stats.refused).toEqual({ 'on the allowlist (office)': 1 });
  });

  it('lifts what was allowed meanwhile', () => {
    let exemptions = [exemptAddress('192.0.2.1', 'other')];
    const subject = decider({ exemptions: () => exemptions });
    subject.onAlert(alert(), T);
    exemptions = [exemptAddress(R, 'on the allowlist (office)')];
    expect(subject.review(T).changed.map(({ state }) => state)).toEqual(['lifted']);
  });

  it('reports history from its own time: what is over by now was never in force', () => {
    const lastMs = T - 24 * HOUR_MS;
    const { changed } = decider().onAlert(alert({ history: true, lastMs, firedMs: lastMs }), T);
    expect(changed.map(({ state, atMs }) => [state, atMs])).toEqual([['too-late', lastMs]]);
  });

  it('only reports in a dry run', () => {
    const { changed } = decider().onAlert(alert({ rule: 'x', tags: ['trial'] }), T);
    expect(changed.map(({ state }) => state)).toEqual(['dry-run']);
  });

  it('falls back to the hosts that saw it when the breaker opens', () => {
    const subject = decider();
    const scopes = [1, 2, 3].map((n) =>
      subject
        .onAlert(alert({ id: `f${n}`, rule: 'flood', key: { 'source.ip': `198.51.100.${n}` } }), T)
        .changed.map((b) => b.scope.type),
    );
    expect(scopes).toEqual([['fleet'], ['fleet'], ['host', 'host']]);
    expect(subject.stats.breakerOpen).toBe(1);
  });

  it('blocks each contributor where it was seen when the breaker is open, and nowhere else', () => {
    const subject = decider();
    const hosts = Array.from({ length: 100 }, (_, n) => `web-${n}`);
    const contributors = Array.from({ length: 3_000 }, (_, n) => ({
      ...contributor(`198.51.${n >> 8}.${n & 0xff}`, 3),
      hosts: [`web-${n % 100}`, `web-${(n + 1) % 100}`],
    }));
    const { changed } = subject.onAlert(distributed({ hosts, contributors }), T);
    const scopesOf = (n: number) =>
      changed.filter(({ target }) => target === contributors[n]?.value).map(({ scope }) => scope);
    expect(changed).toHaveLength(2_000 + 1_000 * 2);
    expect(scopesOf(1_999)).toEqual([{ type: 'fleet' }]);
    expect(scopesOf(2_000)).toEqual(['web-0', 'web-1'].map((id) => ({ type: 'host', id })));
    expect(changed.at(-1)?.reasons).toMatchObject([{ hosts: ['web-99', 'web-0'] }]);
    expect(subject.stats.breakerOpen).toBe(1_000);
    const again = distributed({ hosts, contributors: contributors.slice(2_000) });
    expect(subject.onAlert(again, T + MINUTE_MS).changed).toEqual([]);
  });

  it('blocks nobody on hosts that nobody names, and says how often', () => {
    const subject = decider({ tenancy: 'host' });
    const contributors = [contributor('198.51.100.1', 3), contributor('198.51.100.2', 3)];
    expect(subject.onAlert(distributed({ contributors }), T).changed).toEqual([]);
    expect(subject.stats.refused).toEqual({ 'the hosts that saw it are not known': 2 });
    const one = subject.onAlert(distributed({ contributors, hosts: ['web-07'] }), T).changed;
    expect(one.map(({ scope }) => scope)).toEqual(Array(2).fill({ type: 'host', id: 'web-07' }));
  });

  it('goes beyond the hosts once the breaker is closed again, and lets their blocks be', () => {
    const subject = decider({
      policies: policies.map((policy) => ({ ...policy, breaker: { blocks: 1, within: HOUR_MS } })),
    });
    subject.onAlert(alert({ id: 'x', key: { 'source.ip': '198.51.100.1' } }), T);
    const one = (count: number, atMs: number) =>
      subject.onAlert(alert({ count, lastMs: atMs }), atMs).changed.map(shown);
    expect(one(5, T)).toMatchObject([{ scope: 'host' }, { scope: 'host' }]);
    expect(one(9, T + MINUTE_MS)).toEqual([]);
    expect(one(12, T + HOUR_MS)).toMatchObject([{ scope: 'fleet', offence: 1 }]);
  });

  it('has no more blocks than it may, whatever they cover, and tells of few reasons', () => {
    const subject = decider({ maxBlocks: 2 });
    for (const n of [1, 2, 3, 4]) subject.onAlert(alert({ id: `m${n}`, key: { 'source.ip': `198.51.100.${n}` } }), T);
    expect(subject.book.running).toBe(2);
    expect(subject.stats.refused).toEqual({ 'there are as many blocks as there may be': 2 });
    for (let n = 0; n < 200; n++) {
      const target = `64:ff9b::7f00:${n.toString(16)}`;
      subject.onAlert(alert({ id: `c${n}`, key: { 'source.ip': target } }), T);
    }
    expect(Object.keys(subject.stats.refused).length).toBeLessThanOrEqual(51);
    expect(Object.values(subject.stats.refused).reduce((sum, count) => sum + count)).toBe(202);
  });

  it('takes the last change once more after a restart: it may not have been written whole', () => {
    const first = distributed({ contributors: [contributor('198.51.100.1', 3)] });
    const contributors = [2, 3, 4].map((n) => contributor(`198.51.100.${n}`, 3));
    const change = distributed({ contributors });
    const before = decider();
    const written = [...before.onAlert(first, T).changed, ...before.onAlert(change, T).changed].slice(0, 2);
    const after = decider();
    for (const block of written) after.restore(block);
    expect(after.onAlert(first, T + 1).changed).toEqual([]);
    expect(after.onAlert(change, T + 1).changed.map(({ target }) => target)).toEqual(['198.51.100.3', '198.51.100.4']);
    expect(after.onAlert(change, T + 2).changed).toEqual([]);
    expect([...after.book.all()].filter(({ state }) => state === 'active')).toHaveLength(4);
  });

  it('gives one host alone a budget for blocks beyond itself', () => {
    const subject = decider({ hostBudget: { blocks: 1, withinMs: HOUR_MS } });
    const scopes = [1, 2].map(
      (n) =>
        subject.onAlert(alert({ id: `h${n}`, hosts: ['web-09'], key: { 'source.ip': `198.51.100.${n}` } }), T)
          .changed[0]?.scope,
    );
    expect(scopes).toEqual([{ type: 'fleet' }, { type: 'host', id: 'web-09' }]);
  });

  it('keeps a block on the hosts that saw it where every host has its own owner', () => {
    const { changed } = decider({ tenancy: 'host' }).onAlert(alert({ hosts: ['web-09'] }), T);
    expect(changed.map(({ scope }) => scope)).toEqual([{ type: 'host', id: 'web-09' }]);
  });

  it('keeps all blocks together within a budget, and has room again when some end', () => {
    const subject = decider({ maxAddresses: 2 });
    for (const n of [1, 2, 3]) subject.onAlert(alert({ id: `b${n}`, key: { 'source.ip': `198.51.100.${n}` } }), T);
    expect([...subject.book.all()].map(({ target }) => target)).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(Object.values(subject.stats.refused)).toEqual([1]);
    const hand = { id: 'r', by: 'x', comment: 'x', atMs: T };
    const block = { ...hand, type: 'block', scope: { type: 'fleet' }, durationMs: HOUR_MS } as const;
    expect(() => subject.onRequest({ ...block, target: '203.0.113.0/24' }, T)).toThrow(/as many addresses as they may/);
    subject.onRequest({ ...hand, type: 'unblock', target: '198.51.100.1' }, T);
    expect(subject.onRequest({ ...block, target: '203.0.113.9' }, T).changed).toHaveLength(1);
    expect(subject.book.covered).toBe(2);
  });

  it('comes back the same from its own records', () => {
    const subject = decider();
    const records = new Map<string, Block>();
    const keep = ({ changed }: { changed: Block[] }) =>
      changed.forEach((block) => void records.set(block.target, block));
    keep(subject.onAlert(alert(), T));
    keep(subject.onAlert(distributed({ contributors: [contributor('198.51.100.1', 1)] }), T));
    const again = decider();
    for (const block of records.values()) again.restore(block);
    expect([...again.book.all()]).toEqual([...subject.book.all()]);
    const later = T + 3 * HOUR_MS;
    expect(again.tick(later).changed.map(shown)).toEqual(subject.tick(later).changed.map(shown));
  });
});

describe('requests', () => {
  const ask = { id: 'r', by: 'someone', comment: 'why not', atMs: T };
  const block = { ...ask, type: 'block', scope: { type: 'fleet' }, durationMs: HOUR_MS } as const;

  it('blocks, extends and shortens by hand', () => {
    const subject = decider();
    for (const durationMs of [HOUR_MS, 3 * HOUR_MS, MINUTE_MS]) {
      const [changed] = subject.onRequest({ ...block, target: R, durationMs }, T).changed;
      expect(changed).toMatchObject({ state: 'active', untilMs: T + durationMs });
    }
  });

  it.each([-1, 0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, 366 * 24 * HOUR_MS])(
    'refuses the duration %p',
    (durationMs) => {
      expect(() => decider().onRequest({ ...block, target: R, durationMs }, T)).toThrow(
        expect.objectContaining({ code: 'DURATION_INVALID' }),
      );
    },
  );

  it.each(['0.0.0.0/0', '::/0', '0.0.0.0', '127.0.0.1', '192.0.0.0/8'])('refuses %s', (target) => {
    const subject = decider();
    expect(() => subject.onRequest({ ...block, target }, T)).toThrow(
      expect.objectContaining({ code: 'BLOCK_REFUSED' }),
    );
    expect([...subject.book.all()]).toEqual([]);
  });

  it('takes both ways of writing an IPv4 address in IPv6 as one block', () => {
    const subject = decider();
    for (const target of ['::ffff:198.51.100.7', '::ffff:c633:6407', R]) subject.onRequest({ ...block, target }, T);
    expect([...subject.book.all()].map(({ target }) => target)).toEqual([R]);
  });

  it('lifts, and counts only new evidence from then on: as much as the rule asks', () => {
    const subject = decider();
    subject.onAlert(alert(), T);
    subject.onRequest({ ...ask, type: 'unblock', target: R }, T + MINUTE_MS);
    expect(subject.onAlert(alert({ count: 9, lastMs: T + 2 * MINUTE_MS }), T + 2 * MINUTE_MS).changed).toEqual([]);
    const { changed } = subject.onAlert(alert({ count: 10, lastMs: T + 3 * MINUTE_MS }), T + 3 * MINUTE_MS);
    expect(changed.map(({ state, offence }) => [state, offence])).toEqual([['active', 1]]);
  });

  it('does not take old failures for new ones after a restart and a lift', () => {
    const before = decider();
    const record = before.onAlert(alert(), T).changed[0] as Block;
    before.onAlert(alert({ count: 90, lastMs: T + MINUTE_MS }), T + MINUTE_MS);
    const after = decider();
    after.restore(record);
    after.onRequest({ ...ask, type: 'unblock', target: R }, T + 2 * MINUTE_MS);
    expect(after.onAlert(alert({ count: 91, lastMs: T + 3 * MINUTE_MS }), T + 3 * MINUTE_MS).changed).toEqual([]);
    expect(after.onAlert(alert({ count: 95, lastMs: T + 4 * MINUTE_MS }), T + 4 * MINUTE_MS).changed).toHaveLength(1);
  });

  it('says which block covers an address that is not blocked by itself', () => {
    const subject = decider();
    subject.onRequest({ ...block, target: '198.51.100.0/24' }, T);
    expect(() => subject.onRequest({ ...ask, type: 'unblock', target: R }, T)).toThrow(/inside 198\.51\.100\.0\/24/);
    expect(() => subject.onRequest({ ...ask, type: 'unblock', target: '192.0.2.1' }, T)).toThrow(/no block of it/);
  });
});
