import { type AlertChange, countingSpecs, TOPICS, topicSpecs } from '@fleetwall/core';
import { createMemoryBus } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { CorrelationPipeline } from './pipeline.js';
import { countingRule, rulesOf } from './rules.test-support.js';
import { NOWHERE } from './snapshot-store.test-support.js';

const T = Date.UTC(2026, 10, 22, 12);
const FAILURE = {
  '@timestamp': new Date(T).toISOString(),
  'event.original': 'x',
  'event.kind': 'event',
  'event.module': 'sshd',
  'event.category': ['authentication'],
  'event.type': ['start'],
  'event.action': 'ssh-password',
  'event.outcome': 'failure',
  'host.name': 'web-01',
  'process.name': 'sshd',
  'source.ip': '198.51.100.7',
  'user.name': 'root',
  'fleetwall.evidence': 'handshake',
};
const POISON = [
  '{',
  'null',
  '7',
  '[]',
  JSON.stringify({ ...FAILURE, 'event.category': undefined, 'event.outcome': 'success' }),
  JSON.stringify({ ...FAILURE, 'source.ip': 'x::bad' }),
  JSON.stringify({ ...FAILURE, 'source.ip': { deep: [1] } }),
  JSON.stringify({ ...FAILURE, 'fleetwall.attempt.id': 'zz', 'event.id': 'made-up' }),
  JSON.stringify({ ...FAILURE, 'fleetwall.attempt.ids': 7, 'fleetwall.attempt.id': {} }),
  JSON.stringify({ ...FAILURE, '@timestamp': 'soon' }),
  JSON.stringify({ ...FAILURE, 'user.name': 7, 'host.name': ['a'], 'fleetwall.evidence': 'mine' }),
];

it('poison keeps nobody waiting: what follows it in the same partition is counted', async () => {
  const bus = createMemoryBus();
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 3_600_000)]);
  const publish = (values: string[]) =>
    bus.publish(
      TOPICS.securityEvents,
      values.map((value) => ({ key: 'web-01', value: Buffer.from(value) })),
    );
  await publish(POISON);
  await bus.publish(
    TOPICS.observations,
    ['{', 'null', '{"rules":[7]}'].map((value) => ({ key: 'x', value: Buffer.from(value) })),
  );
  const attempt = (n: number) =>
    JSON.stringify({ ...FAILURE, 'source.ip': '203.0.113.9', 'fleetwall.attempt.id': `${n}`.padStart(12, '0') });
  await publish(Array.from({ length: 5 }, (_, n) => attempt(n)));
  const notices: string[] = [];
  const pipeline = new CorrelationPipeline({
    bus,
    clock: () => T,
    rules: rulesOf(countingRule('five', 2, 'gte: 5')),
    snapshots: NOWHERE,
    seed: [1, 2, 3],
    maxWindowBytes: 1 << 26,
    snapshotEveryMs: 60_000,
    onError: (error) => notices.push(`error ${String(error)}`),
    onNotice: (text) => notices.push(text),
  });
  await pipeline.start();
  const alerts: AlertChange[] = [];
  const follower = await bus.follow({
    topic: TOPICS.alerts,
    onRecord: ({ value }) => void alerts.push(JSON.parse(value.toString('utf8')) as AlertChange),
  });
  for (const endMs = Date.now() + 10_000; !alerts.some(isWanted) && Date.now() < endMs; )
    await new Promise((done) => setTimeout(done, 10));
  expect(alerts.some(isWanted)).toBe(true);
  expect(notices.filter((notice) => notice.startsWith('error'))).toEqual([]);
  expect(pipeline.stats.undecodable).toBeGreaterThanOrEqual(4);
  await follower.stop();
  await pipeline.stop();
});

function isWanted({ key }: AlertChange): boolean {
  return key['source.ip'] === '203.0.113.9';
}
