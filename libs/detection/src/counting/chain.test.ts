import { describe, expect, it } from '@jest/globals';
import { ChainBench, correlationOf, eventOf, ruleOf } from './chain-bench.test-support.js';
import { recordKeyOf } from './observation.js';
import { planRules } from './plan.js';

const T = Date.UTC(2026, 10, 22, 12);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const ABC = [ruleOf('a'), ruleOf('b'), ruleOf('c')];
const benchOf = (correlation: string, ...rules: string[]) =>
  new ChainBench(correlationOf('both', correlation), ...(rules.length > 0 ? rules : ABC));

describe('temporal', () => {
  const all = 'type: temporal, rules: [a, b, c], group-by: [host.id], timespan: 15m';

  it('fires when all its rules matched within the time, in any order, on one host', () => {
    const bench = benchOf(all);
    expect(bench.set.problems).toEqual([]);
    bench.feed(eventOf('c', T));
    bench.feed(eventOf('a', T + 5 * MINUTE_MS));
    bench.feed(eventOf('b', T + 6 * MINUTE_MS, { 'host.name': 'web-02' }));
    expect(bench.final()).toEqual([]);
    bench.feed(eventOf('b', T + 15 * MINUTE_MS, { 'user.name': 'admin' }));
    expect(bench.final()).toMatchObject([
      {
        ...{ rule: 'both', state: 'open', key: { 'host.id': 'web-01' }, level: 'high', threshold: 3, count: 3 },
        ...{ firstMs: T, lastMs: T + 15 * MINUTE_MS, firedMs: T + 15 * MINUTE_MS, hosts: ['web-01'] },
        all: new Map([
          ['c', 1],
          ['a', 1],
          ['b', 1],
        ]),
      },
    ]);
    expect(bench.changes).toHaveLength(1);
  });

  it('is silent when they are further apart than the time', () => {
    const bench = benchOf(all);
    bench.feed(eventOf('c', T));
    bench.feed(eventOf('a', T + 5 * MINUTE_MS));
    bench.feed(eventOf('b', T + 15 * MINUTE_MS + 1));
    expect(bench.final()).toEqual([]);
  });

  it('asks for as many different rules as its condition says', () => {
    const bench = benchOf(`${all}, condition: {gte: 2}`);
    for (let i = 0; i < 5; i++) bench.feed(eventOf('a', T + i * SECOND_MS));
    expect(bench.final()).toEqual([]);
    bench.feed(eventOf('c', T + MINUTE_MS));
    expect(bench.final()).toMatchObject([{ threshold: 2, count: 6 }]);
  });

  it('counts one event for all the rules that match it, and once however often it comes', () => {
    const bench = benchOf(
      'type: temporal, rules: [a, also-a], group-by: [host.id], timespan: 5m',
      ruleOf('a'),
      ruleOf('also-a', 'a'),
    );
    const event = eventOf('a', T, { 'event.id': 'agent-1' });
    for (let i = 0; i < 3; i++) bench.feed({ ...event });
    expect(bench.final()).toMatchObject([{ count: 2, evidence: [{ attemptId: 'agent-1' }, { attemptId: 'agent-1' }] }]);
  });

  it('is one alert while it goes on, is over afterwards, and begins anew', () => {
    const bench = benchOf('type: temporal, rules: [a, b], group-by: [host.id], timespan: 15m');
    const round = (fromMs: number) => {
      for (let i = 0; i < 4; i++) bench.feed(eventOf(i % 2 ? 'a' : 'b', fromMs + i * 10 * MINUTE_MS));
    };
    round(T);
    bench.tick(T + 3 * HOUR_MS);
    expect(bench.final()).toMatchObject([{ state: 'over', count: 4, lastMs: T + 30 * MINUTE_MS }]);
    round(T + 4 * HOUR_MS);
    expect(bench.final().map(({ state }) => state)).toEqual(['over', 'open']);
    const versions = bench.changes.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((x, y) => x - y));
  });

  it('counts what is late within the lateness of the rule, and nothing later', () => {
    const late = (ms: number) => {
      const bench = benchOf('type: temporal, rules: [a, b], group-by: [host.id], timespan: 15m');
      bench.feed(eventOf('a', T));
      bench.feed(eventOf('b', T - MINUTE_MS, { 'event.ingested': T + ms }));
      return bench.final().length;
    };
    expect(late(HOUR_MS - MINUTE_MS)).toBe(1);
    expect(late(HOUR_MS)).toBe(0);
  });

  it('groups nothing without the field, and keeps tenants apart', () => {
    const bench = benchOf('type: temporal, rules: [a, b], group-by: [user.name], timespan: 15m');
    bench.feed(eventOf('a', T));
    bench.feed(eventOf('b', T));
    bench.feed(eventOf('a', T, { 'user.name': 'eve' }), 'one');
    bench.feed(eventOf('b', T, { 'user.name': 'eve' }), 'other');
    expect(bench.final()).toEqual([]);
  });

  it('takes evidence of different worth together where no address is grouped by, and only there', () => {
    const alertsOf = (field: string) => {
      const bench = benchOf(`type: temporal, rules: [a, b], group-by: [${field}], timespan: 15m`);
      bench.feed(eventOf('a', T, { 'source.ip': '192.0.2.1' }));
      bench.feed(eventOf('b', T, { 'source.ip': '192.0.2.1', 'fleetwall.evidence': 'unauthenticated' }));
      return bench.final();
    };
    expect(alertsOf('host.id')).toMatchObject([{ count: 2, evidenceClass: 'unauthenticated' }]);
    expect(alertsOf('source.ip')).toEqual([]);
  });
});

describe('temporal_ordered', () => {
  const ordered = 'type: temporal_ordered, rules: [a, b, c], group-by: [host.id], timespan: 15m';

  it.each([
    ['in order', ['a', 'b', 'c'], 1],
    ['in order, with others in between', ['a', 'c', 'b', 'a', 'c'], 1],
    ['the wrong way round', ['c', 'b', 'a'], 0],
    ['one is missing', ['a', 'c', 'c'], 0],
  ])('%s', (_what, actions, alerts) => {
    const bench = benchOf(ordered);
    for (const [i, action] of actions.entries()) bench.feed(eventOf(action, T + i * MINUTE_MS));
    expect(bench.final()).toHaveLength(alerts);
  });

  it('goes by the time of the events, not by that of their arrival', () => {
    const bench = benchOf(ordered);
    for (const [action, minute] of [
      ['c', 9],
      ['a', 1],
      ['b', 5],
    ] as const)
      bench.feed(eventOf(action, T + minute * MINUTE_MS, { 'event.ingested': T + 10 * MINUTE_MS }));
    expect(bench.final()).toMatchObject([{ firstMs: T + MINUTE_MS, lastMs: T + 9 * MINUTE_MS }]);
  });
});

describe('chains', () => {
  const many = correlationOf(
    'many',
    'type: event_count, rules: [a], group-by: [host.id, user.name], timespan: 10m, condition: {gte: 3}',
  );

  it('follow a correlation that groups by more, by the fields of what completed it', () => {
    const bench = new ChainBench(
      correlationOf('both', 'type: temporal_ordered, rules: [many, b], group-by: [user.name], timespan: 1h'),
      many,
      ...ABC,
    );
    expect(bench.set.problems).toEqual([]);
    for (let i = 0; i < 3; i++)
      bench.feed(eventOf('a', T + i * MINUTE_MS, { 'user.name': 'eve', 'host.name': `web-${i}` }));
    bench.feed(eventOf('b', T + 5 * MINUTE_MS, { 'user.name': 'eve' }));
    expect(bench.final()).toEqual([]);
    for (let i = 0; i < 3; i++) bench.feed(eventOf('a', T + (6 + i) * MINUTE_MS, { 'user.name': 'eve' }));
    bench.feed(eventOf('b', T + 9 * MINUTE_MS, { 'user.name': 'bob' }));
    expect(bench.final()).toEqual([]);
    bench.feed(eventOf('b', T + 9 * MINUTE_MS, { 'user.name': 'eve', 'host.name': 'db-01' }));
    expect(bench.final()).toMatchObject([
      {
        key: { 'user.name': 'eve' },
        all: new Map([
          ['many', 1],
          ['b', 2],
        ]),
      },
    ]);
  });

  it('follow a correlation that groups by another field, as the example of the specification', () => {
    const bench = new ChainBench(
      correlationOf('both', 'type: temporal_ordered, rules: [many, b], group-by: [user.name], timespan: 1h'),
      correlationOf('many', 'type: event_count, rules: [a], group-by: [host.id], timespan: 10m, condition: {gte: 3}'),
      ...ABC,
    );
    const [one, two] = ['eve', 'bob'].map((name) => bench.observe(eventOf('a', T, { 'user.name': name }))[0]);
    // Nothing is common to both: one instance counts them all.
    expect([one, two].map((seen) => seen && recordKeyOf(seen))).toEqual([' default\x1fany', ' default\x1fany']);
    for (const name of ['ann', 'bob', 'eve']) bench.feed(eventOf('a', T, { 'user.name': name, 'event.id': name }));
    bench.feed(eventOf('b', T + MINUTE_MS, { 'user.name': 'eve' }));
    expect(bench.final().map(({ key }) => key)).toEqual([{ 'user.name': 'eve' }]);
  });

  it('count the values of what correlations found: one alert for a tenant whose hosts show the same', () => {
    const bench = new ChainBench(
      correlationOf(
        'everywhere',
        'type: value_count, rules: [both], group-by: [organization.id], timespan: 1h, condition: {field: host.id, gte: 3}, generate: true',
      ),
      correlationOf('both', 'type: temporal_ordered, rules: [a, b], group-by: [host.id], timespan: 15m'),
      ...ABC,
    );
    for (const host of ['web-01', 'web-02', 'web-03', 'web-03']) {
      bench.feed(eventOf('a', T, { 'host.name': host }), 'acme');
      bench.feed(eventOf('b', T + SECOND_MS, { 'host.name': host, 'event.id': host }), 'acme');
    }
    expect(bench.final('both').map(({ key }) => key['host.id'])).toEqual(['web-01', 'web-02', 'web-03']);
    expect(bench.final('everywhere')).toMatchObject([
      { key: { 'organization.id': 'acme' }, count: 3, valueField: 'host.id', hosts: ['web-01', 'web-02', 'web-03'] },
    ]);
  });

  it('route by what all their correlations have in common', () => {
    const bench = new ChainBench(
      correlationOf('both', 'type: temporal, rules: [many, b], group-by: [user.name], timespan: 1h'),
      many,
      ...ABC,
    );
    expect(planRules(bench.set)[0]).toMatchObject({
      reachMs: HOUR_MS + 10 * MINUTE_MS + HOUR_MS,
      chain: { route: ['user.name'] },
    });
    const [seen] = bench.observe(eventOf('a', T, { 'user.name': 'eve' }));
    expect(seen).toMatchObject({
      step: 'match',
      rules: ['both'],
      matched: ['a'],
      values: { 'host.id': 'web-01', 'user.name': 'eve' },
    });
    expect(bench.observe(eventOf('a', T))).toEqual([]);
  });
});

describe('rules that change', () => {
  const both = correlationOf('both', 'type: temporal, rules: [a, b], group-by: [host.id], timespan: 15m');
  const other = (condition: string) =>
    correlationOf('other', `type: temporal, rules: [a, b, c], group-by: [host.id], timespan: 15m, ${condition}`);
  const lone = ruleOf('d', 'd', 'high');

  it('keep the counts and alerts of those that stay, chains and rules that alert by themselves', () => {
    const before = new ChainBench(both, other('condition: {gte: 2}'), ...ABC, lone);
    before.feed(eventOf('a', T));
    before.feed(eventOf('d', T));
    const after = new ChainBench(both, other('condition: {gte: 3}'), ...ABC, lone, ruleOf('e', 'e', 'low'));
    const { restored, fresh } = after.counter.restore([...before.counter.snapshot()]);
    expect({ restored, fresh }).toEqual({ restored: ['both', 'd'], fresh: ['other', 'e'] });
    for (const action of ['b', 'c', 'd', 'e']) after.feed(eventOf(action, T + MINUTE_MS));
    expect(after.final().map(({ rule, count }) => [rule, count])).toEqual([
      ['both', 2],
      ['d', 2],
      ['e', 1],
    ]);
  });
});

describe('aliases', () => {
  const CORRELATION = `type: temporal, rules: [a, b], group-by: [internal, remote], timespan: 10s, aliases: {
    internal: {a: destination.ip, b: source.ip}, remote: {a: source.ip, b: destination.ip}}`;

  it('group by another field of each rule', () => {
    const bench = benchOf(CORRELATION);
    expect(bench.set.problems).toEqual([]);
    bench.feed(eventOf('a', T, { 'source.ip': '192.0.2.1', 'destination.ip': '198.51.100.2' }));
    bench.feed(eventOf('b', T + SECOND_MS, { 'source.ip': '192.0.2.1', 'destination.ip': '198.51.100.2' }));
    expect(bench.final()).toEqual([]);
    bench.feed(eventOf('b', T + SECOND_MS, { 'source.ip': '198.51.100.2', 'destination.ip': '192.0.2.1' }));
    expect(bench.final()).toMatchObject([{ key: { internal: '198.51.100.2', remote: '192.0.2.1' } }]);
  });

  it('send both rules to the same place', () => {
    const bench = benchOf(CORRELATION);
    const keyOf = (action: string, source: string, destination: string) =>
      bench.observe(eventOf(action, T, { 'source.ip': source, 'destination.ip': destination })).map(recordKeyOf);
    expect(keyOf('a', '192.0.2.1', '198.51.100.2')).toEqual(keyOf('b', '198.51.100.2', '192.0.2.1'));
  });
});

describe('a rule that nothing counts', () => {
  const bench = () =>
    new ChainBench(
      ruleOf('a', 'a', 'high'),
      ruleOf('b', 'b'),
      ruleOf('c', 'c', 'high'),
      correlationOf('both', 'type: temporal, rules: [b, c], group-by: [host.id], timespan: 1m'),
    );

  it('is an alert by itself, one for each host, address and account; informational and counted ones are not', () => {
    const lone = bench();
    for (const action of ['a', 'b', 'c']) lone.feed(eventOf(action, T));
    lone.feed(eventOf('a', T + SECOND_MS));
    lone.feed(eventOf('a', T, { 'user.name': 'eve', 'source.ip': '192.0.2.1' }));
    lone.feed(eventOf('a', T, { 'host.name': 'web-02', 'host.id': 'vps-2' }));
    expect(lone.final('a')).toMatchObject([
      {
        key: { 'host.id': 'web-01' },
        count: 2,
        threshold: 1,
        contributors: [],
        title: 'a',
        level: 'high',
        ruleId: 'a',
      },
      { key: { 'host.id': 'web-01', 'source.ip': '192.0.2.1', 'user.name': 'eve' }, count: 1 },
      { key: { 'host.id': 'vps-2' }, count: 1, hosts: ['vps-2'] },
    ]);
    expect(new Set(lone.final().map(({ rule }) => rule))).toEqual(new Set(['a', 'both']));
  });

  it('goes on while it matches again within an hour, and is over when it has been quiet', () => {
    const lone = bench();
    for (let i = 0; i < 5; i++) lone.feed(eventOf('a', T + i * HOUR_MS));
    lone.tick(T + 6 * HOUR_MS);
    expect(lone.final('a')).toMatchObject([{ state: 'open', count: 5, firstMs: T, lastMs: T + 4 * HOUR_MS }]);
    lone.tick(T + 6 * HOUR_MS + 1);
    expect(lone.final('a')).toMatchObject([{ state: 'over', count: 5 }]);
    lone.feed(eventOf('a', T + 7 * HOUR_MS));
    expect(lone.final('a').map(({ state }) => state)).toEqual(['over', 'open']);
  });

  it('goes on after a restart', () => {
    const lone = bench();
    lone.feed(eventOf('a', T));
    lone.restart();
    lone.feed(eventOf('a', T + MINUTE_MS));
    expect(lone.final('a')).toMatchObject([{ state: 'open', count: 2 }]);
    expect(lone.counter.stats()['lone rules']).toMatchObject({ episodes: 1, openAlerts: 1 });
  });
});
