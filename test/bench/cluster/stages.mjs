// What `npm run bench:cluster` does to a cluster, step by step; each step answers its figures.
import { execFile, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { createKafkaBus } from '../../../libs/adapters/kafka/dist/index.js';
import { TOPICS } from '../../../libs/core/dist/index.js';
import { LocalCluster } from '../../../scripts/local-cluster.mjs';
import { endsOf, stepsToBlock } from './latency.mjs';
import { cpuSecondsOf, memoryMbOf } from './process-figures.mjs';

export const PARTITIONS = 4;
const HOSTS = 40;
const POLL_MS = 250;
const ATTACKERS_PER_SECOND = 4;
/** What is still on its way when the load ends gets so long to become a block. */
const SETTLE_MS = 3_000;
const PATIENCE_MS = 600_000;
/** Windows are not saved while their cost is measured. */
const NEVER_SECONDS = '3600';
/** How many partitions each service reads when it is the only one: events are three topics, decisions are two. */
const READS = { correlation: 4 * PARTITIONS, indexer: 3 * PARTITIONS + 2, response: 2 };

export class Stages {
  #say;
  #cluster;
  #bus;
  #fleet;
  #services = {};
  /** Processor seconds until a service that has nothing to do is ready. */
  #startCpu = {};

  /** Where CPU profiles go. */
  #profile;

  /** @param {{ say: (text: string) => void, profile?: string }} options `profile`: directory for CPU profiles */
  static async begin({ say, profile }) {
    const stages = new Stages();
    stages.#say = say;
    stages.#profile = profile;
    stages.#cluster = await LocalCluster.start({ partitions: PARTITIONS, onProgress: say });
    try {
      await stages.#prepare();
    } catch (error) {
      await stages.end();
      throw error;
    }
    return stages;
  }

  async end() {
    if (this.#fleet?.connected) this.#fleet.disconnect();
    await this.#bus?.close();
    await this.#cluster.stop();
  }

  get #broker() {
    return `127.0.0.1:${this.#cluster.kafka.port}`;
  }

  async #prepare() {
    const cluster = this.#cluster;
    const names = Array.from({ length: HOSTS }, (_, i) => `web-${i + 1}`);
    const hosts = names.map((host) => ({ host, token: cluster.credential({ agent: host, host, tenant: 'default' }) }));
    this.#say('Starting each service once, for the cost of a start …');
    for (const name of ['gateway', 'correlation', 'response', 'indexer']) {
      this.#services[name] = cluster.service(name, { FLEETWALL_WINDOWS_SNAPSHOT_SECONDS: NEVER_SECONDS });
      const service = this.#services[name];
      if (this.#profile) service.command.splice(1, 0, '--cpu-prof', `--cpu-prof-dir=${join(this.#profile, name)}`);
      await service.start();
      await delay(2_000);
      this.#startCpu[name] = service.cpuSeconds();
      if (name !== 'gateway') await service.stop();
    }
    this.#bus = await createKafkaBus({ brokers: [this.#broker], clientId: 'bench' });
    this.#fleet = fork(fileURLToPath(new URL('fleet.mjs', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { port, pin } = this.#services.gateway.told.gateway;
    await this.#ask('connect', { url: `wss://127.0.0.1:${port}`, pins: [pin], hosts });
  }

  #ask(name, options) {
    return new Promise((resolve, reject) => {
      this.#fleet.once('message', ({ answer, failure }) => (failure ? reject(new Error(failure)) : resolve(answer)));
      this.#fleet.send({ do: name, ...options });
    });
  }

  /** Events of a mix from collectors through the gateway into Kafka. Answers also where they lie. */
  async produce(mix, events) {
    const from = await endsOf(this.#bus, [TOPICS.securityEvents]);
    this.#say(`Sending ${events} events (${mix}) through the gateway …`);
    const gateway = this.#services.gateway;
    const before = { gateway: gateway.cpuSeconds(), kafka: cpuSecondsOf(this.#cluster.kafka.pid) };
    const sent = await this.#ask('send', { events, mix });
    const to = await endsOf(this.#bus, [TOPICS.securityEvents]);
    const ranges = [...to.get(TOPICS.securityEvents)].map(([partition, end]) => ({
      partition,
      from: from.get(TOPICS.securityEvents).get(partition),
      to: end,
    }));
    return {
      ...sent,
      cpuSeconds: gateway.cpuSeconds() - before.gateway,
      kafkaCpuSeconds: cpuSecondsOf(this.#cluster.kafka.pid) - before.kafka,
      memoryMb: gateway.memoryMb(),
      ranges: ranges.filter((range) => range.to > range.from),
    };
  }

  /** kafkajs and JSON.parse alone over the same records. */
  async floor(ranges) {
    this.#say('The floor: kafkajs and JSON.parse alone …');
    const script = fileURLToPath(new URL('floor.mjs', import.meta.url));
    const asked = JSON.stringify({ broker: this.#broker, topic: TOPICS.securityEvents, ranges });
    return JSON.parse((await promisify(execFile)(process.execPath, [script, asked])).stdout);
  }

  /** Starts a service on what has gathered, until nothing is left, and stops it unless `keep`. */
  async drain(name, { keep = false } = {}) {
    this.#say(`${name} works off what has gathered …`);
    const service = this.#services[name];
    const servers = { kafka: this.#cluster.kafka.pid, elasticsearch: this.#cluster.elasticsearch.pid };
    const before = Object.fromEntries(Object.entries(servers).map(([server, pid]) => [server, cpuSecondsOf(pid)]));
    await service.start();
    const startedMs = performance.now();
    await this.#untilIdle(service, name);
    const figures = {
      seconds: (performance.now() - startedMs) / 1_000,
      cpuSeconds: service.cpuSeconds() - this.#startCpu[name],
      memoryMb: service.memoryMb(),
      kafkaCpuSeconds: cpuSecondsOf(servers.kafka) - before.kafka,
      elasticsearchCpuSeconds: cpuSecondsOf(servers.elasticsearch) - before.elasticsearch,
      ...numbersOf(await service.metrics()),
    };
    if (!keep) await service.stop();
    return figures;
  }

  /**
   * Correlation comes back three times: with no snapshot anywhere, killed with one on its disk (it has to wait until the
   * broker misses the dead one), and on an empty disk with one in the topic. Stopping is what saves them.
   */
  async restore() {
    const service = this.#services.correlation;
    await this.#forgetSnapshots(service);
    const log = await this.#restored('with no snapshot', service);
    await service.stop();
    await service.start();
    await this.#untilIdle(service, 'correlation');
    await service.kill();
    const disk = await this.#restored('killed, with a snapshot on its disk', service);
    await service.stop();
    rmSync(service.home, { recursive: true, force: true });
    const topic = await this.#restored('with a snapshot in the topic', service);
    await service.stop();
    return { log, disk, topic };
  }

  async #forgetSnapshots(service) {
    rmSync(service.home, { recursive: true, force: true });
    const admin = new kafkajs.Kafka({ brokers: [this.#broker], logLevel: kafkajs.logLevel.ERROR }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [TOPICS.windows] });
    await admin.disconnect();
  }

  async #restored(how, service) {
    const goneMs = performance.now();
    this.#say(`correlation comes back ${how} …`);
    await service.start();
    await this.#untilIdle(service, 'correlation');
    const metrics = await service.metrics();
    const sum = (name) => valuesOf(metrics, name).reduce((total, value) => total + value, 0);
    return {
      restoreMs: Math.max(...valuesOf(metrics, 'fleetwall_partition_restore_ms')),
      observations: sum('fleetwall_partition_restored_observations'),
      inWindows: sum('fleetwall_partition_counted'),
      snapshotBytes: sum('fleetwall_partition_snapshot_bytes'),
      cpuSeconds: service.cpuSeconds() - this.#startCpu.correlation,
      goneMs: performance.now() - goneMs,
      memoryMb: service.memoryMb(),
    };
  }

  /** All services at work under a steady load, and attackers in it. */
  async latency({ rate, seconds }) {
    for (const name of ['correlation', 'response', 'indexer']) {
      await this.#services[name].start();
      await this.#untilIdle(this.#services[name], name);
    }
    const topics = [TOPICS.securityEvents, TOPICS.observations, TOPICS.alerts, TOPICS.blocks];
    this.#say(`${rate} events/s for ${seconds} s …`);
    const from = await endsOf(this.#bus, topics);
    const before = this.#cpuOfAll();
    const load = { mix: 'mixed', perSecond: rate, seconds, attackersPerSecond: ATTACKERS_PER_SECOND };
    const { events, attackers, lateMs } = await this.#ask('sendAtRate', load);
    const after = this.#cpuOfAll();
    await delay(SETTLE_MS);
    const steps = await stepsToBlock({ bus: this.#bus, topics: TOPICS, from, attackers, threshold: 5 });
    const cpuSeconds = Object.fromEntries(Object.entries(after).map(([name, spent]) => [name, spent - before[name]]));
    return { rate, seconds, events, lateMs, ...steps, cpuSeconds, memoryMb: this.#memoryOfAll() };
  }

  /** Bytes of a record on the broker's disk, and of an event in Elasticsearch once its segments are merged. */
  async sizes() {
    const { directory } = this.#cluster;
    const perRecord = async (topic) => {
      const { stdout } = await promisify(execFile)('sh', [
        '-c',
        `cat ${join(directory, 'kafka/logs', topic)}-*/*.log | wc -c`,
      ]);
      const ends = [...(await endsOf(this.#bus, [topic])).get(topic).values()];
      return Number(stdout) / ends.reduce((sum, end) => sum + end, 0);
    };
    for (const action of ['_forcemerge?max_num_segments=1', '_flush', '_refresh']) {
      await this.#post(`fleetwall-security-*/${action}`);
    }
    const { _all: all } = await this.#cluster.search('fleetwall-security-*/_stats/docs,store');
    const { docs, store } = all.primaries;
    return {
      kafkaBytesPerEvent: await perRecord(TOPICS.securityEvents),
      kafkaBytesPerObservation: await perRecord(TOPICS.observations),
      elasticsearchBytesPerEvent: store.size_in_bytes / docs.count,
    };
  }

  async #post(path) {
    const { url, username, password } = this.#cluster.elasticsearch;
    const authorization = username && `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${url}/${path}`, { method: 'POST', headers: authorization ? { authorization } : {} });
    if (!answer.ok) throw new Error(`Elasticsearch answers ${path} with ${answer.status}: ${await answer.text()}`);
  }

  #cpuOfAll() {
    const own = Object.entries(this.#services).map(([name, service]) => [name, service.cpuSeconds()]);
    const servers = ['kafka', 'elasticsearch'].map((name) => [name, cpuSecondsOf(this.#cluster[name].pid)]);
    return Object.fromEntries([...own, ...servers]);
  }

  #memoryOfAll() {
    const own = Object.entries(this.#services).map(([name, service]) => [name, service.memoryMb()]);
    const servers = ['kafka', 'elasticsearch'].map((name) => [name, memoryMbOf(this.#cluster[name].pid)]);
    return Object.fromEntries([...own, ...servers]);
  }

  /** Twice in a row, since one stage may have filled the next one's topic meanwhile. */
  #untilIdle(service, name) {
    let idle = 0;
    return this.#poll(async () => {
      const lags = valuesOf(await service.metrics(), 'fleetwall_consumer_lag');
      const isIdle = lags.length >= READS[name] && lags.every((lag) => lag === 0);
      idle = isIdle ? idle + 1 : 0;
      return idle >= 2;
    });
  }

  async #poll(isDone) {
    const endMs = performance.now() + PATIENCE_MS;
    while (!(await isDone())) {
      if (performance.now() > endMs) throw new Error(`not done within ${PATIENCE_MS / 1_000} s`);
      await delay(POLL_MS);
    }
  }
}

/** What a stage made of the events. */
function numbersOf(metrics) {
  const names = {
    observations: 'correlation_observations',
    alertChanges: 'correlation_alert_changes',
    blocks: 'blocks_active',
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, name]) => {
      const value = metrics.get(`fleetwall_${name}`);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function valuesOf(metrics, name) {
  return [...metrics].filter(([series]) => series.startsWith(`${name}{`)).map(([, value]) => value);
}
