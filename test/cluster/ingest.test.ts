import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, type FleetEvent, FleetwallError, ingestTopicOf, TOPICS } from '@fleetwall/core';
import { createKafkaBus } from '@fleetwall/kafka';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs';
import { connectKafkaUplink } from '../../collector/src/uplink/kafka-uplink.js';
import { whyNoOwnBroker } from '../../libs/adapters/kafka/test/broker.js';
import { aclsOfService, aclsOfShipper } from '../../libs/adapters/kafka/test/rights.js';
import { type SecureBroker, startSecureBroker, whyNoTls } from '../../libs/adapters/kafka/test/secure-broker.js';
import {
  filebeatRecord,
  R,
  T,
  V,
  winlogbeatRecord,
} from '../../services/gateway/src/ingest/ingest-records.test-support.js';
import { Child } from './child.test-support.js';
import { clock, IngestSite, SOURCES } from './ingest-site.test-support.js';
import { until } from './until.test-support.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const PASSWORD = 'of a test only';
const USERS = ['fleetwall-gateway', 'web-01', 'filebeat', 'winlogbeat'];

const failed = (pid: number, user = 'root') => `sshd[${pid}]: Failed password for ${user} from ${R} port 4022 ssh2`;

/** Five tries by one address: two in a file that a collector reads, two by way of Filebeat, one by Winlogbeat. */
async function attackThreeHosts(site: IngestSite): Promise<void> {
  await site.startCorrelation();
  await site.startGateway();
  await site.startCollector();
  site.append(`${new Date(T).toISOString()} web-01 ${failed(1)}`);
  site.append(`${new Date(T + 1_000).toISOString()} web-01 ${failed(2, 'invalid user admin')}`);
  const lines = [
    filebeatRecord(2, `sshd[7]: Invalid user oracle from ${R} port 4022`),
    filebeatRecord(3, failed(7, 'invalid user oracle')),
    filebeatRecord(4, failed(8), { source: { ip: V }, fleetwall: { evidence: 'spoofable' } }),
  ];
  // Filebeat starts again and is not sure of what it has sent.
  await site.write('filebeat', 'web-02', ...lines, ...lines);
  await site.write('winlogbeat', 'WEB-03', winlogbeatRecord(5, 'Administrator', `::ffff:${R}`));
  await site.settled(9);
}

async function expectOneAlert(site: IngestSite): Promise<void> {
  const fired = async (rule: string) => (await site.alerts()).filter((alert) => alert.rule === rule);
  await until('the alert', async () => (await fired('fast-brute-force')).length > 0, 20_000);
  for (const rule of ['fast-brute-force', 'slow-grind']) {
    const alerts = await fired(rule);
    expect(alerts.map(({ key, count, evidenceClass }) => ({ key, count, evidenceClass }))).toEqual([
      { key: { 'source.ip': R }, count: 5, evidenceClass: 'handshake' },
    ]);
    expect([...(alerts[0]?.hosts ?? [])].sort()).toEqual(['web-01', 'web-02', 'web-03']);
  }
  expect(JSON.stringify(await site.alerts())).not.toContain(V);
  const agents = new Set((await site.events()).map((event) => `${event['agent.id']} ${event['host.id']}`));
  expect(agents).toEqual(new Set(['agent-01 web-01', 'filebeat web-02', 'winlogbeat web-03']));
  expect(await site.records(TOPICS.deadLetter)).toEqual([]);
  // A broker that has only just started may still be loading what it knows of a group.
  expect(site.errors.filter((error) => !(error instanceof FleetwallError && error.retryable))).toEqual([]);
}

describe('one attack over three hosts, told of by a collector, Filebeat and Winlogbeat', () => {
  it('is one alert (in memory)', async () => {
    const bus = createMemoryBus();
    await IngestSite.declare(bus);
    const site = new IngestSite(bus, async () => bus);
    await attackThreeHosts(site);
    await expectOneAlert(site);
    await site.stop();
    await bus.close();
  });
});

const whyNot = whyNoOwnBroker ?? whyNoTls;
const name = whyNot ? `ingest over Kafka with users and rights (${whyNot})` : 'ingest over Kafka with users and rights';
(whyNot ? describe.skip : describe)(name, () => {
  const buses = new Map<string, Promise<Bus>>();
  let broker: SecureBroker;
  let admin: Bus;
  let rights: Admin;
  let site: IngestSite;

  const connection = (user: string) => ({
    brokers: [broker.secure],
    clientId: user,
    ssl: { ca: broker.ca },
    sasl: { mechanism: 'plain' as const, username: user, password: PASSWORD },
    sessionTimeoutMs: 6_000,
  });
  /** One of each user, but for gateways: each has its own. */
  const open = (user: string) => {
    const isGateway = user === 'gateway';
    const username = isGateway ? 'fleetwall-gateway' : user;
    const key = isGateway ? `gateway-${buses.size}` : user;
    const bus = buses.get(key) ?? createKafkaBus(connection(username));
    buses.set(key, bus);
    return bus;
  };
  const newSite = () => {
    site = new IngestSite(admin, open);
    return site;
  };

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-ingest-kafka-'));
    const passwords = Object.fromEntries(USERS.map((user) => [user, PASSWORD]));
    broker = await startSecureBroker(directory, passwords, 'fleetwall-gateway');
    admin = await createKafkaBus({ brokers: [broker.plain], clientId: 'test' });
    await IngestSite.declare(admin);
    rights = new kafkajs.Kafka({ brokers: [broker.plain], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await rights.connect();
    const group = (operation: number) => ({
      principal: 'User:fleetwall-gateway',
      host: '*',
      resourceType: kafkajs.AclResourceTypes.GROUP,
      resourceName: 'fleetwall-ingest',
      resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
      operation,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    });
    const { READ, DESCRIBE } = kafkajs.AclOperationTypes;
    const shippers = SOURCES.flatMap(({ principal }) => aclsOfShipper(principal));
    await rights.createAcls({
      acl: [...aclsOfService('fleetwall-gateway'), group(READ), group(DESCRIBE), ...shippers],
    });
  }, START_TIMEOUT_MS);
  afterEach(() => site?.stop());
  afterAll(async () => {
    await Promise.all([...buses.values()].map(async (bus) => (await bus).close()));
    await rights?.disconnect();
    await admin?.close();
    await broker?.stop();
  }, START_TIMEOUT_MS);

  it(
    'one attack over three hosts is one alert, with two gateways that share the topics',
    async () => {
      const shared = newSite();
      await shared.startGateway();
      await attackThreeHosts(shared);
      await expectOneAlert(shared);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a gateway killed between publish and commit leaves nothing out and counts nothing twice',
    async () => {
      const own = newSite();
      const host = { host: { name: 'web-04' } };
      const first = await own.startGateway();
      await own.write('filebeat', 'web-04', filebeatRecord(10, `sshd[70]: Invalid user x from ${R} port 4022`, host));
      await until('the first line', () => first.stats.records === 1);
      await first.stop();
      const settings = { brokers: [broker.plain], sources: SOURCES, nowMs: clock() };
      const dying = new Child<{ started: boolean }>('ingest-process.test-support.ts', settings);
      await until('the other gateway', () => dying.told?.started === true);
      const lines = [filebeatRecord(11, failed(70, 'invalid user x'), host), filebeatRecord(12, failed(71), host)];
      await own.write('filebeat', 'web-04', ...lines);
      await until('its death', () => dying.ended);
      expect(dying.process.signalCode).toBe('SIGKILL');
      const ofHost = async () => (await own.events()).filter((event) => event['host.id'] === 'web-04');
      expect(await ofHost()).toHaveLength(3);

      const next = await own.startGateway();
      await until('the lines again', () => next.stats.events === 2);
      const events = await ofHost();
      expect(events).toHaveLength(5);
      const distinct = (field: keyof FleetEvent) => new Set(events.map((event) => event[field])).size;
      expect(distinct('event.id')).toBe(3);
      expect(distinct('fleetwall.attempt.id')).toBe(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'C05, C11: hostile records are dead letters with their bytes, and the stream goes on',
    async () => {
      const own = newSite();
      const gateway = await own.startGateway();
      const topic = ingestTopicOf('filebeat');
      await rights.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: [{ name: 'max.message.bytes', value: '12000000' }],
          },
        ],
      });
      const secure = new kafkajs.Kafka({ ...connection('filebeat'), logLevel: kafkajs.logLevel.NOTHING });
      const producer = secure.producer();
      await producer.connect();
      const hostile = [
        Buffer.alloc(10_000_000, 'x'),
        Buffer.from([0xff, 0x00, 0xfe]),
        Buffer.from(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
        Buffer.from(JSON.stringify({ '@class': 'java.lang.Runtime', host: { name: 'web-04' } })),
        Buffer.from(JSON.stringify(filebeatRecord(20, failed(80), { host: { name: 'web-01' } }))),
      ];
      const good = Buffer.from(JSON.stringify(filebeatRecord(21, failed(81), { host: { name: 'web-02' } })));
      for (const value of [...hostile, null, good]) {
        await producer.send({ topic, messages: [{ key: null, value, partition: 0 }] });
      }
      await producer.disconnect();
      await until('all of them', () => gateway.stats.records >= 7);
      expect(gateway.stats).toMatchObject({ events: 1, deadLetters: 6 });
      expect(gateway.refused).toMatchObject({ 'too-large': 1, 'not-json': 2, 'unknown-host': 2, 'not-an-event': 1 });
      const letters = (await own.records(TOPICS.deadLetter)).slice(-6);
      expect(letters[0]?.value).toHaveLength(1_000_000);
      expect(letters[0]?.headers).toMatchObject({ topic, partition: '0', bytes: '10000000' });
      expect(letters.slice(1, 5).map(({ value }) => value)).toEqual(hostile.slice(1));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'a shipper that has no right to a topic, or names one that is not there, is told what to do',
    async () => {
      newSite();
      const bus = await open('web-01');
      const control = { send: async () => {}, onBlocks: () => {}, report: async () => {}, close: async () => {} };
      const connect = (principal: string) =>
        connectKafkaUplink({ bus, principal, host: 'web-01', control, onTooLarge: () => {} });
      for (const principal of ['filebeat', 'nobody']) {
        await expect(connect(principal)).rejects.toMatchObject({
          code: expect.stringMatching(/^INGEST_TOPIC_(MISSING|DENIED)$/),
          hint: expect.stringContaining('docs/specs/ingest.md'),
        });
      }
      await expect(bus.publish(TOPICS.securityEvents, [{ key: 'x', value: Buffer.from('{}') }])).rejects.toMatchObject({
        code: expect.stringMatching(/^(KAFKA_DENIED|BUS_TOPIC_UNKNOWN)$/),
      });
    },
    TEST_TIMEOUT_MS,
  );
});
