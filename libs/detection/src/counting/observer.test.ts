import type { AlertChange, FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, Matcher } from '../sigma/index.js';
import { Counter } from './counter.js';
import { logonEvent } from './logons.test-support.js';
import { recordKeyOf } from './observation.js';
import { Observer } from './observer.js';
import { type CountingPlan, planCorrelations } from './plan.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;

const RULES = `
title: Failure
id: 00000000-0000-4000-8000-000000000001
name: failure
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: failure}, condition: s}
level: informational
---
title: Failure of root
id: 00000000-0000-4000-8000-000000000002
name: root-failure
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: failure, user.name: root}, condition: s}
level: informational
---
title: Success
id: 00000000-0000-4000-8000-000000000003
name: success
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: success}, condition: s}
level: informational
---
title: Slow
id: 00000000-0000-4000-8000-000000000004
name: slow
taxonomy: ecs
correlation: {type: event_count, rules: [failure, root-failure], group-by: [source.ip], timespan: 2h, condition: {gte: 4}, generate: true}
generate: true
level: high
---
title: Fast
id: 00000000-0000-4000-8000-000000000005
name: fast
taxonomy: ecs
correlation: {type: event_count, rules: [root-failure], group-by: [source.ip], timespan: 10m, condition: {gte: 3}}
level: high
---
title: Spray
id: 00000000-0000-4000-8000-000000000006
name: spray
taxonomy: ecs
correlation: {type: value_count, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {gte: 3, field: user.name}}
level: high
---
title: Hosts
id: 00000000-0000-4000-8000-000000000007
name: hosts
taxonomy: ecs
correlation: {type: value_count, rules: [failure], group-by: [source.ip], timespan: 30m, condition: {gte: 3, field: host.name}}
level: high
---
title: Distributed
id: 00000000-0000-4000-8000-000000000008
name: distributed
taxonomy: ecs
correlation: {type: value_count, rules: [failure], group-by: [user.name], timespan: 1h, condition: {gte: 3, field: source.ip}}
level: high
---
title: Got in
id: 00000000-0000-4000-8000-000000000009
name: got-in
taxonomy: ecs
correlation: {type: temporal_ordered, rules: [slow, success], group-by: [source.ip], timespan: 30m, generate: true}
level: critical
`;

const rules = loadRules([{ path: 'r.yml', text: RULES }]);
const plans = planCorrelations(rules.correlations);
const matcher = new Matcher(rules.rules);

function eventOf(outcome: 'failure' | 'success', fields: Partial<FleetEvent> = {}): FleetEvent {
  const who = { address: '198.51.100.7', account: 'alice', host: 'web-01' };
  return logonEvent({ id: '00000000000a', outcome, timeMs: T, ...who }, fields);
}

const observe = (event: FleetEvent) => new Observer(plans).observe(event, matcher.match(event), 'default');

describe('observing an event', () => {
  it('loads its rules', () => expect(rules.problems).toEqual([]));

  it('gives one observation for all rules that group alike, with what each of them counts', () => {
    expect(observe(eventOf('failure'))).toMatchObject([
      {
        rules: ['slow', 'spray', 'hosts', 'got-in'],
        step: 'count',
        fields: { 'source.ip': '198.51.100.7' },
        values: { 'user.name': 'alice', 'host.name': 'web-01' },
      },
      {
        rules: ['distributed'],
        step: 'count',
        fields: { 'user.name': 'alice' },
        values: { 'source.ip': '198.51.100.7' },
      },
    ]);
  });

  it('names a rule once, though several of the rules it counts match', () => {
    const [first] = observe(eventOf('failure', { 'user.name': 'root' }));
    expect([...(first?.rules ?? [])].sort()).toEqual(['fast', 'got-in', 'hosts', 'slow', 'spray']);
  });

  it('leaves out rules whose counted field is missing, and groups whose field is', () => {
    const observations = observe(eventOf('failure', { 'user.name': undefined }));
    expect(observations).toMatchObject([{ rules: ['slow', 'hosts', 'got-in'], values: { 'host.name': 'web-01' } }]);
  });

  it("names the host that the credential vouches for; a name in a line is anybody's word", () => {
    const [stamped] = observe(eventOf('failure', { 'host.id': 'vps-7', 'host.name': 'localhost' }));
    const [replayed] = observe(eventOf('failure', { 'host.name': 'localhost' }));
    expect([stamped?.host, replayed?.host]).toEqual(['vps-7', 'localhost']);
  });

  it('takes no id that a sender made up', () => {
    const [made] = observe(eventOf('failure', { 'fleetwall.attempt.id': 'zz' }));
    expect(made?.attemptId).toMatch(/^[0-9a-f]{12}$/);
    const wrong = { 'fleetwall.attempt.ids': 7 as unknown as string[], 'fleetwall.attempt.id': '00000000000a' };
    expect(observe(eventOf('failure', wrong))[0]?.attemptId).toBe('00000000000a');
  });

  it('gives one for each try that the line tells of', () => {
    const ids = ['00000000000a', '00000000000b'];
    const observations = observe(eventOf('failure', { 'fleetwall.attempt.ids': ids }));
    expect(observations.map(({ attemptId }) => attemptId)).toEqual([...ids, ...ids]);
  });

  it('clears for every rule when a logon succeeds, and then follows', () => {
    expect(observe(eventOf('success')).map(({ step, rules: names }) => [step, names])).toEqual([
      ['clear', ['slow', 'fast', 'spray', 'hosts', 'got-in']],
      ['then', ['got-in']],
      ['clear', ['distributed']],
    ]);
  });

  it('keys records by what is grouped by and its values', () => {
    const keys = observe(eventOf('failure')).map(recordKeyOf);
    expect(keys).toEqual(['source.ip default\x1fhandshake\x1f198.51.100.7', 'user.name default\x1fhandshake\x1falice']);
  });
});

interface Step {
  success: boolean;
  address: number;
  account: string;
  host: number;
  afterMs: number;
  tries: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  success: fc.boolean(),
  address: fc.integer({ min: 1, max: 4 }),
  account: fc.constantFrom('root', 'alice', 'bob'),
  host: fc.integer({ min: 1, max: 4 }),
  afterMs: fc.integer({ min: 0, max: 12 * MINUTE_MS }),
  tries: fc.constantFrom(1, 1, 1, 2),
});

/** All changes of alerts, by rule, but for their versions; half way through the counter is replaced by its snapshot. */
function run(chosen: readonly CountingPlan[], steps: readonly Step[]): Map<string, Omit<AlertChange, 'version'>[]> {
  const observer = new Observer(chosen);
  const options = { plans: chosen, seed: [1, 2, 3] as const, maxBytes: 1 << 26 };
  let counter = new Counter(options);
  const changes = new Map<string, Omit<AlertChange, 'version'>[]>(chosen.map(({ name }) => [name, []]));
  let timeMs = T;
  let serial = 0;
  for (const [index, { success, address, account, host, afterMs, tries }] of steps.entries()) {
    timeMs += afterMs;
    const ids = Array.from({ length: tries }, () => (++serial).toString(16).padStart(12, '0'));
    const event = eventOf(success ? 'success' : 'failure', {
      '@timestamp': timeMs,
      'source.ip': `203.0.113.${address}`,
      'user.name': account,
      'host.name': `web-${host}`,
      'fleetwall.attempt.id': ids[0],
      ...(tries > 1 ? { 'fleetwall.attempt.ids': ids } : {}),
    });
    for (const observation of observer.observe(event, matcher.match(event), 'default'))
      counter.count(JSON.parse(JSON.stringify(observation)), index);
    counter.tick(timeMs);
    if (index === steps.length >> 1) {
      const parts = [...counter.snapshot()];
      const told = counter.takeChanges();
      counter = new Counter(options);
      counter.restore(parts);
      collect(told, changes);
    }
    collect(counter.takeChanges(), changes);
  }
  return changes;
}

function collect(told: readonly AlertChange[], changes: Map<string, Omit<AlertChange, 'version'>[]>): void {
  for (const { version: _, ...change } of told) changes.get(change.rule)?.push(change);
}

describe('rules that group alike', () => {
  it('count as each would alone', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const together = run(plans, steps);
        for (const plan of plans) expect(together.get(plan.name)).toEqual(run([plan], steps).get(plan.name));
      }),
      { numRuns: 150 },
    );
  });

  it('give versions in order within the room of an offset, however many fire at once', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ ...(plans[0] as CountingPlan), name: `rule-${i}` }));
    const observer = new Observer(many);
    const counter = new Counter({ plans: many, seed: [1, 2, 3], maxBytes: 1 << 28 });
    for (let i = 0; i < 5; i++) {
      const event = eventOf('failure', { '@timestamp': T + i, 'fleetwall.attempt.id': `00000000000${i}` });
      for (const one of observer.observe(event, matcher.match(event), 'default')) counter.count(one, 7 + i);
    }
    const versions = counter.takeChanges().map(({ version }) => version);
    expect(versions.length).toBe(60);
    expect(new Set(versions).size).toBe(60);
    expect(Math.min(...versions)).toBeGreaterThan(10_000);
    expect(Math.max(...versions)).toBeLessThan(11_000);
  });
});
