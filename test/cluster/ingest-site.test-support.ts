import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CollectorPipeline, FileTail, Spool } from '@fleetwall/collector';
import { type IngestSource, readYamlFiles } from '@fleetwall/config';
import {
  type AlertChange,
  type Bus,
  type BusRecord,
  countingSpecs,
  decodeEvent,
  EVENT_TOPICS,
  type FleetEvent,
  ingestSpecs,
  ingestTopicOf,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { CorrelationPipeline, FileSnapshotStore } from '@fleetwall/correlation-service';
import { loadRules } from '@fleetwall/detection';
import { IngestPipeline } from '@fleetwall/gateway-service';
import type { Uplink } from '@fleetwall/protocol';
import { connectKafkaUplink } from '../../collector/src/uplink/kafka-uplink.js';
import { T } from '../../services/gateway/src/ingest/ingest-records.test-support.js';
import { until } from './until.test-support.js';

const PARTITIONS = 3;
const DAY_MS = 86_400_000;

/** A collector, Filebeat on two hosts, Winlogbeat on one. */
export const SOURCES: IngestSource[] = [
  { principal: 'web-01', format: 'fleetwall', agent: 'agent-01', tenant: 'default', hosts: ['web-01'], zone: 'UTC' },
  {
    ...{ principal: 'filebeat', format: 'beats', agent: 'filebeat', tenant: 'default', zone: 'UTC' },
    hosts: ['web-02', 'web-04'],
  },
  { principal: 'winlogbeat', format: 'beats', agent: 'winlogbeat', tenant: 'default', hosts: ['web-03'], zone: 'UTC' },
];

/** What the events of the samples are taken in at. */
export const clock = () => T + 60_000;

const NO_CONTROL: Uplink = {
  send: () => Promise.reject(new Error('events go over Kafka')),
  onBlocks: () => undefined,
  report: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Everything between shippers and alerts, over buses of the users that `open` is asked for. */
export class IngestSite {
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-ingest-'));
  readonly errors: unknown[] = [];
  readonly gateways: IngestPipeline[] = [];
  #correlation: CorrelationPipeline | undefined;
  #collector: CollectorPipeline | undefined;

  /** @param open answers the bus of a user; `admin` may do everything */
  constructor(
    private readonly admin: Bus,
    private readonly open: (user: string) => Promise<Bus>,
  ) {}

  static declare(bus: Bus): Promise<void> {
    const principals = SOURCES.map(({ principal }) => principal);
    const counting = countingSpecs(PARTITIONS, 20 * DAY_MS);
    return bus.declare([...topicSpecs(PARTITIONS), ...counting, ...ingestSpecs(principals, PARTITIONS)]);
  }

  get log(): string {
    return join(this.directory, 'auth.log');
  }

  async startGateway(): Promise<IngestPipeline> {
    const pipeline = new IngestPipeline({
      bus: await this.open('gateway'),
      clock,
      idKey: Buffer.alloc(32, 3),
      sources: SOURCES,
      onError: (error) => this.errors.push(error),
    });
    await pipeline.start();
    this.gateways.push(pipeline);
    return pipeline;
  }

  async startCorrelation(): Promise<void> {
    this.#correlation = new CorrelationPipeline({
      bus: this.admin,
      clock,
      rules: loadRules(await readYamlFiles('rules')),
      snapshots: new FileSnapshotStore(join(this.directory, 'windows')),
      seed: [1, 2, 3],
      maxWindowBytes: 256 << 20,
      snapshotEveryMs: 3_600_000,
      onError: (error) => this.errors.push(error),
      onNotice: () => undefined,
    });
    await this.#correlation.start();
  }

  /** A collector of web-01 that reads {@link log} and writes to Kafka. */
  async startCollector(): Promise<void> {
    writeFileSync(this.log, '');
    const onError = (error: unknown) => this.errors.push(error);
    const uplink = await connectKafkaUplink({
      ...{ principal: 'web-01', host: 'web-01', control: NO_CONTROL, onTooLarge: onError },
      bus: await this.open('web-01'),
    });
    const spool = await Spool.open({
      ...{ directory: join(this.directory, 'spool'), maxBytes: 1 << 26, maxAgeMs: DAY_MS },
      onReport: () => undefined,
    });
    this.#collector = new CollectorPipeline({
      ...{
        agentId: 'agent-01',
        seed: [1, 2, 3],
        host: 'web-01',
        zone: 'UTC',
        spool,
        uplink,
        clock,
        onError,
        maxCpuShare: 1,
      },
      inputs: [new FileTail({ paths: [this.log] })],
    });
    await this.#collector.start();
  }

  append(line: string): void {
    appendFileSync(this.log, `${line}\n`);
  }

  /** As a shipper writes: by its own user, under the name of its host. */
  async write(user: string, key: string, ...records: object[]): Promise<void> {
    const bus = await this.open(user);
    const values = records.map((record) => (Buffer.isBuffer(record) ? record : Buffer.from(JSON.stringify(record))));
    await bus.publish(
      ingestTopicOf(user),
      values.map((value) => ({ key, value })),
    );
  }

  /** Until the gateways have taken over so many records, and every event is counted. */
  async settled(records: number): Promise<void> {
    const taken = () => this.gateways.reduce((sum, { stats }) => sum + stats.records, 0);
    await until(`${records} records, ${this.errors.map(String)}`, () => taken() >= records);
    const count = (await this.events()).length;
    await until('the events', () => (this.#correlation?.stats.events ?? count) >= count);
  }

  async records(topic: string): Promise<BusRecord[]> {
    const records: BusRecord[] = [];
    const follower = await this.admin.follow({ topic, onRecord: (record) => void records.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return records;
  }

  async events(): Promise<FleetEvent[]> {
    const all = await Promise.all(EVENT_TOPICS.map((topic) => this.records(topic)));
    return all.flat().map(({ value }) => decodeEvent(`${value}`));
  }

  /** By alert, its last version. */
  async alerts(): Promise<AlertChange[]> {
    const last = new Map<string, AlertChange>();
    for (const { value } of await this.records(TOPICS.alerts)) {
      const change = JSON.parse(`${value}`) as AlertChange;
      if (change.version > (last.get(change.id)?.version ?? 0)) last.set(change.id, change);
    }
    return [...last.values()];
  }

  async stop(): Promise<void> {
    await this.#collector?.stop();
    for (const gateway of this.gateways) await gateway.stop();
    await this.#correlation?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
