import { type AlertChange, countingSpecs, TOPICS, topicSpecs } from '@fleetwall/core';
import { loadRules } from '@fleetwall/detection';
import type { RuleMode } from '@fleetwall/response';
import { createMemoryBus } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { CorrelationPipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const correlation = (name: string, number: number, least: number) => `---
title: ${name}
id: 00000000-0000-4000-8000-00000000000${number}
name: ${name}
taxonomy: ecs
correlation: {type: event_count, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {gte: ${least}}}
level: high
`;
const RULES = `title: Failure
id: 00000000-0000-4000-8000-000000000001
name: failure
taxonomy: ecs
logsource: {category: authentication}
detection: {s: {event.outcome: failure}, condition: s}
level: informational
${correlation('three', 2, 3)}${correlation('six', 3, 6)}`;

it('a rule that is switched off makes no alerts and ends its open ones; others keep their counts, and on it begins anew', async () => {
  const bus = createMemoryBus();
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 3_600_000)]);
  const modes = new Map<string, RuleMode>();
  const errors: unknown[] = [];
  const pipeline = new CorrelationPipeline({
    ...{ bus, clock: () => T, rules: loadRules([{ path: 'rules.yml', text: RULES }]) },
    modeOf: (rule) => modes.get(rule) ?? 'on',
    snapshots: { save: async () => 0, newestFirst: async function* () {}, release: async () => undefined },
    ...{ seed: [1, 2, 3], maxWindowBytes: 1 << 26, snapshotEveryMs: 60_000 },
    onError: (error) => errors.push(error),
    onNotice: () => undefined,
  });
  await pipeline.start();
  const alerts: AlertChange[] = [];
  const follower = await bus.follow({
    topic: TOPICS.alerts,
    onRecord: ({ value }) => void alerts.push(JSON.parse(value.toString('utf8')) as AlertChange),
  });
  let attempts = 0;
  const fail = async (times: number) => {
    const values = Array.from({ length: times }, () => ({
      ...{ '@timestamp': new Date(T + attempts * 1_000).toISOString(), 'event.original': 'x', 'event.kind': 'event' },
      ...{ 'event.module': 'sshd', 'event.category': ['authentication'], 'event.type': ['start'] },
      ...{ 'event.action': 'ssh-password', 'event.outcome': 'failure', 'host.name': 'web-01', 'user.name': 'root' },
      ...{ 'source.ip': '203.0.113.9', 'fleetwall.evidence': 'handshake' },
      'fleetwall.attempt.id': `${attempts++}`.padStart(12, '0'),
    }));
    await bus.publish(
      TOPICS.securityEvents,
      values.map((value) => ({ key: 'web-01', value: Buffer.from(JSON.stringify(value)) })),
    );
  };
  const last = (rule: string) => alerts.findLast((alert) => alert.rule === rule);
  const until = async (what: () => boolean) => {
    for (const endMs = Date.now() + 10_000; !what() && Date.now() < endMs; )
      await new Promise((done) => setTimeout(done, 10));
    expect(what()).toBe(true);
  };
  await fail(4);
  await until(() => last('three')?.count === 4);
  modes.set('three', 'off');
  pipeline.useSwitches();
  await until(() => last('three')?.state === 'over');
  const before = alerts.length;
  await fail(2);
  await until(() => last('six')?.count === 6);
  expect(alerts.slice(before).map(({ rule }) => rule)).toEqual(['six']);
  modes.delete('three');
  pipeline.useSwitches();
  await fail(2);
  await until(() => last('six')?.count === 8);
  expect(last('three')?.state).toBe('over');
  await fail(1);
  await until(() => last('three')?.state === 'open');
  expect(last('three')?.count).toBe(3);
  expect(errors).toEqual([]);
  await follower.stop();
  await pipeline.stop();
});
