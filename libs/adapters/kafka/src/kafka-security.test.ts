import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, countingSpecs, ingestSpecs, TOPICS, topicSpecs } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { whyNoOwnBroker } from '../test/broker.js';
import { aclsOfService, aclsOfShipper, RIGHTS } from '../test/rights.js';
import { type SecureBroker, startSecureBroker, whyNoTls } from '../test/secure-broker.js';
import { until } from '../test/until.js';
import { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const SHIPPER = 'acme';
const DENIED = { code: 'KAFKA_DENIED' };
const PASSWORDS = Object.fromEntries([...Object.keys(RIGHTS), SHIPPER].map((user) => [user, `of-${user}`]));
const SPECS = [...topicSpecs(2), ...countingSpecs(2, 3_600_000), ...ingestSpecs([SHIPPER, 'other'], 1)];
const record = { key: 'k', value: Buffer.from('{}') };

const why = whyNoOwnBroker ?? whyNoTls;
const name = why ? `kafka with SASL, TLS and access lists (${why})` : 'kafka with SASL, TLS and access lists';
(why ? describe.skip : describe)(name, () => {
  const buses: Bus[] = [];
  let broker: SecureBroker;

  const open = async (user: string, options: Partial<KafkaBusOptions> = {}) => {
    const bus = await createKafkaBus({
      brokers: [broker.secure],
      clientId: user,
      ssl: { ca: [broker.ca] },
      sasl: { mechanism: 'plain', username: user, password: PASSWORDS[user] as string },
      ...options,
    });
    buses.push(bus);
    return bus;
  };
  const readsOne = async (bus: Bus, group: string, topics: string[], exclusive = false) => {
    const seen = new Set<string>();
    await bus.consume({ group, topics, exclusive, onBatch: async ({ topic }) => void seen.add(topic) });
    await until(`records of ${topics.join(' and ')}`, () => topics.every((topic) => seen.has(topic)));
  };
  const follows = async (bus: Bus, topic: string) => {
    const follower = await bus.follow({ topic, onRecord: () => undefined });
    await follower.caughtUp;
    await follower.stop();
  };

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-kafka-secure-'));
    broker = await startSecureBroker(directory, PASSWORDS, 'fleetwall-gateway');
    const bus = await createKafkaBus({ brokers: [broker.plain], clientId: 'operator' });
    await bus.declare(SPECS);
    for (const { name: topic } of SPECS) await bus.publish(topic, [record]);
    await bus.close();
    const client = new kafkajs.Kafka({ brokers: [broker.plain], logLevel: kafkajs.logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createAcls({ acl: [...Object.keys(RIGHTS).flatMap(aclsOfService), ...aclsOfShipper(SHIPPER)] });
    await admin.disconnect();
  }, START_TIMEOUT_MS);
  afterEach(() => Promise.all(buses.splice(0).map((bus) => bus.close())), TEST_TIMEOUT_MS);
  afterAll(() => broker.stop(), START_TIMEOUT_MS);

  it(
    'a wrong password, a user nobody knows and a certificate nobody signed for are refused',
    async () => {
      const sasl = { mechanism: 'plain' as const, username: SHIPPER, password: 'wrong' };
      await expect(open(SHIPPER, { sasl })).rejects.toMatchObject(DENIED);
      await expect(open(SHIPPER, { sasl: { ...sasl, username: 'nobody' } })).rejects.toMatchObject(DENIED);
      await expect(open(SHIPPER, { ssl: true })).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
      await expect(open(SHIPPER, { ssl: false })).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a shipper writes its own ingest topic, and no events, no topic of others, no blocks; it reads nothing',
    async () => {
      const bus = await open(SHIPPER);
      expect(await bus.publish('fleetwall.ingest.acme', [record])).toHaveLength(1);
      // What one may not even see is not there.
      for (const topic of [TOPICS.securityEvents, TOPICS.blocks, 'fleetwall.ingest.other']) {
        await expect(bus.publish(topic, [record])).rejects.toMatchObject({ code: 'BUS_TOPIC_UNKNOWN' });
      }
      await expect(bus.declare(ingestSpecs(['other'], 1))).rejects.toMatchObject(DENIED);
      const raw = new kafkajs.Kafka({
        brokers: [broker.secure],
        ssl: { ca: [broker.ca] },
        sasl: { mechanism: 'plain', username: SHIPPER, password: PASSWORDS[SHIPPER] as string },
        logLevel: kafkajs.logLevel.NOTHING,
        retry: { retries: 0 },
      });
      const producer = raw.producer();
      await producer.connect();
      const send = (topic: string) => producer.send({ topic, messages: [record] });
      await send('fleetwall.ingest.acme');
      await expect(send(TOPICS.securityEvents)).rejects.toThrow(/not authorized/i);
      await expect(send('fleetwall.ingest.other')).rejects.toThrow(/not authorized/i);
      await producer.disconnect();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'each service does its work with its own rights, and no other service’s',
    async () => {
      const { mechanism, username, password } = {
        ...{ mechanism: 'scram-sha-512' as const, username: 'fleetwall-gateway' },
        password: PASSWORDS['fleetwall-gateway'] as string,
      };
      const gateway = await open('fleetwall-gateway', { sasl: { mechanism, username, password } });
      const correlation = await open('fleetwall-correlation');
      const response = await open('fleetwall-response');
      const indexer = await open('fleetwall-indexer');
      for (const bus of [gateway, correlation, response, indexer]) await bus.declare(SPECS);

      await gateway.publish(TOPICS.securityEvents, [record]);
      await follows(gateway, TOPICS.blocks);
      await readsOne(gateway, 'fleetwall-ingest', ['fleetwall.ingest.acme']);
      await expect(gateway.publish(TOPICS.blocks, [record])).rejects.toMatchObject(DENIED);

      await readsOne(correlation, 'fleetwall-match', [TOPICS.securityEvents]);
      await readsOne(correlation, 'fleetwall-count', [TOPICS.observations]);
      for (const topic of [TOPICS.observations, TOPICS.windows, TOPICS.alerts]) {
        await correlation.publish(topic, [record]);
      }
      await follows(correlation, TOPICS.windows);
      await expect(correlation.publish(TOPICS.securityEvents, [record])).rejects.toMatchObject(DENIED);
      await expect(correlation.publish(TOPICS.blocks, [record])).rejects.toMatchObject(DENIED);

      await readsOne(response, 'fleetwall-response', [TOPICS.alerts, TOPICS.requests], true);
      await response.publish(TOPICS.blocks, [record]);
      await response.publish(TOPICS.audit, [record]);
      await follows(response, TOPICS.blocks);
      await expect(response.publish(TOPICS.alerts, [record])).rejects.toMatchObject(DENIED);

      await readsOne(indexer, 'fleetwall-indexer', [TOPICS.securityEvents]);
      await readsOne(indexer, 'fleetwall-indexer-decisions', [TOPICS.alerts, TOPICS.blocks]);
      await expect(indexer.publish(TOPICS.securityEvents, [record])).rejects.toMatchObject(DENIED);
    },
    TEST_TIMEOUT_MS,
  );
});
