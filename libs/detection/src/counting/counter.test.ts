import type { AlertChange, FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules, Matcher } from '../sigma/index.js';
import { Counter, type SnapshotPart } from './counter.js';
import { logonEvent } from './logons.test-support.js';
import { Observer } from './observer.js';
import { planCorrelations } from './plan.js';

const T = Date.UTC(2026, 10, 22, 12);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const R = '198.51.100.7';

const RULES = `
title: Failure
id: 00000000-0000-4000-8000-000000000001
name: failure
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: failure, fleetwall.attempt.id|exists: true}, condition: s}
level: informational
---
title: Success
id: 00000000-0000-4000-8000-000000000002
name: success
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: success}, condition: s}
level: informational
---
title: Slow
id: 00000000-0000-4000-8000-000000000003
name: slow
taxonomy: ecs
correlation: {type: event_count, rules: [failure], group-by: [source.ip], timespan: 4d, condition: {gte: 5}, generate: true}
generate: true
level: high
---
title: Distributed
id: 00000000-0000-4000-8000-000000000004
name: distributed
taxonomy: ecs
correlation: {type: value_count, rules: [failure], group-by: [user.name], timespan: 1h, condition: {gte: 4, field: source.ip}}
level: high
---
title: Got in
id: 00000000-0000-4000-8000-000000000005
name: got-in
taxonomy: ecs
correlation: {type: temporal_ordered, rules: [slow, success], group-by: [source.ip], timespan: 30m, generate: true}
level: critical
`;

class Bench {
  readonly rules = loadRules([{ path: 'r.yml', text: RULES }]);
  readonly plans = planCorrelations(this.rules.correlations);
  readonly counter = new Counter({ plans: this.plans, seed: [1, 2, 3], maxBytes: 1 << 26 });
  readonly changes: AlertChange[] = [];
  readonly #matcher = new Matcher(this.rules.rules);
  readonly #observer = new Observer(this.plans);
  #attempts = 0;

  event(outcome: 'failure' | 'success', timeMs: number, fields: Partial<FleetEvent> = {}): FleetEvent {
    const id = (++this.#attempts).toString(16).padStart(12, '0');
    return logonEvent({ id, outcome, timeMs, address: R, account: 'root', host: 'web-01' }, fields);
  }

  feed(event: FleetEvent): void {
    for (const observation of this.#observer.observe(event, this.#matcher.match(event), 'default'))
      this.counter.count(observation);
    this.changes.push(...this.counter.takeChanges());
  }

  fail(timeMs: number, fields: Partial<FleetEvent> = {}): void {
    this.feed(this.event('failure', timeMs, fields));
  }

  succeed(timeMs: number, fields: Partial<FleetEvent> = {}): void {
    this.feed(this.event('success', timeMs, fields));
  }

  /** The last state of each alert. */
  final(rule?: string): AlertChange[] {
    this.counter.flush();
    this.changes.push(...this.counter.takeChanges());
    const last = new Map(this.changes.map((change) => [change.id, change]));
    return [...last.values()].filter((change) => rule === undefined || change.rule === rule);
  }
}

describe('the counter', () => {
  it('loads its rules', () => {
    expect(new Bench().rules.problems).toEqual([]);
  });

  it('fires on the fifth failure in four days, whatever host or service', () => {
    const bench = new Bench();
    for (let i = 0; i < 4; i++)
      bench.fail(T + i * 20 * HOUR_MS, { 'host.name': `web-${i}`, 'process.name': `service-${i}` });
    expect(bench.changes).toEqual([]);
    bench.fail(T + 80 * HOUR_MS, { 'host.name': 'web-9' });
    expect(bench.final('slow')).toMatchObject([
      {
        state: 'open',
        count: 5,
        key: { 'source.ip': R },
        firstMs: T,
        firedMs: T + 80 * HOUR_MS,
        hosts: ['web-0', 'web-1', 'web-2', 'web-3', 'web-9'],
      },
    ]);
    expect(bench.changes[0]?.evidence).toHaveLength(5);
  });

  it('counts an attempt once, however many lines tell of it', () => {
    const bench = new Bench();
    const event = bench.event('failure', T);
    for (let i = 0; i < 10; i++) bench.feed({ ...event });
    expect(bench.final()).toEqual([]);
  });

  it('counts all the tries that one line tells of', () => {
    const bench = new Bench();
    const ids = ['00000000000a', '00000000000b', '00000000000c', '00000000000d', '00000000000e'];
    bench.fail(T, { 'fleetwall.attempt.ids': ids });
    expect(bench.final('slow')).toMatchObject([{ count: 5 }]);
  });

  it('groups nothing where the address is missing', () => {
    const bench = new Bench();
    for (let i = 0; i < 9; i++) bench.fail(T + i, { 'source.ip': undefined });
    expect(bench.final()).toEqual([]);
  });

  it('counts IPv6 by its /64', () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) bench.fail(T + i, { 'source.ip': `2001:db8:1:2::${i}` });
    expect(bench.final('slow')).toMatchObject([{ key: { 'source.ip': '2001:db8:1:2::/64' } }]);
  });

  it('forgives two mistypes that a success follows, and keeps the rest', () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.fail(T + i * HOUR_MS, { 'user.name': 'carol' });
    for (let i = 0; i < 2; i++) bench.fail(T + 5 * HOUR_MS + i * SECOND_MS, { 'user.name': 'alice' });
    expect(bench.final('slow')).toMatchObject([{ state: 'open' }]);
    bench.succeed(T + 5 * HOUR_MS + 9 * SECOND_MS, { 'user.name': 'alice' });
    expect(bench.final('slow')).toMatchObject([{ state: 'withdrawn' }]);
    bench.fail(T + 6 * HOUR_MS, { 'user.name': 'carol' });
    expect(bench.final('slow').filter(({ state }) => state === 'open')).toEqual([]);
    bench.fail(T + 7 * HOUR_MS, { 'user.name': 'carol' });
    expect(bench.final('slow').filter(({ state }) => state === 'open')).toHaveLength(1);
  });

  it.each([
    ['three failures', 3, SECOND_MS],
    ['two failures long before', 2, HOUR_MS],
  ])('does not forgive %s', (_what, failures, agoMs) => {
    const bench = new Bench();
    for (let i = 0; i < failures; i++) bench.fail(T + i);
    bench.succeed(T + agoMs);
    for (let i = failures; i < 5; i++) bench.fail(T + 2 * HOUR_MS + i, { 'user.name': 'other' });
    expect(bench.final('slow')).toMatchObject([{ state: 'open', count: 5, knownGood: false }]);
  });

  it('does not forgive the failures of one account for the success of another', () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) {
      bench.fail(T + i * MINUTE_MS, { 'user.name': 'victim' });
      bench.succeed(T + i * MINUTE_MS + SECOND_MS, { 'user.name': 'own-account' });
    }
    expect(bench.final('slow')).toMatchObject([{ state: 'open', count: 5, knownGood: false }]);
  });

  it('tells of, but counts apart, the failures of one who has logged on there before', () => {
    const bench = new Bench();
    bench.succeed(T, { 'user.name': 'alice' });
    for (let i = 0; i < 18; i++) bench.fail(T + 24 * HOUR_MS + i * 30 * MINUTE_MS, { 'user.name': 'alice' });
    expect(bench.final('slow')).toMatchObject([{ state: 'open', knownGood: true, level: 'low' }]);
    for (let i = 0; i < 5; i++) bench.fail(T + 40 * HOUR_MS + i, { 'user.name': 'root' });
    expect(bench.final('slow').filter(({ knownGood }) => !knownGood)).toMatchObject([{ count: 5 }]);
  });

  it('does not take for known good who got in after guessing', () => {
    const bench = new Bench();
    for (let i = 0; i < 6; i++) bench.fail(T + i * SECOND_MS);
    bench.succeed(T + MINUTE_MS);
    for (let i = 0; i < 6; i++) bench.fail(T + 24 * HOUR_MS * 20 + i * SECOND_MS);
    expect(bench.final('slow').filter(({ knownGood }) => knownGood)).toEqual([]);
  });

  it('alarms when many failures end in a success, and names the account', () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) bench.fail(T + i * SECOND_MS);
    expect(bench.final('got-in')).toEqual([]);
    bench.succeed(T + MINUTE_MS, { 'user.name': 'oracle' });
    const [alert] = bench.final('got-in');
    expect(alert).toMatchObject({ level: 'critical', state: 'open', contributors: [{ value: 'oracle', count: 1 }] });
  });

  it.each([
    ['afterwards', 0, MINUTE_MS],
    ['much later, from a host that was away', 55 * MINUTE_MS, 30 * SECOND_MS],
  ])('is told of a success whose failures are delivered %s', (_when, lateMs, spanMs) => {
    const bench = new Bench();
    bench.succeed(T + MINUTE_MS, { 'user.name': 'oracle' });
    for (let i = 0; i < 5; i++)
      bench.fail(T + (i * spanMs) / 5, { 'event.ingested': T + MINUTE_MS + lateMs, 'host.name': 'web-02' });
    expect(bench.final('slow')).toMatchObject([{ state: 'open', count: 5, knownGood: false }]);
    expect(bench.final('got-in')).toMatchObject([{ state: 'open', contributors: [{ value: 'oracle', count: 1 }] }]);
  });

  it('takes it back when failures turn out to have been mistypes', () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.fail(T + i * SECOND_MS, { 'user.name': 'guessed' });
    for (let i = 0; i < 2; i++) bench.fail(T + 20 * MINUTE_MS + i * SECOND_MS, { 'user.name': 'alice' });
    bench.succeed(T + 21 * MINUTE_MS, { 'user.name': 'bob' });
    expect(bench.final('got-in')).toMatchObject([{ state: 'open' }]);
    bench.succeed(T + 22 * MINUTE_MS, { 'user.name': 'alice' });
    expect(bench.final('got-in')).toMatchObject([{ state: 'withdrawn' }]);
  });

  it('forgives a mistype that is delivered after its success', () => {
    const bench = new Bench();
    for (let i = 0; i < 4; i++) bench.fail(T + i * HOUR_MS, { 'user.name': `user-${i}` });
    bench.succeed(T + 5 * HOUR_MS + MINUTE_MS, { 'user.name': 'alice' });
    bench.fail(T + 5 * HOUR_MS, { 'user.name': 'alice', 'event.ingested': T + 6 * HOUR_MS });
    expect(bench.final('slow')).toEqual([]);
    expect(bench.counter.stats()['slow']).toMatchObject({ forgiven: 1 });
  });

  it('makes nobody known by what anyone can send', () => {
    const bench = new Bench();
    bench.succeed(T - HOUR_MS, { 'fleetwall.evidence': 'unauthenticated' });
    for (let i = 0; i < 5; i++) bench.fail(T + i * SECOND_MS);
    expect(bench.final('slow')).toMatchObject([{ knownGood: false }]);
  });

  it('remembers for 30 days who logged on, in whatever order failures come', () => {
    const bench = new Bench();
    bench.succeed(T);
    const lateMs = 25 * 24 * HOUR_MS;
    for (const i of [3, 1, 4, 0, 2]) bench.fail(T + lateMs + i * MINUTE_MS, { 'event.ingested': T + lateMs + HOUR_MS });
    expect(bench.final('slow')).toMatchObject([{ knownGood: true, level: 'low' }]);
    const goneMs = 40 * 24 * HOUR_MS;
    for (let i = 0; i < 5; i++) bench.fail(T + goneMs + i * MINUTE_MS);
    expect(bench.final('slow').filter(({ knownGood }) => !knownGood)).toMatchObject([{ count: 5 }]);
  });

  it('is silent when the success comes long after, or before', () => {
    const bench = new Bench();
    bench.succeed(T - MINUTE_MS, { 'user.name': 'oracle' });
    for (let i = 0; i < 5; i++) bench.fail(T + i * SECOND_MS);
    bench.succeed(T + 2 * HOUR_MS, { 'user.name': 'oracle' });
    expect(bench.final('got-in')).toEqual([]);
  });

  it('names every address that attacks one account, and clears its owner', () => {
    const bench = new Bench();
    for (let i = 1; i <= 6; i++) bench.fail(T + i * MINUTE_MS, { 'source.ip': `203.0.113.${i}` });
    bench.fail(T + 7 * MINUTE_MS, { 'source.ip': '192.0.2.66' });
    bench.succeed(T + 8 * MINUTE_MS, { 'source.ip': '192.0.2.66' });
    const told = new Set<string>();
    for (const change of bench.changes.filter(({ rule }) => rule === 'distributed')) {
      for (const { value } of change.contributors) told.add(value);
      for (const value of change.cleared) told.delete(value);
    }
    expect([...told].sort()).toEqual([1, 2, 3, 4, 5, 6].map((i) => `203.0.113.${i}`));
  });

  it('tells of each contributor the hosts that saw it since it was told of, in records of any botnet that fit', () => {
    const bench = new Bench();
    const of = (n: number) => ({ 'source.ip': `198.51.${n >> 8}.${n & 0xff}` });
    for (let n = 0; n < 4; n++) bench.fail(T + n, { ...of(n), 'host.name': `web-${n}` });
    bench.fail(T + 5, { ...of(1), 'host.name': 'web-9' });
    const told = bench.final('distributed').flatMap(({ contributors }) => contributors);
    expect(told.filter(({ value }) => value === '198.51.0.1')).toMatchObject([{ count: 2, hosts: ['web-9'] }]);
    expect(bench.changes[0]?.contributors.map(({ hosts }) => hosts)).toEqual(
      ['web-0', 'web-1', 'web-2', 'web-3'].map((h) => [h]),
    );
    for (let n = 4; n < 4_000; n++) bench.fail(T + n, { ...of(n), 'host.name': `web-${n % 100}` });
    bench.final();
    const before = bench.changes.length;
    for (let n = 0; n < 4_000; n++)
      bench.fail(T + 9_000 + (n % 900), { ...of(n), 'host.name': `a-rather-long-name-${n % 100}` });
    bench.final('distributed');
    const rest = bench.changes.slice(before).filter(({ rule }) => rule === 'distributed');
    expect(new Set(rest.flatMap(({ contributors }) => contributors.map(({ value }) => value))).size).toBe(4_000);
    expect(Math.max(...rest.map((change) => JSON.stringify(change).length))).toBeLessThan(1_000_000);
    expect(rest.length).toBeGreaterThan(1);
  });

  it('never adds up evidence of different worth', () => {
    const bench = new Bench();
    for (let i = 0; i < 4; i++) bench.fail(T + i);
    for (let i = 0; i < 4; i++) bench.fail(T + i, { 'fleetwall.evidence': 'unauthenticated' });
    expect(bench.final()).toEqual([]);
    bench.fail(T + 9, { 'fleetwall.evidence': 'unauthenticated' });
    expect(bench.final('slow')).toMatchObject([{ evidenceClass: 'unauthenticated' }]);
  });

  it('takes a time far ahead of the centre for now', () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) bench.fail(T + 365 * 24 * HOUR_MS, { 'event.ingested': T + i });
    expect(bench.final('slow')).toMatchObject([{ lastMs: T + 4 }]);
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const steps = (bench: Bench, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const id = (1_000 + i).toString(16).padStart(12, '0');
        const fields = { 'source.ip': `203.0.113.${i % 5}`, 'host.name': `web-${i}`, 'fleetwall.attempt.id': id };
        bench.fail(T + i * MINUTE_MS, fields);
      }
    };
    const through = new Bench();
    steps(through, 0, 20);
    const parts: SnapshotPart[] = [...through.counter.snapshot()];
    const begun = through.changes.length;
    steps(through, 20, 40);
    const restored = new Bench();
    expect(restored.counter.restore(parts)).toEqual({ restored: ['slow', 'distributed', 'got-in'], fresh: [] });
    steps(restored, 20, 40);
    expect(restored.changes).toEqual(through.changes.slice(begun));
    expect(restored.changes.length).toBeGreaterThan(0);
  });

  it.each([
    ['of a stranger', 0],
    ['of one who has logged on before', 1],
  ])('forgives after a restart what failed before it: mistypes %s', (_who, successes) => {
    const before = new Bench();
    for (let i = 0; i < successes; i++) before.succeed(T - HOUR_MS);
    for (let i = 0; i < 2; i++) before.fail(T + i * SECOND_MS);
    const after = new Bench();
    after.counter.restore([...before.counter.snapshot()]);
    after.succeed(T + MINUTE_MS);
    expect(after.counter.stats()['slow']).toMatchObject({ forgiven: 2 });
  });

  it('keeps one set of windows for rules that count alike, which each of them takes over from the other', () => {
    const counterOf = (names: readonly string[]) => {
      const plans = new Bench().plans.filter(({ name }) => names.includes(name));
      return new Counter({ plans, seed: [1, 2, 3], maxBytes: 1 << 26 });
    };
    const bench = new Bench();
    const observer = new Observer(bench.plans);
    const matcher = new Matcher(bench.rules.rules);
    const fail = (counter: Counter) => {
      const event = bench.event('failure', T);
      for (const one of observer.observe(event, matcher.match(event), 'default')) counter.count(one);
    };
    const alone = counterOf(['got-in']);
    for (let i = 0; i < 4; i++) fail(alone);
    const both = counterOf(['slow', 'got-in']);
    expect(both.restore([...alone.snapshot()])).toEqual({ restored: ['got-in'], fresh: ['slow'] });
    fail(both);
    expect(both.takeChanges()).toMatchObject([{ rule: 'slow', count: 5 }]);
    expect(both.stats()['slow']).toMatchObject({ keys: 0, episodes: 1 });
    expect(both.stats()['got-in']).toMatchObject({ keys: 0, episodes: 1 });
    // Whichever of them goes, the one that stays keeps what both have counted.
    for (const name of ['slow', 'got-in']) {
      const left = counterOf([name]);
      expect(left.restore([...both.snapshot()])).toEqual({ restored: [name], fresh: [] });
      expect(left.stats()[name]).toMatchObject({ keys: 0, episodes: 1 });
    }
  });
});
