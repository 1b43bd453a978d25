import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYamlFiles } from '@fleetwall/config';
import {
  type AlertChange,
  type Bus,
  countingSpecs,
  encodeEvent,
  type FleetEvent,
  type OutRecord,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import {
  CorrelationPipeline,
  type CorrelationStats,
  FileSnapshotStore,
  type PartitionStats,
} from '@fleetwall/correlation-service';
import { loadRules } from '@fleetwall/detection';
import { createKafkaBus } from '@fleetwall/kafka';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs';
import { whyNoOwnBroker } from '../../libs/adapters/kafka/test/broker.js';
import { type RunningKafka, startKafka } from '../../scripts/kafka.mjs';
import { Child } from './child.test-support.js';
import { corpusEvents, type FoldedAlert, foldChanges } from './corpus.test-support.js';
import { until } from './until.test-support.js';

type Told = CorrelationStats & { held: (PartitionStats & { partition: number })[] };

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 600_000;
const PARTITIONS = 4;
const DAY_MS = 86_400_000;
/** Short, so that the test does not wait long for a silent member to be thrown out. */
const SESSION_TIMEOUT_MS = 5_000;
const BATCH_EVENTS = 500;

const name = whyNoOwnBroker ? `correlation in a group (${whyNoOwnBroker})` : 'correlation in a group';
(whyNoOwnBroker ? describe.skip : describe)(name, () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-cluster-'));
  const events = corpusEvents(11, 0.3);
  const beforeMs = events[0]?.['@timestamp'] as number;
  const afterMs = (events.at(-1)?.['@timestamp'] as number) + 60_000;
  const children: Child<Told>[] = [];
  let kafka: RunningKafka;
  let bus: Bus;
  let admin: Admin;

  const start = async () => {
    const settings = { 'group.min.session.timeout.ms': 1_000 };
    kafka = await startKafka({ directory: join(directory, 'kafka'), settings, ...(kafka && { port: kafka.port }) });
  };
  const spawn = () => {
    const child = new Child<Told>('correlation-process.test-support.ts', {
      name: `instance-${children.length + 1}`,
      brokers: [`127.0.0.1:${kafka.port}`],
      directory,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      beforeMs,
      afterMs,
    });
    children.push(child);
    return child;
  };
  const heldBy = (...owners: Child<Told>[]) =>
    owners.flatMap(({ told }) => told?.held.map(({ partition }) => partition) ?? []).sort();
  const all = [0, 1, 2, 3];
  /** One partition, so that the order of events is that of the single run; they are counted in four. */
  const publish = async (from: number, to: number) => {
    for (let at = from; at < to; at += BATCH_EVENTS) {
      const batch = events.slice(at, Math.min(at + BATCH_EVENTS, to));
      await bus.publish(TOPICS.securityEvents, batch.map(recordOf));
    }
  };
  const isCommitted = async (groupId: string, topic: string) => {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const ranges = await bus.ranges(topic);
    return ranges.every(({ partition, high }) => {
      const offset = offsets?.partitions.find((each) => each.partition === partition)?.offset ?? -1;
      return high === 0 || Number(offset) >= high;
    });
  };
  const settled = () =>
    until('everything to be matched and counted', async () => {
      const matched = await isCommitted('fleetwall-match', TOPICS.securityEvents);
      return matched && (await isCommitted('fleetwall-count', TOPICS.observations));
    });
  const alerts = async () => {
    const changes: AlertChange[] = [];
    const follower = await bus.follow({
      topic: TOPICS.alerts,
      onRecord: ({ value }) => void changes.push(JSON.parse(`${value}`) as AlertChange),
    });
    await follower.caughtUp;
    await follower.stop();
    return foldChanges(changes);
  };

  beforeAll(async () => {
    await start();
    bus = await createKafkaBus({ brokers: [`127.0.0.1:${kafka.port}`], clientId: 'test' });
    await bus.declare([...topicSpecs(PARTITIONS), ...countingSpecs(PARTITIONS, 20 * DAY_MS)]);
    admin = new kafkajs.Kafka({ brokers: [`127.0.0.1:${kafka.port}`], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all(children.map((child) => child.end()));
    await admin.disconnect();
    await bus.close();
    await kafka.stop();
    rmSync(directory, { recursive: true, force: true });
  }, START_TIMEOUT_MS);

  it(
    'E08: killed, paused, joined and with its broker restarted, it tells of the same alerts as one that counts alone',
    async () => {
      const alone = await countAlone(events, directory, beforeMs, afterMs);
      expect(Object.keys(alone).length).toBeGreaterThan(20);
      const step = Math.ceil(events.length / 7);
      const [first, second, third] = [spawn(), spawn(), spawn()];
      const shared = () => [first, second, third].every((child) => heldBy(child).length > 0);
      await until(
        'three to share four partitions',
        () => shared() && heldBy(first, second, third).join() === all.join(),
      );
      await publish(0, step);

      await publish(step, 2 * step);
      await until('some alerts', async () => Object.keys(await alerts()).length > 3);
      await first.end('SIGKILL');
      await until('two to have all', () => heldBy(second, third).join() === all.join());

      await publish(2 * step, 3 * step);
      second.signal('SIGSTOP');
      await until('one to have all', () => heldBy(third).join() === all.join());
      await publish(3 * step, 4 * step);
      await settled();
      second.signal('SIGCONT');
      const fourth = spawn();
      await until(
        'three again',
        () => heldBy(second, third, fourth).join() === all.join() && heldBy(fourth).length > 0,
      );

      await publish(4 * step, 5 * step);
      process.kill(-kafka.pid, 'SIGKILL');
      await kafka.stop();
      await start();
      await publish(5 * step, 6 * step);
      await third.end('SIGTERM');
      await publish(6 * step, events.length);
      await settled();
      writeFileSync(join(directory, 'end'), '');
      const wanted = JSON.stringify(alone);
      const endMs = Date.now() + 30_000;
      while (JSON.stringify(await alerts()) !== wanted && Date.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      expect(await alerts()).toEqual(alone);
      for (const child of children) {
        for (const { restoreMs } of child.told?.held ?? []) expect(restoreMs).toBeLessThan(60_000);
      }
    },
    TEST_TIMEOUT_MS,
  );
});

function recordOf(event: FleetEvent): OutRecord {
  return { key: event['host.name'], value: Buffer.from(encodeEvent(event)), partition: 0 };
}

/** The same events through one instance that nobody disturbs. */
async function countAlone(
  events: readonly FleetEvent[],
  directory: string,
  beforeMs: number,
  afterMs: number,
): Promise<Record<string, FoldedAlert>> {
  const bus = createMemoryBus();
  await bus.declare([...topicSpecs(1), ...countingSpecs(1, 20 * DAY_MS)]);
  let nowMs = beforeMs;
  const pipeline = new CorrelationPipeline({
    bus,
    clock: () => nowMs,
    rules: loadRules(await readYamlFiles('rules')),
    snapshots: new FileSnapshotStore(join(directory, 'alone')),
    seed: [1, 2, 3],
    maxWindowBytes: 256 << 20,
    snapshotEveryMs: 3_600_000,
    onError: (error) => {
      throw error;
    },
    onNotice: () => undefined,
  });
  const changes: AlertChange[] = [];
  const follower = await bus.follow({
    topic: TOPICS.alerts,
    onRecord: ({ value }) => void changes.push(JSON.parse(`${value}`) as AlertChange),
  });
  await pipeline.start();
  await bus.publish(TOPICS.securityEvents, events.map(recordOf));
  await until('all events', () => pipeline.stats.events === events.length);
  const high = async () => (await bus.ranges(TOPICS.observations))[0]?.high;
  await until('all observations', async () => pipeline.partitionStats()[0]?.counted === (await high()));
  nowMs = afterMs;
  // What grew last is told when time passes: by the tick after the next, everything has been.
  for (let ticks = 0, told = -1; ticks < 3; ticks++) {
    if (pipeline.stats.alertChanges !== told) [ticks, told] = [0, pipeline.stats.alertChanges];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await pipeline.stop();
  await follower.stop();
  await bus.close();
  return foldChanges(changes);
}
