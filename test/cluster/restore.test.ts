import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, countingSpecs, type OutRecord, TOPICS, topicSpecs } from '@fleetwall/core';
import type { CorrelationStats, PartitionStats } from '@fleetwall/correlation-service';
import type { Observation } from '@fleetwall/detection';
import { createKafkaBus } from '@fleetwall/kafka';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { whyNoOwnBroker } from '../../libs/adapters/kafka/test/broker.js';
import { type RunningKafka, startKafka } from '../../scripts/kafka.mjs';
import { Child } from './child.test-support.js';
import { until } from './until.test-support.js';

type Told = CorrelationStats & {
  held: (PartitionStats & { partition: number })[];
  keys: number;
  longestBlockMs: number;
};

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 400_000;
const DAY_MS = 86_400_000;
const T = Date.UTC(2026, 10, 22, 12);
/** Of as many addresses, each of which is counted by two rules and never fires. */
const ADDRESSES = 100_000;
const ATTEMPTS_EACH = 3;
/** What a partition may take to be counted again. */
const RESTORE_LIMIT_MS = 60_000;

const name = whyNoOwnBroker ? `a partition with many windows (${whyNoOwnBroker})` : 'a partition with many windows';
(whyNoOwnBroker ? describe.skip : describe)(name, () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-restore-'));
  const children: Child<Told>[] = [];
  let kafka: RunningKafka;
  let bus: Bus;

  const spawn = () => {
    const child = new Child<Told>('correlation-process.test-support.ts', {
      name: `instance-${children.length + 1}`,
      brokers: [`127.0.0.1:${kafka.port}`],
      directory,
      sessionTimeoutMs: 5_000,
      beforeMs: T,
      afterMs: T,
    });
    children.push(child);
    return child;
  };
  const high = async (topic: string) => (await bus.ranges(topic))[0]?.high as number;
  const countedAll = async (child: Child<Told>) => {
    const end = await high(TOPICS.observations);
    await until('everything to be counted', () => (child.told?.held[0]?.counted ?? 0) >= end);
  };
  const tell = (what: string, { told }: Child<Told>) =>
    process.stdout.write(`${what}: ${JSON.stringify({ ...told?.held[0], longestBlockMs: told?.longestBlockMs })}\n`);

  beforeAll(async () => {
    kafka = await startKafka({ settings: { 'group.min.session.timeout.ms': 1_000 } });
    bus = await createKafkaBus({ brokers: [`127.0.0.1:${kafka.port}`], clientId: 'test' });
    await bus.declare([...topicSpecs(1), ...countingSpecs(1, 20 * DAY_MS)]);
    const total = ADDRESSES * ATTEMPTS_EACH;
    for (let at = 0; at < total; at += 10_000) {
      const observations = Array.from({ length: Math.min(10_000, total - at) }, (_, i) => observationOf(at + i));
      await bus.publish(TOPICS.observations, observations);
    }
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(children.map((child) => child.end()));
    await bus.close();
    await kafka.stop();
    rmSync(directory, { recursive: true, force: true });
  }, START_TIMEOUT_MS);

  it(
    'is counted again within a minute by an instance with an empty disk, from the topic or from the log alone',
    async () => {
      const first = spawn();
      await countedAll(first);
      await until('a snapshot', () => (first.told?.held[0]?.snapshotBytes ?? 0) > 1_000_000);
      const keys = first.told?.keys as number;
      expect(keys).toBeGreaterThanOrEqual(2 * ADDRESSES);
      await until('it to be in the topic', async () => (await high(TOPICS.windows)) > 20);
      tell('counted', first);
      await first.end('SIGKILL');

      const fromTopic = spawn();
      await countedAll(fromTopic);
      await until('its windows', () => fromTopic.told?.keys === keys);
      tell('restored from the topic', fromTopic);
      const restored = fromTopic.told?.held[0] as PartitionStats;
      expect(restored.restoredObservations).toBeLessThan(ADDRESSES * ATTEMPTS_EACH);
      expect(restored.restoreMs).toBeLessThan(RESTORE_LIMIT_MS);
      await fromTopic.end('SIGKILL');

      await forgetWindows();
      const fromLog = spawn();
      await countedAll(fromLog);
      await until('the same windows', () => fromLog.told?.keys === keys);
      tell('counted again from the log', fromLog);
      expect(fromLog.told?.held[0]?.restoredObservations).toBeGreaterThanOrEqual(ADDRESSES * ATTEMPTS_EACH);
      expect(fromLog.told?.held[0]?.restoreMs).toBeLessThan(RESTORE_LIMIT_MS);
    },
    TEST_TIMEOUT_MS,
  );

  async function forgetWindows(): Promise<void> {
    const client = new kafkajs.Kafka({ brokers: [`127.0.0.1:${kafka.port}`], logLevel: kafkajs.logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    // Kafka deletes no records of a topic that is compacted alone.
    await admin.deleteTopics({ topics: [TOPICS.windows] });
    await until('the topic to be gone', async () => !(await admin.listTopics()).includes(TOPICS.windows));
    await admin.disconnect();
    await bus.close();
    bus = await createKafkaBus({ brokers: [`127.0.0.1:${kafka.port}`], clientId: 'test' });
    await bus.declare(countingSpecs(1, 20 * DAY_MS));
  }
});

function observationOf(n: number): OutRecord {
  const address = n % ADDRESSES;
  const ip = `198.${18 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}`;
  const timeMs = T + Math.floor(n / ADDRESSES) * 1_000;
  const observation: Observation = {
    ...{ rules: ['fast-brute-force', 'slow-grind'], step: 'count', key: `default\x1fhandshake\x1f${ip}` },
    ...{ fields: { 'source.ip': ip }, timeMs, ingestedMs: timeMs, attemptId: n.toString(16).padStart(12, '0') },
    ...{ address: ip, account: 'root', host: `web-${n % 50}`, tenant: 'default', evidence: 'handshake' },
  };
  return { key: ip, value: Buffer.from(JSON.stringify(observation)) };
}
