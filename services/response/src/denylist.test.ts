import { type Block, TOPICS, topicSpecs } from '@fleetwall/core';
import {
  DENYLIST,
  type DenyEntry,
  type HitCount,
  hitsId,
  LIST_HITS,
  loadPolicies,
  RULE_SWITCHES,
  removeListEntry,
} from '@fleetwall/response';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alertOf } from './alert.test-support.js';
import { ResponsePipeline } from './pipeline.js';

const R = '198.51.100.7';
const entry: DenyEntry = { reason: 'scanner', owner: 'anna', createdMs: Date.now() };
const policies = loadPolicies([{ path: 'a.yml', text: 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\n' }]);

describe('the denylist in the registry', () => {
  let bus = createMemoryBus();
  let registry = createMemoryRegistry();
  let pipeline: ResponsePipeline;

  async function start(): Promise<void> {
    const onError = (error: unknown) => {
      throw error;
    };
    pipeline = new ResponsePipeline({ bus, registry, clock: Date.now, policies, tenancy: 'one', onError });
    await pipeline.start();
  }

  beforeEach(async () => {
    bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    registry = createMemoryRegistry();
    await start();
  });
  afterEach(async () => {
    await pipeline.stop();
    await bus.close();
  });

  const stateOf = () => pipeline.decider.book.get(R, { type: 'fleet' })?.state;
  async function until(what: () => boolean | Promise<boolean>): Promise<void> {
    for (const endMs = Date.now() + 5_000; !(await what()) && Date.now() < endMs; )
      await new Promise((done) => setTimeout(done, 10));
    expect(await what()).toBe(true);
  }
  async function lastWritten(): Promise<Block> {
    let last: Block | undefined;
    const follower = await bus.follow({
      topic: TOPICS.blocks,
      onRecord: ({ key, value }) => {
        if (key === `fleet ${R}`) last = JSON.parse(`${value}`) as Block;
      },
    });
    await follower.caughtUp;
    await follower.stop();
    return last as Block;
  }

  it('is written to every reader of blocks at once, and lifted when the entry goes', async () => {
    await registry.put(DENYLIST, R, entry);
    await until(() => stateOf() === 'active');
    await until(async () => (await lastWritten())?.state === 'active');
    await removeListEntry(registry, 'deny', R);
    await until(async () => (await lastWritten()).state === 'lifted');
  });

  it('is brought about by who takes over: entries made, and removed, while nobody decided', async () => {
    await registry.put(DENYLIST, R, entry);
    await until(() => stateOf() === 'active');
    await pipeline.stop();
    await registry.delete(DENYLIST, R);
    await registry.put(DENYLIST, '192.0.2.0/24', entry);
    await start();
    await until(() => stateOf() === 'lifted');
    await until(() => pipeline.decider.book.get('192.0.2.0/24', { type: 'fleet' })?.state === 'active');
  });

  it('counts an alert that found it in force once, and forgets the count with the entry', async () => {
    await registry.put(DENYLIST, R, entry);
    await until(() => stateOf() === 'active');
    for (const version of [1, 2]) {
      const value = Buffer.from(JSON.stringify({ ...alertOf('a1', R), version }));
      await bus.publish(TOPICS.alerts, [{ key: 'a1', value }]);
    }
    await until(() => pipeline.decider.book.ofAlert('a1').length === 1);
    await pipeline.stop();
    const counted = await registry.get<HitCount>(LIST_HITS, hitsId('deny', R));
    expect(counted?.value).toMatchObject({ count: 1, lastMs: expect.any(Number) });
    await removeListEntry(registry, 'deny', R);
    expect(await registry.get(LIST_HITS, hitsId('deny', R))).toBeUndefined();
    await start();
  });

  it('follows a rule that is switched off: its next alert blocks nobody', async () => {
    await registry.put(RULE_SWITCHES, 'fast', { mode: 'off', by: 'anna', comment: 'noise', atMs: Date.now() });
    await until(() => pipeline.lists.modeOf('fast') === 'off');
    await bus.publish(TOPICS.alerts, [{ key: 'a1', value: Buffer.from(JSON.stringify(alertOf('a1', R))) }]);
    await bus.publish(TOPICS.alerts, [{ key: 'a2', value: Buffer.from(JSON.stringify(alertOf('a2', '192.0.2.1'))) }]);
    await registry.delete(RULE_SWITCHES, 'fast');
    await until(() => pipeline.lists.modeOf('fast') === 'on');
    await bus.publish(TOPICS.alerts, [{ key: 'a3', value: Buffer.from(JSON.stringify(alertOf('a3', '192.0.2.3'))) }]);
    await until(() => pipeline.decider.book.get('192.0.2.3', { type: 'fleet' })?.state === 'active');
    expect(stateOf()).toBeUndefined();
  });
});
