import {
  type AlertChange,
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlockRequest,
  type BlocksEpoch,
  type Bus,
  type BusRecord,
  type OutRecord,
  type RequestOutcome,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { loadPolicies } from '@fleetwall/response';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alertOf } from './alert.test-support.js';
import { ResponsePipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;
const R = '198.51.100.7';
const KEY = `fleet ${R}`;
const POLICY = 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\ndurations: [1h, 1d]\n';

describe('the response service', () => {
  let bus: Bus;
  let nowMs: number;
  let pipelines: ResponsePipeline[];
  let errors: { code?: string }[];

  beforeEach(async () => {
    bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    nowMs = T;
    pipelines = [];
    errors = [];
  });
  afterEach(async () => {
    for (const pipeline of pipelines) await pipeline.stop();
    await bus.close();
  });

  const start = async (over: Bus = bus) => {
    const pipeline = new ResponsePipeline({
      bus: over,
      registry: createMemoryRegistry(),
      clock: () => nowMs,
      policies: loadPolicies([{ path: 'a.yml', text: POLICY }]),
      tenancy: 'one',
      onError: (error) => errors.push(error as { code?: string }),
    });
    pipelines.push(pipeline);
    await pipeline.start();
    return pipeline;
  };
  const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
    for (const endMs = Date.now() + 10_000; !(await holds()); ) {
      if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const active = (pipeline: ResponsePipeline) => until('the active role', () => pipeline.stats.active === 1);
  const publish = (topic: string, key: string, value: object, headers?: OutRecord['headers']) =>
    bus.publish(topic, [{ key, value: Buffer.from(JSON.stringify(value)), ...(headers && { headers }) }]);
  const alert = (id: string, version: number, more: Partial<AlertChange> = {}) =>
    publish(TOPICS.alerts, id, alertOf(id, R, { version, lastMs: nowMs, ...more }));
  const recordsOf = async (topic: string) => {
    const records: BusRecord[] = [];
    const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return records;
  };
  const written = async () =>
    (await recordsOf(TOPICS.blocks))
      .filter(({ key, value }) => key !== BLOCKS_EPOCH_KEY && value.length > 0)
      .map(({ value }) => JSON.parse(`${value}`) as Block);
  const stateOf = async () => (await written()).at(-1)?.state;
  const blockOf = (pipeline: ResponsePipeline) => pipeline.decider.book.get(R, { type: 'fleet' });

  it('one instance decides, the other follows and takes over with its whole memory', async () => {
    const first = await start();
    await active(first);
    const second = await start();
    await alert('a1', 1_001);
    await until('the block at the standby', () => blockOf(second)?.state === 'active');
    expect([first.stats.active, second.stats.active]).toEqual([1, 0]);
    nowMs = T + HOUR_MS;
    await until('its end', () => blockOf(second)?.state === 'expired');

    await first.stop();
    await active(second);
    expect(second.stats).toMatchObject({ term: 2, takeovers: 1 });
    nowMs += 1_000;
    await alert('a2', 2_001);
    await until('the second offence', () => blockOf(second)?.state === 'active');
    expect(blockOf(second)).toMatchObject({ offence: 2, atMs: nowMs, untilMs: nowMs + 24 * HOUR_MS });
    expect((await written()).map(({ state, term }) => [state, term])).toEqual([
      ['active', 1],
      ['expired', 1],
      ['active', 2],
    ]);
  });

  it('what comes again after a takeover blocks nobody twice and undoes no lift', async () => {
    const first = await start();
    await active(first);
    await alert('a1', 1_001);
    await until('the block', () => blockOf(first)?.state === 'active');
    await publish(TOPICS.requests, 'r1', requestOf('r1', 'unblock'));
    await until('the lift', async () => (await stateOf()) === 'lifted');
    await first.stop();
    const before = await written();

    const second = await start();
    await active(second);
    await alert('a1', 1_001);
    await alert('a1', 1_002, { state: 'over' });
    await alert('a1', 1_001);
    await until('the repetitions', () => second.stats.repeatedAlerts >= 2);
    expect(await written()).toEqual(before);
    expect(blockOf(second)?.state).toBe('lifted');
  });

  it('a request that was carried out but not committed is answered, and not carried out again', async () => {
    const mute = {
      ...methodsOf(bus),
      publish: (topic: string, records: OutRecord[]) =>
        topic === TOPICS.audit ? Promise.reject(new Error('gone')) : bus.publish(topic, records),
    } as Bus;
    const first = await start(mute);
    await active(first);
    await publish(TOPICS.requests, 'r1', requestOf('r1', 'block'));
    await publish(TOPICS.requests, 'r2', { ...requestOf('r2', 'block'), target: '127.0.0.1' });
    await until('the block', async () => (await stateOf()) === 'active');
    await first.stop();
    nowMs += 60_000;
    const second = await start();
    await until('both answers', async () => (await recordsOf(TOPICS.audit)).length === 2);
    const outcomes = (await recordsOf(TOPICS.audit)).map(({ value }) => JSON.parse(`${value}`) as RequestOutcome);
    expect(outcomes.map(({ request, ok, code }) => [request.id, ok, code])).toEqual([
      ['r1', true, undefined],
      ['r2', false, 'BLOCK_REFUSED'],
    ]);
    expect(second.stats.repeatedRequests).toBe(1);
    expect((await written()).map(({ untilMs }) => untilMs)).toEqual([T + HOUR_MS]);
  });

  it('what an instance without a term writes is ignored, and the right record put behind it', async () => {
    const pipeline = await start();
    await active(pipeline);
    await alert('a1', 1_001);
    await until('the block', () => blockOf(pipeline)?.state === 'active');
    const block = blockOf(pipeline) as Block;
    await publish(TOPICS.blocks, KEY, { ...block, state: 'lifted', version: 99, term: 0 });
    await bus.publish(TOPICS.blocks, [{ key: KEY, value: Buffer.alloc(0), headers: { term: '0' } }]);
    await publish(TOPICS.blocks, 'fleet 198.51.100.8', { ...block, target: '198.51.100.8', term: 0 });
    await publish(TOPICS.blocks, BLOCKS_EPOCH_KEY, { epoch: 'another', term: 0 });
    await until('order', () => pipeline.stats.overwritten === 3);
    const last = async () => new Map((await recordsOf(TOPICS.blocks)).map(({ key, value }) => [key, `${value}`]));
    await until('the term to be told again', async () => {
      return (JSON.parse((await last()).get(BLOCKS_EPOCH_KEY) as string) as BlocksEpoch).term === 1;
    });
    await until('the block to be there again', async () => {
      const text = (await last()).get(KEY);
      return text !== '' && (JSON.parse(text as string) as Block).version === 101;
    });
    expect(JSON.parse((await last()).get(KEY) as string)).toMatchObject({ state: 'active', term: 1 });
    expect((await last()).get('fleet 198.51.100.8')).toBe('');
    await pipeline.stop();
    const successor = await start();
    expect([...successor.decider.book.all()].map(({ target, state }) => [target, state])).toEqual([[R, 'active']]);
  });

  it('passes over what it cannot read, tells of it, and goes on', async () => {
    const pipeline = await start();
    await bus.publish(TOPICS.alerts, [{ key: 'a0', value: Buffer.from('{') }]);
    await bus.publish(TOPICS.requests, [{ key: 'r0', value: Buffer.from('') }]);
    await alert('a1', 2_001);
    await until('the block', () => blockOf(pipeline)?.state === 'active');
    await until('both to be counted', () => pipeline.stats.undecodable === 2);
    expect(errors).toHaveLength(2);
  });

  it('gives up when another writes under a higher term, and joins again', async () => {
    const pipeline = await start();
    await active(pipeline);
    await publish(TOPICS.blocks, BLOCKS_EPOCH_KEY, { epoch: 'kept', term: 7 }, { term: '7', writer: 'another' });
    await until('the new term', () => pipeline.stats.term === 8 && pipeline.stats.active === 1);
    expect(errors.map(({ code }) => code)).toContain('RESPONSE_SUPERSEDED');
    await alert('a1', 1_001);
    await until('a block under it', async () => (await written()).at(-1)?.term === 8);
    const epochs = (await recordsOf(TOPICS.blocks)).filter(({ key }) => key === BLOCKS_EPOCH_KEY);
    expect(JSON.parse(`${epochs.at(-1)?.value}`)).toEqual({ epoch: 'kept', term: 8 });
  });
});

function requestOf(id: string, type: BlockRequest['type']): BlockRequest {
  const asked = { id, target: R, by: 'someone', comment: 'a test', atMs: T };
  return type === 'unblock' ? { type, ...asked } : { type, ...asked, scope: { type: 'fleet' }, durationMs: HOUR_MS };
}

/** The methods of a class instance, which spreading it would leave out. */
function methodsOf(bus: Bus): Bus {
  return {
    declare: (topics) => bus.declare(topics),
    publish: (topic, records) => bus.publish(topic, records),
    consume: (options) => bus.consume(options),
    follow: (options) => bus.follow(options),
    ranges: (topic) => bus.ranges(topic),
    offsetsAt: (topic, timeMs) => bus.offsetsAt(topic, timeMs),
    close: () => bus.close(),
  };
}
