import { type Bus, type BusRecord, type FleetwallError, ingestSpecs, ingestTopicOf } from '@fleetwall/core';
import type { BlockUpdate, Uplink } from '@fleetwall/protocol';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectKafkaUplink } from './kafka-uplink.js';

const TOPIC = ingestTopicOf('web-01');
let bus: Bus;
let told: string[];
let tooLarge: FleetwallError[];

/** The other uplink; says what it was asked for. */
const control: Uplink = {
  send: async () => void told.push('send'),
  onBlocks: (listener) => {
    told.push('onBlocks');
    listener({ type: 'snapshot', revision: 7, blocks: [] });
  },
  report: async ({ host }) => void told.push(`report of ${host}`),
  close: async () => void told.push('close'),
};

beforeEach(() => {
  bus = createMemoryBus();
  told = [];
  tooLarge = [];
});
afterEach(() => bus.close());

const connect = (over: Bus = bus) =>
  connectKafkaUplink({
    bus: over,
    principal: 'web-01',
    host: 'Web-01',
    control,
    onTooLarge: (error) => tooLarge.push(error),
  });

async function written(): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const follower = await bus.follow({ topic: TOPIC, onRecord: (record) => void records.push(record) });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

describe('events', () => {
  it('are in the own topic, in order, each a record under the name of the host, before send resolves', async () => {
    await bus.declare(ingestSpecs(['web-01', 'other'], 3));
    const uplink = await connect();
    await Promise.all([
      uplink.send({ sequence: 1, events: ['{"a":1}', '{"a":2}'] }),
      uplink.send({ sequence: 2, events: ['{"a":3}'] }),
      uplink.send({ sequence: 3, events: [] }),
    ]);
    const records = await written();
    expect(records.map(({ value }) => `${value}`)).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
    expect(new Set(records.map(({ key, partition }) => `${key} ${partition}`)).size).toBe(1);
    expect(records[0]?.key).toBe('Web-01');
    expect(told).toEqual([]);
  });

  it('are not acknowledged while the brokers are away', async () => {
    await bus.declare(ingestSpecs(['web-01'], 1));
    let isAway = true;
    const publish: Bus['publish'] = (topic, records) =>
      isAway ? Promise.reject(new Error('no broker answers')) : bus.publish(topic, records);
    const uplink = await connect(Object.assign(Object.create(bus) as Bus, { publish }));
    await expect(uplink.send({ sequence: 1, events: ['{}'] })).rejects.toThrow('no broker answers');
    expect(await written()).toHaveLength(0);
    isAway = false;
    await uplink.send({ sequence: 1, events: ['{}'] });
    expect(await written()).toHaveLength(1);
  });

  it('that no broker takes are passed over, and told of', async () => {
    await bus.declare(ingestSpecs(['web-01'], 1));
    const uplink = await connect();
    await uplink.send({ sequence: 1, events: ['{"a":1}', `"${'x'.repeat(1_000_000)}"`, '{"a":2}'] });
    expect((await written()).map(({ value }) => `${value}`)).toEqual(['{"a":1}', '{"a":2}']);
    expect(tooLarge.map(({ code, details }) => [code, details['bytes']])).toEqual([
      ['INGEST_EVENT_TOO_LARGE', 1_000_002],
    ]);
  });
});

describe('blocks and reports', () => {
  it('go over the other uplink, which is closed as well; the bus stays open', async () => {
    await bus.declare(ingestSpecs(['web-01'], 1));
    const uplink = await connect();
    const updates: BlockUpdate[] = [];
    uplink.onBlocks((update) => updates.push(update));
    const report = {
      host: 'Web-01',
      armed: true,
      firewall: 'nftables',
      revision: 7,
      inForce: 0,
      exceptions: [],
      atMs: 1,
    };
    await uplink.report(report);
    await uplink.close();
    expect(updates).toEqual([{ type: 'snapshot', revision: 7, blocks: [] }]);
    expect(told).toEqual(['onBlocks', 'report of Web-01', 'close']);
    await expect(bus.ranges(TOPIC)).resolves.toHaveLength(1);
  });
});

describe('a topic that is not there', () => {
  it('is told of before anything is sent, with what to do about it', async () => {
    await expect(connect()).rejects.toMatchObject({
      code: 'INGEST_TOPIC_MISSING',
      message: 'The topic fleetwall.ingest.web-01 does not exist, or this collector may not see it.',
      hint: expect.stringContaining('gateway.ingest'),
    });
  });
});
