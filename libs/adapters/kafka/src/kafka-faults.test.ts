import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord, FleetwallError, OutRecord } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { type RunningKafka, startKafka } from '../../../../scripts/kafka.mjs';
import { whyNoOwnBroker } from '../test/broker.js';
import { CuttableNetwork } from '../test/cuttable-network.js';
import { createEmptyBatch } from '../test/empty-batch.js';
import { until } from '../test/until.js';
import { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';

const CLOSE_TIMEOUT_MS = 60_000;
const TEST_TIMEOUT_MS = 150_000;
const START_TIMEOUT_MS = 180_000;
/** Short, so that tests do not wait long for a silent member to be thrown out. */
const SESSION_TIMEOUT_MS = 3_000;
const SETTINGS = {
  'group.min.session.timeout.ms': 1_000,
  'log.cleaner.backoff.ms': 200,
  'log.initial.task.delay.ms': 100,
};

const name = whyNoOwnBroker ? `kafka faults (${whyNoOwnBroker})` : 'kafka faults';
(whyNoOwnBroker ? describe.skip : describe)(name, () => {
  let directory: string;
  let kafka: RunningKafka;
  let count = 0;
  const atEnd: (() => Promise<void>)[] = [];

  const start = async () => {
    kafka = await startKafka({ directory, settings: SETTINGS, ...(kafka && { port: kafka.port }) });
  };
  const broker = () => `127.0.0.1:${kafka.port}`;
  const open = async (options: Partial<KafkaBusOptions> = {}) => {
    const bus = await createKafkaBus({
      brokers: [broker()],
      clientId: 'faults',
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      ...options,
    });
    atEnd.push(() => bus.close());
    return bus;
  };
  const topicOf = async (bus: Bus, partitions = 1) => {
    const topic = `faults-${++count}`;
    await bus.declare([{ name: topic, partitions }]);
    return topic;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-kafka-faults-'));
    await start();
  }, START_TIMEOUT_MS);
  afterEach(() => Promise.all(atEnd.splice(0).map((end) => end())), CLOSE_TIMEOUT_MS);
  afterAll(async () => {
    await kafka.stop();
    rmSync(directory, { recursive: true, force: true });
  }, START_TIMEOUT_MS);

  it(
    'says which broker does not answer, and what to do',
    async () => {
      const refused = createKafkaBus({ brokers: ['127.0.0.1:1'], clientId: 'faults' });
      await expect(refused).rejects.toMatchObject({
        code: 'KAFKA_UNREACHABLE',
        message: expect.stringContaining('127.0.0.1:1'),
        hint: expect.stringContaining('Check that the brokers run'),
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'carries records of 900 KB among small ones; one that is too large harms no other',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus, 2);
      const large = randomBytes(900_000);
      const publish = (key: string, value: Buffer) => bus.publish(topic, [{ key, value }]);
      const results = await Promise.allSettled([
        publish('a', Buffer.from('1')),
        publish('b', large),
        publish('c', randomBytes(1_100_000)),
        publish('d', large),
        publish('e', Buffer.from('2')),
      ]);
      expect(results.map((result) => result.status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect((results[2] as PromiseRejectedResult).reason).toMatchObject({ code: 'KAFKA_RECORD_TOO_LARGE' });
      const read = await readAll(bus, topic);
      expect(read.map((record) => record.key).sort()).toEqual(['a', 'b', 'd', 'e']);
      for (const record of read.filter(({ key }) => 'bd'.includes(key))) expect(record.value.equals(large)).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is gone from its group when it is stopped while it tries to join again after a restart of the broker',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus, 2);
      let isRead = false;
      const onBatch = async () => {
        isRead = true;
      };
      const member = await bus.consume({ group: topic, topics: [topic], onBatch });
      await bus.publish(topic, [{ key: 'a', value: Buffer.from('1') }]);
      await until('the record to be read', () => isRead);
      process.kill(-kafka.pid, 'SIGKILL');
      await kafka.stop();
      await new Promise((resolve) => setTimeout(resolve, SESSION_TIMEOUT_MS));
      await Promise.all([member.stop(), start()]);
      const admin = new kafkajs.Kafka({ brokers: [broker()], logLevel: kafkajs.logLevel.NOTHING }).admin();
      await admin.connect();
      atEnd.push(() => admin.disconnect());
      // Whoever is not heard of is thrown out by then; whoever goes on joining is not.
      await new Promise((resolve) => setTimeout(resolve, 10 * SESSION_TIMEOUT_MS));
      const { groups } = await admin.describeGroups([topic]);
      expect(groups[0]?.members).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'E08: a member that falls silent in the middle of a batch: another gets the batch, its late commit skips nothing',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus, 2);
      const network = new CuttableNetwork();
      const silent = await open({ socketFactory: network.socketFactory });
      const begun = new Set<string>();
      const finishedBySilent: BusRecord[] = [];
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      atEnd.push(async () => release());
      await silent.consume({
        group: 'silent',
        topics: [topic],
        maxBatch: 10,
        onBatch: async ({ partition, records }) => {
          begun.add(`${partition}`);
          await gate;
          finishedBySilent.push(...records);
        },
      });
      const positions = await bus.publish(topic, numbered(200));
      await until('batches under way in both partitions', () => begun.size === 2);
      network.cut();

      const taken: BusRecord[] = [];
      await bus.consume({
        group: 'silent',
        topics: [topic],
        maxBatch: 10,
        onBatch: async ({ records }) => {
          taken.push(...records);
        },
      });
      await until('the other member to have begun', () => taken.length > 0);
      network.heal();
      release();
      await until('every record', () => distinct([...taken, ...finishedBySilent]).size === positions.length);
      const more = await bus.publish(topic, numbered(50));
      await until('what came later', () =>
        more.every((position) => distinct([...taken, ...finishedBySilent]).has(idOf(position))),
      );
      // What the silent member had under way was never committed by it, so the other one got it too.
      for (const record of finishedBySilent.slice(0, 10)) expect(distinct(taken).has(idOf(record))).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'after a send that was written but not acknowledged, the next one is not taken for its repetition',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus);
      const network = new CuttableNetwork();
      const publisher = await open({ socketFactory: network.socketFactory });
      const publish = (value: string) => publisher.publish(topic, [{ key: 'k', value: Buffer.from(value) }]);
      const followed: string[] = [];
      await bus.follow({
        topic,
        onRecord: ({ value }) => {
          followed.push(value.toString());
        },
      });
      await publish('acknowledged');
      network.deafen();
      const unanswered = publish('unanswered').catch((error: unknown) => error);
      await until('the record that nobody acknowledged', () => followed.includes('unanswered'));
      network.cut();
      expect(await unanswered).toMatchObject({ code: 'KAFKA_UNREACHABLE' });
      network.heal();
      await publish('next');
      await until('the next record', () => followed.includes('next'));
      expect(followed).toEqual(['acknowledged', 'unanswered', 'next']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a broker killed and started again under load: nothing acknowledged is lost or misplaced, consumers get all of it',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus, 3);
      const consumed: BusRecord[] = [];
      await bus.consume({
        group: 'restart',
        topics: [topic],
        onBatch: async ({ records }) => {
          consumed.push(...records);
        },
      });
      const followed: BusRecord[] = [];
      await bus.follow({
        topic,
        onRecord: (record) => {
          followed.push(record);
        },
      });
      const acknowledged = new Map<string, string>();
      let stop = false;
      const publishing = Array.from({ length: 4 }, async (_, publisher) => {
        for (let i = 0; !stop; i++) {
          const values = Array.from({ length: 20 }, (_, n) => `${publisher}-${i}-${n}`);
          const records = values.map((value) => ({ key: value, value: Buffer.from(value) }));
          const positions = await bus.publish(topic, records).catch(() => []);
          positions.forEach((position, n) => {
            acknowledged.set(idOf(position), values[n] as string);
          });
        }
      });
      await until('records before', () => acknowledged.size > 2_000 && consumed.length > 1_000);
      process.kill(-kafka.pid, 'SIGKILL');
      await kafka.stop();
      const before = acknowledged.size;
      await start();
      await until('records after', () => acknowledged.size > before + 2_000);
      stop = true;
      await Promise.all(publishing);
      expect(missing(acknowledged, await readAll(bus, topic))).toEqual([]);
      await until('all at the consumer', () => missing(acknowledged, consumed).length === 0);
      await until('all at the follower', () => missing(acknowledged, followed).length === 0);
      const offsets = followed.filter(({ partition }) => partition === 0).map(({ offset }) => offset);
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes on at the first record that retention has left',
    async () => {
      const bus = await open();
      const topic = await topicOf(bus);
      await bus.publish(topic, numbered(20));
      const admin = rawClient(broker()).admin();
      await admin.connect();
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
      await admin.disconnect();
      expect(await bus.ranges(topic)).toEqual([{ topic, partition: 0, low: 15, high: 20 }]);
      const consumed: BusRecord[] = [];
      await bus.consume({
        group: 'retention',
        topics: [topic],
        onAssigned: async () => [{ topic, partition: 0, offset: 3 }],
        onBatch: async ({ records }) => {
          consumed.push(...records);
        },
      });
      await until('what is left', () => consumed.length === 5);
      const read = await readAll(bus, topic, new Map([[0, 3]]));
      expect(read.map((record) => record.offset)).toEqual([15, 16, 17, 18, 19]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'batches that compaction left empty do not stop a follower, and the watchdog names the consumer they stop',
    async () => {
      const topic = `faults-${++count}`;
      await createEmptyBatch(rawClient(broker()), topic, join(directory, 'logs'));
      const bus = await open({ stallTimeoutMs: 2_000 });
      const read = await readAll(bus, topic);
      expect(read.map((record) => record.key)).toEqual(['second', 'filler', 'first', 'emptied', 'roll', 'last']);
      const errors: unknown[] = [];
      const subscription = await bus.consume({
        group: 'stalled',
        topics: [topic],
        onBatch: async () => {},
        onError: (error) => errors.push(error),
      });
      // The group's coordinator may be loading when it is the first one of this broker; that is told, too.
      const stalled = () => errors.find((error) => (error as FleetwallError).code === 'KAFKA_CONSUMER_STALLED');
      await until('the watchdog', () => stalled() !== undefined);
      expect(stalled()).toMatchObject({ details: { group: 'stalled' }, retryable: true });
      await subscription.stop();
    },
    TEST_TIMEOUT_MS,
  );
});

function rawClient(broker: string) {
  return new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
}

function numbered(count: number): OutRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: `key-${i % 20}`, value: Buffer.from(String(i)) }));
}

function idOf({ partition, offset }: { partition: number; offset: number }): string {
  return `${partition}@${offset}`;
}

/** Values by partition and offset. */
function distinct(records: readonly BusRecord[]): Map<string, string> {
  return new Map(records.map((record) => [idOf(record), record.value.toString()]));
}

function missing(wanted: ReadonlyMap<string, string>, records: readonly BusRecord[]): string[] {
  const got = distinct(records);
  return [...wanted].filter(([id, value]) => got.get(id) !== value).map(([id]) => id);
}

async function readAll(bus: Bus, topic: string, from?: Map<number, number>): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const follower = await bus.follow({
    topic,
    onRecord: (record) => {
      records.push(record);
    },
    ...(from && { from }),
  });
  await follower.caughtUp;
  await follower.stop();
  return records;
}
