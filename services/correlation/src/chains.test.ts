import { readFileSync } from 'node:fs';
import { type AlertChange, countingSpecs, decodeEvent, eventTopicOf, TOPICS, topicSpecs } from '@fleetwall/core';
import { loadRules } from '@fleetwall/detection';
import { createMemoryBus } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { CorrelationPipeline } from './pipeline.js';
import { NOWHERE } from './snapshot-store.test-support.js';

const rules = loadRules(
  ['protection/firewall-disabled', 'malware/malware-detected', 'malware/firewall-disabled-then-malware'].map((name) => {
    const path = `rules/${name}.yml`;
    return { path, text: readFileSync(path, 'utf8') };
  }),
);
const CASE = readFileSync(new URL('chains.sample.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');

it('what follows each other in different topics is found, and goes on over a change of rules', async () => {
  const bus = createMemoryBus();
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 3_600_000)]);
  const problems: string[] = [];
  const pipeline = new CorrelationPipeline({
    ...{ bus, clock: () => Date.UTC(2014, 11, 3, 5), rules, seed: [1, 2, 3], maxWindowBytes: 1 << 26 },
    snapshots: NOWHERE,
    ...{ snapshotEveryMs: 60_000, onError: (error) => problems.push(String(error)), onNotice: () => undefined },
  });
  await pipeline.start();
  const alerts: AlertChange[] = [];
  const follower = await bus.follow({
    topic: TOPICS.alerts,
    onRecord: ({ value }) => void alerts.push(JSON.parse(value.toString('utf8')) as AlertChange),
  });
  const until = async (isThere: () => boolean) => {
    for (const endMs = Date.now() + 20_000; !isThere() && Date.now() < endMs; )
      await new Promise((done) => setTimeout(done, 10));
    expect(isThere()).toBe(true);
  };
  const told = (rule: string) => alerts.filter((alert) => alert.rule === rule);
  const [off, malware] = CASE.map((line) => ({ topic: eventTopicOf(decodeEvent(line)), line }));
  expect([off?.topic, malware?.topic]).toEqual([TOPICS.securityEvents, TOPICS.antivirusEvents]);
  const publish = ({ topic, line }: { topic: string; line: string } = { topic: '', line: '' }) =>
    bus.publish(topic, [{ key: 'web-01', value: Buffer.from(line) }]);

  await publish(malware);
  await until(() => told('malware-detected').length === 1);
  // Other rules from here on, of which this chain is no part.
  pipeline.use({ ...rules, rules: rules.rules.map((rule) => ({ ...rule, generate: false })) });
  await publish(off);
  await until(() => told('firewall-disabled-then-malware').length === 1);
  expect(told('firewall-disabled-then-malware')).toMatchObject([
    { state: 'open', key: { 'host.id': 'web-01' }, evidence: [{ attemptId: 'web-01-1' }, { attemptId: 'web-01-2' }] },
  ]);
  expect(problems).toEqual([]);
  await follower.stop();
  await pipeline.stop();
});
