import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Block, type Bus, type DecisionStore, EVENT_TOPICS, TOPICS } from '@fleetwall/core';
import { createElasticsearchDecisionStore, createElasticsearchEventStore } from '@fleetwall/elasticsearch';
import { createKafkaBus } from '@fleetwall/kafka';
import kafkajs, { type Admin } from 'kafkajs';
import { LocalCluster, type ServiceName, type ServiceProcess } from '../../scripts/local-cluster.mjs';
import { type Unnamed, unnamedBy } from './names.js';
import { type Outcome, outcomeOf } from './outcome.js';

/** Who reads what, by consumer group. */
const GROUPS: Record<string, readonly string[]> = {
  'fleetwall-match': EVENT_TOPICS,
  'fleetwall-count': [TOPICS.observations],
  'fleetwall-response': [TOPICS.alerts],
  'fleetwall-indexer': EVENT_TOPICS,
  'fleetwall-indexer-decisions': [TOPICS.alerts, TOPICS.blocks],
};
const COUNTS = { gateway: 3, correlation: 3, response: 2, indexer: 2 };
const SERVICES: ServiceName[] = ['gateway', 'correlation', 'response', 'indexer', 'collector'];
const EVENT_INDICES = ['fleetwall-security-*', 'fleetwall-firewall-*', 'fleetwall-antivirus-*'].join();

/** A whole cluster with three gateways and a collector for each host, and what is stored and told in it. */
export class Site {
  /** When each target's block was told of, monotonic milliseconds. */
  readonly blockedAtMs = new Map<string, number>();
  readonly cluster: LocalCluster;
  readonly bus: Bus;
  /** Accounts as the gateways mask them. */
  readonly unnamed: Unnamed;
  readonly #admin: Admin;
  readonly #stops: (() => Promise<unknown>)[] = [];

  /** @param hosts their names; files of logs are `<directory>/<host>.log` and exist */
  static async start(directory: string, hosts: readonly string[]): Promise<Site> {
    const env = {
      FLEETWALL_KAFKA_SESSION_TIMEOUT_MS: '6000',
      FLEETWALL_WINDOWS_SNAPSHOT_SECONDS: '10',
    };
    const own = join(directory, 'cluster');
    mkdirSync(own);
    const cluster = await LocalCluster.start({ directory: own, env });
    try {
      await cluster.startServices(COUNTS);
      for (const gateway of cluster.of('gateway')) keepPort(gateway);
      const collectors = hosts.map((host, i) =>
        cluster.collector({
          host,
          gateway: cluster.of('gateway')[i % COUNTS.gateway] as ServiceProcess,
          env: { FLEETWALL_COLLECTOR_FILES: logOf(directory, host) },
        }),
      );
      for (const collector of collectors) await collector.start();
      const bus = await createKafkaBus({ brokers: [`127.0.0.1:${cluster.kafka.port}`], clientId: 'chaos' });
      const site = new Site(cluster, bus);
      await site.#watch();
      return site;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private constructor(cluster: LocalCluster, bus: Bus) {
    this.cluster = cluster;
    this.bus = bus;
    this.unnamed = unnamedBy(cluster.nameKey);
    const brokers = [`127.0.0.1:${cluster.kafka.port}`];
    this.#admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  }

  async #watch(): Promise<void> {
    await this.#admin.connect();
    this.#stops.push(
      () => this.#admin.disconnect(),
      () => this.bus.close(),
    );
    await this.bus.follow({
      topic: TOPICS.blocks,
      onRecord: ({ value }) => {
        const { target, state } = JSON.parse(`${value}` || '{}') as Partial<Block>;
        if (target === undefined || state !== 'active' || this.blockedAtMs.has(target)) return;
        this.blockedAtMs.set(target, performance.now());
      },
    });
  }

  /** What each group has still to read, by name; those with nothing are left out. */
  async lags(): Promise<Record<string, number>> {
    const lags: Record<string, number> = {};
    for (const [groupId, topics] of Object.entries(GROUPS)) {
      for (const { topic, partitions } of await this.#admin.fetchOffsets({ groupId, topics: [...topics] })) {
        for (const { partition, high } of await this.bus.ranges(topic)) {
          const read = Number(partitions.find((each) => each.partition === partition)?.offset ?? 0);
          const lag = high - Math.max(0, read);
          if (lag > 0) lags[groupId] = (lags[groupId] ?? 0) + lag;
        }
      }
    }
    return lags;
  }

  /** Stored events with this source address; all of them without one. */
  async countEvents(address?: string): Promise<number> {
    await this.cluster.search(`${EVENT_INDICES}/_refresh`);
    const query = address === undefined ? { match_all: {} } : { term: { 'source.ip': address } };
    const { count } = await this.cluster.search(`${EVENT_INDICES}/_count`, { query });
    return count;
  }

  /** Every stored event: its line with accounts masked, and its id. */
  async storedEvents(): Promise<{ lines: string[]; ids: string[] }> {
    const store = await createElasticsearchEventStore({ nodes: [this.cluster.elasticsearch.url], replicas: 0 });
    const found = { lines: [] as string[], ids: [] as string[] };
    const range = { fromMs: 0, toMs: Date.now() + 86_400_000 };
    try {
      for await (const event of store.scan({ query: { type: 'all' }, range, order: 'oldest' })) {
        found.ids.push(event['event.id'] as string);
        found.lines.push(this.unnamed(event['event.original']));
      }
    } finally {
      await store.close();
    }
    return found;
  }

  /** What Elasticsearch says of alerts and blocks. */
  async storedOutcome(): Promise<Outcome> {
    const store = await createElasticsearchDecisionStore({ nodes: [this.cluster.elasticsearch.url] });
    try {
      return outcomeOf(await allAlerts(store), await allBlocks(store), this.unnamed);
    } finally {
      await store.close();
    }
  }

  async deadLetters(): Promise<number> {
    const ranges = await this.bus.ranges(TOPICS.deadLetter);
    return ranges.reduce((sum, { high }) => sum + high, 0);
  }

  /** Ends everything; the end of what each process said of itself stays in its home. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop().catch(() => undefined);
    await this.cluster.stop();
    for (const kind of SERVICES) {
      for (const { home, output } of this.cluster.of(kind)) writeFileSync(join(home, 'stderr.log'), output);
    }
  }
}

export function logOf(directory: string, host: string): string {
  return join(directory, `${host}.log`);
}

/** A directory for a run, and how to remove it. */
export function newDirectory(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-chaos-'));
  // Elasticsearch runs as another user, when this one is root, and has its data below.
  chmodSync(directory, 0o711);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Started again, it listens where its collectors look for it. */
function keepPort(gateway: ServiceProcess): void {
  gateway.env['FLEETWALL_GATEWAY_PORT'] = String(gateway.told.gateway?.port);
}

type StoredAlerts = Awaited<ReturnType<DecisionStore['alerts']>>['alerts'];

async function allAlerts(store: DecisionStore): Promise<StoredAlerts> {
  const all: StoredAlerts = [];
  const range = { fromMs: 0, toMs: Date.now() + 86_400_000, limit: 1_000 };
  let cursor: string | undefined;
  do {
    const page = await store.alerts({ ...range, ...(cursor !== undefined && { cursor }) });
    all.push(...page.alerts);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

async function allBlocks(store: DecisionStore): Promise<Block[]> {
  const all: Block[] = [];
  const range = { fromMs: 0, toMs: Date.now() + 86_400_000, limit: 1_000 };
  let cursor: string | undefined;
  do {
    const page = await store.blocks({ ...range, ...(cursor !== undefined && { cursor }) });
    all.push(...page.blocks);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
