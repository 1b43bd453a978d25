import { type AlertChange, countingSpecs, TOPICS, topicSpecs } from '@fleetwall/core';
import type { RuleMode } from '@fleetwall/response';
import { createMemoryBus } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { CorrelationPipeline } from './pipeline.js';
import { countingRule, rulesOf } from './rules.test-support.js';
import { NOWHERE } from './snapshot-store.test-support.js';

const T = Date.UTC(2026, 10, 22, 12);
const RULES = rulesOf(countingRule('three', 2, 'gte: 3'), countingRule('six', 3, 'gte: 6'));

async function bench() {
  const bus = createMemoryBus();
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 3_600_000)]);
  const modes = new Map<string, RuleMode>();
  const errors: unknown[] = [];
  const pipeline = new CorrelationPipeline({
    ...{ bus, clock: () => T, rules: RULES },
    modeOf: (rule) => modes.get(rule) ?? 'on',
    snapshots: NOWHERE,
    ...{ seed: [1, 2, 3], maxWindowBytes: 1 << 26, snapshotEveryMs: 60_000 },
    onError: (error) => errors.push(error),
    onNotice: () => undefined,
  });
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
  const stop = async () => {
    expect(errors).toEqual([]);
    await follower.stop();
    await pipeline.stop();
  };
  return { pipeline, modes, alerts, fail, last, until, stop };
}

it('a rule that is switched off makes no alerts and ends its open ones; others keep their counts, and on it begins anew', async () => {
  const { pipeline, modes, alerts, fail, last, until, stop } = await bench();
  await pipeline.start();
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
  await stop();
});

it('a rule that was switched off before the pipeline was started makes no alerts', async () => {
  const { pipeline, modes, alerts, fail, last, until, stop } = await bench();
  modes.set('three', 'off');
  await pipeline.start();
  await fail(6);
  await until(() => last('six')?.count === 6);
  expect(alerts.map(({ rule }) => rule)).toEqual(['six']);
  await stop();
});
