import {
  type AlertChange,
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlockRequest,
  type BlocksEpoch,
  type Bus,
  type BusRecord,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { createKafkaBus } from '@fleetwall/kafka';
import type { ResponseStats } from '@fleetwall/response-service';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whyNoOwnBroker } from '../../libs/adapters/kafka/test/broker.js';
import { type RunningKafka, startKafka } from '../../scripts/kafka.mjs';
import { Child } from './child.test-support.js';
import { until } from './until.test-support.js';

type Told = ResponseStats & { running: number };

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 300_000;
const SESSION_TIMEOUT_MS = 5_000;
const HOUR_MS = 3_600_000;
const POLICY = 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\ndurations: [15s, 1h]\n';

const name = whyNoOwnBroker ? `response with a standby (${whyNoOwnBroker})` : 'response with a standby';
(whyNoOwnBroker ? describe.skip : describe)(name, () => {
  const children: Child<Told>[] = [];
  let kafka: RunningKafka;
  let bus: Bus;

  const spawn = () => {
    const brokers = [`127.0.0.1:${kafka.port}`];
    const settings = { name: `response-${children.length + 1}`, brokers, sessionTimeoutMs: SESSION_TIMEOUT_MS };
    const child = new Child<Told>('response-process.test-support.ts', { ...settings, policy: POLICY });
    children.push(child);
    return child;
  };
  const alert = (target: string, version: number, more: Partial<AlertChange> = {}) => {
    const change: Partial<AlertChange> = {
      ...{ id: `alert of ${target}`, version, state: 'open', rule: 'fast', title: 'Fast', tags: [] },
      ...{ tenant: 'default', key: { 'source.ip': target }, evidenceClass: 'handshake', threshold: 5, count: 5 },
      ...{ lastMs: Date.now(), hosts: ['web-01'], evidence: [], contributors: [], cleared: [], ...more },
    };
    return bus.publish(TOPICS.alerts, [{ key: change.id as string, value: Buffer.from(JSON.stringify(change)) }]);
  };
  const ask = (request: BlockRequest) =>
    bus.publish(TOPICS.requests, [{ key: request.id, value: Buffer.from(JSON.stringify(request)) }]);
  const read = async () => {
    const records: BusRecord[] = [];
    const follower = await bus.follow({ topic: TOPICS.blocks, onRecord: (record) => void records.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return records;
  };
  /** As every reader takes them: what is of a lower term than was seen before is ignored. */
  const blocks = async () => {
    let highest = 0;
    const found = new Map<string, Block[]>();
    for (const { key, value } of await read()) {
      if (value.length === 0) continue;
      const { term = 0, ...rest } = JSON.parse(`${value}`) as Block | (BlocksEpoch & Partial<Block>);
      if (term < highest) continue;
      highest = term;
      if (key === BLOCKS_EPOCH_KEY) continue;
      const block = rest as Block;
      const before = found.get(block.target) ?? [];
      const last = before.at(-1);
      // The same state once more: put behind what the zombie had written.
      if (last?.state !== block.state || last.atMs !== block.atMs) found.set(block.target, [...before, block]);
    }
    return found;
  };
  const stateOf = async (target: string) => (await blocks()).get(target)?.at(-1)?.state;

  beforeAll(async () => {
    kafka = await startKafka({ settings: { 'group.min.session.timeout.ms': 1_000 } });
    bus = await createKafkaBus({ brokers: [`127.0.0.1:${kafka.port}`], clientId: 'test' });
    await bus.declare(topicSpecs(2));
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(children.map((child) => child.end()));
    await bus.close();
    await kafka.stop();
  }, START_TIMEOUT_MS);

  it(
    'E08: the active one is paused, killed and stopped: no block twice, no lift lost, escalation goes on, a zombie changes nothing',
    async () => {
      const first = spawn();
      await until('the first to be active', () => first.told?.active === 1);
      const second = spawn();
      await alert('198.51.100.1', 1_001);
      await alert('198.51.100.2', 1_001);
      await until('both blocks at the standby', () => second.told?.running === 2);
      expect(second.told?.active).toBe(0);

      const lift: BlockRequest = {
        ...{ type: 'unblock', id: 'r1', target: '198.51.100.2' },
        ...{ by: 'someone', comment: 'a test', atMs: Date.now() },
      };
      await ask(lift);
      await until('the lift', async () => (await stateOf('198.51.100.2')) === 'lifted');
      first.signal('SIGSTOP');
      await alert('198.51.100.3', 1_001);
      await until('the standby to be active', () => second.told?.active === 1);
      await until('the block made meanwhile', async () => (await stateOf('198.51.100.3')) === 'active');
      await until('the end of the first block', async () => (await stateOf('198.51.100.1')) === 'expired');

      // By its own clock the zombie ends the same block, at once when it wakes up.
      first.signal('SIGCONT');
      await until('the zombie to stand by', () => first.told?.active === 0 && first.told.term === 2);
      await until('what it wrote to be put right', () => (second.told?.overwritten ?? 0) > 0);
      expect(second.told).toMatchObject({ active: 1, term: 2 });
      await alert('198.51.100.1', 2_001, { id: 'the next one', count: 9 });
      await until('the second offence', async () => (await stateOf('198.51.100.1')) === 'active');

      await second.end('SIGKILL');
      await until('the first to be active again', () => first.told?.active === 1);
      await alert('198.51.100.1', 2_001, { id: 'the next one', count: 9 });
      await alert('198.51.100.2', 1_001);
      await alert('198.51.100.4', 1_001);
      await until('the last block', async () => (await stateOf('198.51.100.4')) === 'active');

      const third = spawn();
      await until('the third to have read', () => third.told !== undefined);
      await first.end('SIGTERM');
      await until('the third to be active', () => third.told?.active === 1);
      expect(third.told?.term).toBe(4);
      const found = await blocks();
      const statesOf = (target: string) => found.get(target)?.map(({ state, offence }) => `${state} ${offence}`);
      expect(statesOf('198.51.100.1')).toEqual(['active 1', 'expired 1', 'active 2']);
      const [, , again] = found.get('198.51.100.1') as Block[];
      expect((again?.untilMs ?? 0) - (again?.atMs ?? 0)).toBe(HOUR_MS);
      expect(statesOf('198.51.100.2')).toEqual(['active 1', 'lifted 1']);
      expect(await until('the expiry', async () => (await stateOf('198.51.100.4')) === 'expired')).toBeUndefined();
      expect((found.get('198.51.100.3') ?? []).filter(({ state }) => state === 'active')).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});
