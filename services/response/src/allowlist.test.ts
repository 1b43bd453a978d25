import { networkText, type Registry, TOPICS, topicSpecs } from '@fleetwall/core';
import { ALLOWLIST, type AllowEntry, loadPolicies } from '@fleetwall/response';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alertOf } from './alert.test-support.js';
import { Allowlist } from './allowlist.js';
import { ResponsePipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const R = '198.51.100.7';
const entry = (more: Partial<AllowEntry> = {}): AllowEntry => {
  return { reason: 'office', owner: 'someone', createdMs: T, ...more };
};

describe('the allowlist', () => {
  let registry = createMemoryRegistry();
  let allowlist: Allowlist;
  let errors: { code?: string }[] = [];
  const told = (nowMs = T) => allowlist.exemptions(nowMs).map(({ network }) => networkText(network));

  beforeEach(() => {
    registry = createMemoryRegistry();
    errors = [];
    allowlist = new Allowlist(registry, (error) => void errors.push(error as { code?: string }));
  });
  afterEach(() => allowlist.stop());

  it('follows the registry, and shelters the /64 of an IPv6 address', async () => {
    await registry.put(ALLOWLIST, R, entry());
    await allowlist.start();
    await registry.put(ALLOWLIST, '2001:db8:1:2::5', entry({ untilMs: T + 1_000 }));
    expect(told()).toEqual([R, '2001:db8:1:2::/64']);
    expect(told(T + 1_000)).toEqual([R]);
    await registry.delete(ALLOWLIST, R);
    expect(told()).toEqual(['2001:db8:1:2::/64']);
  });

  it('F06: empty is empty, and IPv6 alone is honoured', async () => {
    await allowlist.start();
    expect(told()).toEqual([]);
    await registry.put(ALLOWLIST, '2001:db8::/48', entry());
    expect(told()).toEqual(['2001:db8::/48']);
  });

  it('keeps to what was changed while it was first read', async () => {
    await registry.put(ALLOWLIST, R, entry());
    const slow: Registry = {
      ...registry,
      list: async <T>(collection: string) => {
        const before = await registry.list<T>(collection);
        await registry.delete(ALLOWLIST, R);
        return before;
      },
    };
    allowlist = new Allowlist(slow, (error) => void errors.push(error as { code?: string }));
    await allowlist.start();
    expect(told()).toEqual([]);
  });

  it.each(['0.0.0.0/0', '::/0', '0.0.0.0/1', '2000::/3', 'everything', '192.0.2.1 192.0.2.2'])(
    'F06: passes over %j, tells of it, and keeps the others',
    async (target) => {
      await registry.put(ALLOWLIST, target, entry());
      await registry.put(ALLOWLIST, R, entry());
      await allowlist.start();
      await registry.put(ALLOWLIST, target, entry({ reason: 'again' }));
      expect(told()).toEqual([R]);
      expect(errors.map(({ code }) => code)).toEqual(
        Array(2).fill(expect.stringMatching(/ALLOW_REFUSED|ADDRESS_INVALID/)),
      );
    },
  );
});

it('what is allowed while it is blocked is let in at once', async () => {
  const bus = createMemoryBus();
  await bus.declare(topicSpecs(1));
  const registry = createMemoryRegistry();
  const policies = loadPolicies([{ path: 'a.yml', text: 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\n' }]);
  const onError = (error: unknown) => {
    throw error;
  };
  const pipeline = new ResponsePipeline({ bus, registry, clock: () => T, policies, tenancy: 'one', onError });
  await pipeline.start();
  await bus.publish(TOPICS.alerts, [{ key: 'a1', value: Buffer.from(JSON.stringify(alertOf('a1', R))) }]);
  const stateOf = () => pipeline.decider.book.get(R, { type: 'fleet' })?.state;
  const until = async (state: string) => {
    for (const endMs = Date.now() + 5_000; stateOf() !== state && Date.now() < endMs; )
      await new Promise((done) => setTimeout(done, 10));
    expect(stateOf()).toBe(state);
  };
  await until('active');
  await registry.put(ALLOWLIST, '198.51.100.0/24', entry());
  await until('lifted');
  await pipeline.stop();
  await bus.close();
});
