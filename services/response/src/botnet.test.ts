import { type AlertChange, type Block, type Bus, type OutRecord, TOPICS, topicSpecs } from '@fleetwall/core';
import { loadPolicies } from '@fleetwall/response';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { responseNumbers } from './numbers.js';
import { ResponsePipeline } from './pipeline.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const POLICY = 'name: a\nmatch: {rules: [distributed]}\nblock: contributors\nbreaker: {blocks: 500, within: 10m}\n';
const HOSTS = Array.from({ length: 100 }, (_, n) => `web-${n}`);
const addressOf = (n: number) => `198.18.${n >> 8}.${n & 0xff}`;

/** One change that names so many addresses, each seen by one host and with one failure: all are held first. */
function changeOf(addresses: number): AlertChange {
  const contributors = Array.from({ length: addresses }, (_, n) => ({
    ...{ value: addressOf(n), count: 1, firstMs: T, lastMs: T, hosts: [HOSTS[n % 100] as string] },
  }));
  return {
    ...{
      id: 'd1',
      version: 1_000,
      state: 'open',
      rule: 'distributed',
      ruleId: 'd',
      title: 'Distributed',
      level: 'high',
    },
    ...{
      tags: [],
      tenant: 'default',
      key: { 'user.name': 'root' },
      valueField: 'source.ip',
      evidenceClass: 'handshake',
    },
    ...{ knownGood: false, history: false, threshold: 20, firstMs: T, lastMs: T, firedMs: T, count: addresses },
    ...{ hosts: HOSTS, evidence: [], contributors, cleared: [] },
  };
}

describe('a botnet at the response service', () => {
  let bus: Bus;
  let nowMs: number;
  let pipelines: ResponsePipeline[];
  /** Records of each publish of blocks, and how many of these go through before the rest is refused. */
  let written: OutRecord[][];
  let mayWrite: number;

  beforeEach(async () => {
    bus = createMemoryBus();
    await bus.declare(topicSpecs(1));
    nowMs = T;
    pipelines = [];
    written = [];
    mayWrite = Number.POSITIVE_INFINITY;
  });
  afterEach(async () => {
    for (const pipeline of pipelines) await pipeline.stop();
    await bus.close();
  });

  const start = async () => {
    const publish = async (topic: string, records: OutRecord[]) => {
      if (topic === TOPICS.blocks && written.length >= mayWrite) throw new Error('gone');
      if (topic === TOPICS.blocks && records[0]?.key !== 'epoch') written.push(records);
      return bus.publish(topic, records);
    };
    const watched = new Proxy(bus, {
      get: (target, name) => {
        const value = name === 'publish' ? publish : target[name as keyof Bus];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const policies = loadPolicies([{ path: 'a.yml', text: POLICY }]);
    const pipeline = new ResponsePipeline({
      ...{ bus: watched, registry: createMemoryRegistry(), clock: () => nowMs, policies, tenancy: 'one' },
      onError: () => undefined,
    });
    pipelines.push(pipeline);
    await pipeline.start();
    return pipeline;
  };
  const until = async (what: string, holds: () => boolean) => {
    for (const endMs = Date.now() + 20_000; !holds(); ) {
      if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const publish = (change: AlertChange) =>
    bus.publish(TOPICS.alerts, [{ key: change.id, value: Buffer.from(JSON.stringify(change)) }]);
  const blocksWritten = () => written.flat().map(({ value }) => JSON.parse(`${value}`) as Block);

  it('is decided in turns with everybody else, and written in small pieces', async () => {
    const pipeline = await start();
    const { book } = pipeline.decider;
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await publish(changeOf(8_000));
    await until('all to be held', () => book.states.held === 8_000);
    expect(turns).toBeGreaterThan(3);
    nowMs = T + 10 * MINUTE_MS;
    await until('all to come due', () => book.states.active === 8_000);
    await until('all to be written', () => written.flat().length === 16_000);
    clearInterval(counting);
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThanOrEqual(256);
    const scopes = blocksWritten().map(({ scope }) => scope.type);
    expect(scopes.filter((type) => type === 'fleet')).toHaveLength(2 * 500);
    expect(blocksWritten().find(({ target }) => target === addressOf(7_777))?.scope).toEqual({
      type: 'host',
      id: 'web-77',
    });
    const numbers = responseNumbers(pipeline);
    const numberOf = (name: string) => numbers.find((number) => number.name === `fleetwall_${name}`)?.value;
    expect([numberOf('blocks_active'), numberOf('response_breaker_open')]).toEqual([8_000, 7_500]);
  });

  it('loses none of an alert whose writer dies between two writes', async () => {
    const first = await start();
    await until('the active role', () => first.stats.active === 1);
    mayWrite = 2;
    await publish(changeOf(2_000));
    await until('two writes', () => written.length === 2);
    await first.stop();
    expect(written.flat().length).toBeLessThanOrEqual(2 * 256);

    mayWrite = Number.POSITIVE_INFINITY;
    const second = await start();
    const targets = () => new Set(blocksWritten().map(({ target }) => target));
    await until('all to be written', () => targets().size === 2_000);
    const held = [...second.decider.book.all()].filter(({ state }) => state === 'held');
    expect(new Set(held.map(({ target }) => target)).size).toBe(2_000);
  });
});
