import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BusRecord } from '@fleetwall/core';
import { createKafkaBus } from '@fleetwall/kafka';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { type AclEntry } from 'kafkajs';
import { DASHBOARDS } from '../../deploy/grafana/src/index.mjs';
import { aclsOfService, RIGHTS } from '../../libs/adapters/kafka/test/rights.js';
import { MailSite, partsOf } from '../../services/console/src/notifications/channels/mail-site.test-support.js';
import { filesWith } from '../privacy/files-with.js';
import { freePort, ServersByHand, whatIsMissing } from './by-hand.js';
import { ROOT } from './compose-file.js';
import { readDashboard, readDataSources, searchOf, targetsOf } from './grafana.js';
import { RunningService, until } from './running-service.js';

const ATTACKER = '203.0.113.66';
/** What somebody typed where a name belongs. */
const SECRET = 'Xq7-cluster-hunter';
const SERVICES = ['gateway', 'correlation', 'response', 'indexer', 'console'];
/** Ours, and those of Node that somebody looks at. */
const RECORDED = /^(fleetwall_|process_resident_memory_bytes|process_cpu_seconds_total|nodejs_eventloop_lag_p99)/;
const missing = process.env['FLEETWALL_TEST_REAL'] === '1' ? whatIsMissing() : 'FLEETWALL_TEST_REAL=1';
const run = missing === undefined ? describe : describe.skip;

run(`the processes of docker-compose.yml without Docker (needs ${missing ?? 'what is here'})`, () => {
  const servers = new ServersByHand();
  const mail = new MailSite();
  const processes = new Map<string, RunningService>();
  const log = join(servers.root, 'auth.log');
  const logs = () =>
    [...processes.values()].map(({ name, log: text }) => `--- ${name}\n${text.slice(-2_000)}`).join('\n');

  beforeAll(async () => {
    await servers.start();
    const home = join(servers.root, 'homes', 'console');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'fleetwall.yml'), notificationsTo(await mail.start()));
  }, 240_000);

  afterAll(async () => {
    for (const process of processes.values()) await process.stop();
    await mail.stop();
    await servers.stop();
  }, 120_000);

  it('the set-up of Kafka makes users and rights, however often it runs', () => {
    for (const _ of [1, 2]) expect(servers.setUpKafka()).toMatchObject({ status: 0, stderr: '' });
  }, 300_000);

  it("its rights are those that the Kafka adapter's tests prove to be enough", async () => {
    const expected = Object.keys(RIGHTS).flatMap((name) => aclsOfService(name).map(shown));
    expect((await rightsIn(`127.0.0.1:${servers.localPort}`)).sort()).toEqual([...new Set(expected)].sort());
  }, 30_000);

  it('the set-up of Elasticsearch makes users and roles, however often it runs', () => {
    for (const _ of [1, 2]) expect(servers.setUpElasticsearch()).toMatchObject({ status: 0, stderr: '' });
  }, 60_000);

  it('every service is ready with the variables and the rights that it has there', async () => {
    for (const name of SERVICES) processes.set(name, new RunningService(name, await servers.environmentOf(name)));
    for (const [name, process] of processes) {
      await process.told('started');
      await until(`${name} to be ready`, async () => {
        const { status } = await process.get('/health/ready');
        return status === 200 ? status : undefined;
      });
    }
  }, 120_000);

  it('the health check of the images tells so, and tells of one that is not there', () => {
    const check = (port: string | undefined) => runNode('deploy/images/health.mjs', [], { FLEETWALL_HTTP_PORT: port });
    expect(check(processes.get('gateway')?.httpPort)).toMatchObject({ status: 0, stdout: '' });
    expect(check('1')).toMatchObject({ status: 1, stdout: expect.stringContaining('fetch failed') });
  });

  it('a collector with a token of `fleetwall credential` connects; what it reads becomes an alert and a block', async () => {
    const { port, pin } = await (processes.get('gateway') as RunningService).told('collectors may connect');
    const shown = runNode('deploy/images/demo/gateway-pin.mjs', [`wss://127.0.0.1:${port}`]);
    expect(shown.stdout.trim()).toBe(pin);
    const gatewayHome = join(servers.root, 'homes', 'gateway');
    const made = runNode('cli/dist/main.js', ['credential', '--host', 'demo'], { FLEETWALL_HOME: gatewayHome });
    const token = join(servers.root, 'token');
    writeFileSync(token, made.stdout, { mode: 0o600 });
    writeFileSync(log, '');
    const collector = new RunningService('collector', {
      FLEETWALL_HOME: join(servers.root, 'homes', 'collector'),
      FLEETWALL_HTTP_PORT: String(await freePort()),
      FLEETWALL_FIREWALL: 'dry-run',
      FLEETWALL_COLLECTOR_HOST: 'demo',
      FLEETWALL_COLLECTOR_FILES: log,
      FLEETWALL_COLLECTOR_JOURNALD: 'false',
      FLEETWALL_COLLECTOR_UPLINK_URL: `wss://127.0.0.1:${port}`,
      FLEETWALL_COLLECTOR_UPLINK_TOKEN_FILE: token,
      FLEETWALL_COLLECTOR_UPLINK_PINS: String(pin),
    });
    processes.set('collector', collector);
    await collector.told('started');
    for (let i = 0; i < 12; i++) appendFileSync(log, failure(i));
    const found = await until(
      'a block to be in Elasticsearch',
      async () => {
        const { status, text } = await servers.ask('grafana', 'GET', `fleetwall-blocks/_search?q=target:${ATTACKER}`);
        const hits = status === 200 ? (JSON.parse(text) as { hits: { hits: unknown[] } }).hits.hits : [];
        return hits.length > 0 ? hits : undefined;
      },
      logs,
    );
    expect(found).toHaveLength(1);
  }, 120_000);

  it('a password typed as a name is in no topic, no index, no mail, no file of a service, and in nothing that was said', async () => {
    const told = await until('a mail of the block', async () =>
      mail.mails.some(({ raw }) => partsOf(raw).some(({ text }) => text.includes(ATTACKER))) ? mail.mails : undefined,
    );
    const places = new Map([
      ...(await recordsOf(`127.0.0.1:${servers.localPort}`)),
      ...documentsOf((path) => servers.askAsSuperuser(path)),
      ['mail', told.map(({ raw }) => raw + partsOf(raw).map(({ text }) => text)).join()],
      ['said', [...processes.values()].map(({ log: text }) => text).join()],
    ]);
    const having = (text: string) => [...places].filter(([, all]) => all.includes(text)).map(([place]) => place);
    expect(having(SECRET)).toEqual([]);
    expect(having(ATTACKER)).toEqual(
      expect.arrayContaining([
        'topic fleetwall.events.security',
        'topic fleetwall.blocks',
        'index fleetwall-blocks',
        'mail',
      ]),
    );
    const homes = join(servers.root, 'homes');
    expect(filesWith(homes, new RegExp(SECRET))).toEqual([]);
    expect(filesWith(homes, new RegExp(ATTACKER)).length).toBeGreaterThan(0);
  }, 90_000);

  it('metrics are those that dashboards and alert rules may ask for (else: UPDATE_GOLDEN=1)', async () => {
    const file = join(ROOT, 'test/deploy/exposed-metrics.json');
    const exposed: Record<string, string[]> = {};
    for (const [name, process] of processes) {
      const names = [...(await process.metrics()).keys()].map((metric) => metric.replace(/\{.*/, ''));
      exposed[name] = [...new Set(names)].filter((metric) => RECORDED.test(metric)).sort();
    }
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${JSON.stringify(exposed, null, 2)}\n`);
    expect(exposed).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  }, 60_000);

  it('dashboards ask Elasticsearch what it can answer, as the user of Grafana', async () => {
    const indices = new Map(readDataSources().map(({ uid, jsonData }) => [uid, jsonData.index]));
    const targets = Object.keys(DASHBOARDS).flatMap((name) => targetsOf(readDashboard(name)));
    for (const target of targets.filter(({ query }) => query !== undefined)) {
      const isAnswered = target.query?.includes('success') ? (hits: number) => hits === 0 : (hits: number) => hits > 0;
      await until(
        `an answer to ${target.query} of ${target.datasource.uid}`,
        async () => {
          const nowMs = Date.now();
          const head = { index: indices.get(target.datasource.uid)?.split(','), ignore_unavailable: true };
          const search = searchOf(target, nowMs - 3_600_000, nowMs + 60_000);
          const { text } = await servers.ask(
            'grafana',
            'POST',
            '_msearch',
            `${JSON.stringify(head)}\n${JSON.stringify(search)}\n`,
          );
          const [answer] = (JSON.parse(text) as { responses: SearchAnswer[] }).responses;
          if (answer?.status !== 200) throw new Error(`${JSON.stringify(target)}: ${text}`);
          const hasValues = Object.values(answer.aggregations).every(({ buckets }) => buckets.length > 0);
          return isAnswered(answer.hits.total.value) && (hasValues || answer.hits.total.value === 0)
            ? answer
            : undefined;
        },
        logs,
      );
    }
  }, 120_000);

  it('the first administrator signs in at the console, sees the block, lifts it, and erases the address', async () => {
    const console_ = processes.get('console') as RunningService;
    const token = readFileSync(join(servers.root, 'homes', 'console', 'console-setup'), 'utf8').trim();
    const api = (method: string, path: string, cookie = '', body?: unknown) =>
      fetch(`http://127.0.0.1:${console_.httpPort}/api/v1${path}`, {
        method,
        headers: { 'x-fleetwall': '1', cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const account = { name: 'first', password: 'a long password for a test' };
    expect((await api('POST', '/setup', '', { token, ...account })).status).toBe(201);
    const signedIn = await api('POST', '/session', '', account);
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const pageOf = async (path: string) => {
      const answer = await api('GET', path, cookie);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      return (await answer.json()) as Record<string, Record<string, unknown>[]>;
    };

    expect((await pageOf('/blocks?state=active'))['blocks']).toMatchObject([{ target: ATTACKER, state: 'active' }]);
    expect((await pageOf('/alerts'))['alerts']?.length).toBeGreaterThan(0);
    expect((await api('DELETE', `/blocks/${ATTACKER}`, cookie)).status).toBe(200);
    await until('the lift in Elasticsearch', async () =>
      (await pageOf('/blocks?state=active'))['blocks']?.length === 0 ? true : undefined,
    );
    const acts = (await pageOf('/audit'))['entries']?.map(({ what }) => what);
    expect(acts).toEqual(expect.arrayContaining(['setUp', 'signIn', 'liftBlock']));

    // Its own failed logons are events of the product.
    expect((await api('POST', '/session', '', { ...account, password: 'guess' })).status).toBe(401);
    await until('the failed logon among the events', async () => {
      const { events = [] } = await pageOf('/events?query=event.module:console%20AND%20event.outcome:failure');
      return events.length > 0 ? true : undefined;
    });

    const subject = { kind: 'address', value: ATTACKER, reference: 'request 1' };
    const erased = await api('POST', '/erasures', cookie, subject);
    expect(await erased.json()).toMatchObject({ events: 12, blocks: 1 });
    expect((await pageOf(`/events?query=source.ip:${ATTACKER}`))['events']).toEqual([]);
  }, 90_000);

  it('Kafka lets in nobody without a password, and each only as far as its rights', async () => {
    const broker = `127.0.0.1:${servers.kafka.port}`;
    await expect(topicsSeenBy(broker)).rejects.toThrow();
    await expect(topicsSeenBy(broker, 'fleetwall-gateway', 'guess')).rejects.toThrow(/SASL|[Aa]uthentication/);
    const password = readFileSync(servers.secret('kafka-gateway.password'), 'utf8');
    expect(await topicsSeenBy(broker, 'fleetwall-gateway', password)).toContain('fleetwall.blocks');
    await expect(publishAs(broker, 'fleetwall-gateway', password, 'fleetwall.blocks')).rejects.toThrow(/authoriz/i);
  }, 60_000);

  it('Elasticsearch lets each user do what it does, and no more', async () => {
    const refused: [string, string, string, string?][] = [
      ['grafana', 'DELETE', 'fleetwall-blocks'],
      ['grafana', 'POST', 'fleetwall-blocks/_doc', '{}'],
      ['grafana', 'GET', 'fleetwall-registry/_search'],
      ['correlation', 'GET', 'fleetwall-security-*/_search'],
      ['response', 'POST', 'fleetwall-security-2026.01.01/_doc', '{}'],
      ['indexer', 'GET', '_security/user'],
      ['console', 'POST', 'fleetwall-blocks/_doc', '{}'],
    ];
    for (const [user, method, path, body] of refused) {
      const { status, text } = await servers.ask(user, method, path, body);
      // A pattern of which nothing may be seen matches nothing.
      const isEmpty = status === 200 && JSON.parse(text).hits?.total.value === 0;
      expect({ user, path, isRefused: status === 403 || isEmpty }).toEqual({ user, path, isRefused: true });
    }
  }, 60_000);

  it('every service stops when Docker asks it to, within the time it is given', async () => {
    for (const [name, process] of processes) expect({ name, code: await process.stop() }).toEqual({ name, code: 0 });
  }, 150_000);
});

interface SearchAnswer {
  status: number;
  hits: { total: { value: number }; hits: unknown[] };
  aggregations: Record<string, { buckets: unknown[] }>;
}

function runNode(script: string, args: string[], env: Record<string, string | undefined> = {}) {
  const all = { ...process.env, NODE_OPTIONS: '', ...env };
  return spawnSync(process.execPath, [join(ROOT, script), ...args], { env: all, encoding: 'utf8' });
}

function failure(i: number): string {
  const user = i % 2 === 0 ? 'root' : `invalid user ${SECRET}`;
  return `${new Date().toISOString()} demo sshd[${2_000 + i}]: Failed password for ${user} from ${ATTACKER} port ${40_000 + i} ssh2\n`;
}

function notificationsTo(port: number): string {
  return `notifications:
  smtp: { host: 127.0.0.1, port: ${port}, security: none, from: fleetwall@example.org }
  channels:
    - { name: operators, type: mail, to: [ops@example.org], level: low, windowSeconds: 10 }
`;
}

/** All that every index has: ids and documents. */
function documentsOf(ask: (path: string) => string): [place: string, text: string][] {
  const names = (
    JSON.parse(ask('_cat/indices/fleetwall-*?format=json&expand_wildcards=all')) as { index: string }[]
  ).map(({ index }) => index);
  return names.map((name) => {
    const text = ask(`${name}/_search?size=10000`);
    const { hits } = (JSON.parse(text) as SearchAnswer).hits;
    expect({ name, total: hits.length < 10_000 }).toEqual({ name, total: true });
    return [`index ${name}`, text];
  });
}

/** All that every topic has: keys, headers and values. */
async function recordsOf(broker: string): Promise<[place: string, text: string][]> {
  const bus = await createKafkaBus({ brokers: [broker], clientId: 'looking' });
  const found: [string, string][] = [];
  for (const topic of await topicsSeenBy(broker)) {
    const texts: string[] = [];
    const onRecord = ({ key, headers, value }: BusRecord) =>
      void texts.push(key, JSON.stringify(headers), value.toString('latin1'));
    const follower = await bus.follow({ topic, onRecord });
    await follower.caughtUp;
    await follower.stop();
    found.push([`topic ${topic}`, texts.join()]);
  }
  await bus.close();
  return found;
}

function kafkaOf(broker: string, username?: string, password = '') {
  const sasl = username === undefined ? {} : { sasl: { mechanism: 'scram-sha-512' as const, username, password } };
  return new kafkajs.Kafka({
    brokers: [broker],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
    connectionTimeout: 5_000,
    requestTimeout: 5_000,
    ...sasl,
  });
}

/** One entry of an access list in a line. */
function shown(entry: Omit<AclEntry, 'host' | 'permissionType'>): string {
  const { principal, resourceType, resourcePatternType, resourceName, operation } = entry;
  return `${principal} ${resourceType} ${resourcePatternType} ${resourceName} ${operation}`;
}

async function rightsIn(broker: string): Promise<string[]> {
  const admin = kafkaOf(broker).admin();
  try {
    await admin.connect();
    const { resources } = await admin.describeAcls({
      resourceType: kafkajs.AclResourceTypes.ANY,
      resourcePatternType: kafkajs.ResourcePatternTypes.ANY,
      permissionType: kafkajs.AclPermissionTypes.ANY,
      operation: kafkajs.AclOperationTypes.ANY,
    });
    return resources.flatMap(({ acls, resourceType, resourceName, resourcePatternType }) =>
      acls.map((acl) => shown({ ...acl, resourceType, resourceName, resourcePatternType })),
    );
  } finally {
    await admin.disconnect();
  }
}

async function topicsSeenBy(broker: string, username?: string, password?: string): Promise<string[]> {
  const admin = kafkaOf(broker, username, password).admin();
  try {
    await admin.connect();
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

async function publishAs(broker: string, username: string, password: string, topic: string): Promise<void> {
  const producer = kafkaOf(broker, username, password).producer();
  try {
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '{}' }] });
  } finally {
    await producer.disconnect();
  }
}
