import { parseNetwork, TOPICS, topicSpecs } from '@fleetwall/core';
import { loadPolicies } from '@fleetwall/response';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { alertOf } from './alert.test-support.js';
import { ResponsePipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const PROXY = '192.0.2.130';
const R = '198.51.100.7';

it('A13: a known proxy is not blocked by the centre, whatever alerts say; others are', async () => {
  const bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  const pipeline = new ResponsePipeline({
    bus,
    registry: createMemoryRegistry(),
    clock: () => T,
    policies: loadPolicies([{ path: 'a.yml', text: 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\n' }]),
    tenancy: 'one',
    exemptions: [{ network: parseNetwork('192.0.2.128/28'), reason: 'a known proxy (example)' }],
    onError: (error) => {
      throw error;
    },
  });
  await pipeline.start();
  const alerts = [alertOf('a1', PROXY), alertOf('a2', R)];
  await bus.publish(
    TOPICS.alerts,
    alerts.map((alert) => ({ key: alert.id as string, value: Buffer.from(JSON.stringify(alert)) })),
  );
  const stateOf = (address: string) => pipeline.decider.book.get(address, { type: 'fleet' })?.state;
  for (const endMs = Date.now() + 5_000; stateOf(R) === undefined && Date.now() < endMs; )
    await new Promise((done) => setTimeout(done, 10));
  expect(stateOf(R)).toBe('active');
  expect(stateOf(PROXY)).not.toBe('active');
  await pipeline.stop();
  await bus.close();
});
