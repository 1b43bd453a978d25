import { coreError, type TopicSpec } from '@fleetwall/core';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { rootOf } from './errors.js';

const LEADER_TIMEOUT_MS = 30_000;
const LEADER_POLL_MS = 50;
/** Three copies, as is usual, or as many as there are brokers; then one broker may be away without stopping writes. */
const MOST_REPLICAS = 3;

/** The segment that is being written is never compacted, and whoever starts reads all of it. */
const COMPACTED_SEGMENT_BYTES = 128 << 20;

export interface TopicInfo {
  partitions: number;
  compacted: boolean;
}

/** What is known of topics. Partition counts and compaction are fixed at creation, so they are asked once. */
export class TopicCatalogue {
  private readonly known = new Map<string, TopicInfo>();

  constructor(
    private readonly admin: Admin,
    private readonly replicationFactor: number | undefined,
  ) {}

  /** Throws BUS_TOPIC_UNKNOWN. */
  async get(topic: string): Promise<TopicInfo> {
    const known = this.known.get(topic);
    if (known) return known;
    if (!(await this.admin.listTopics()).includes(topic)) throw coreError('BUS_TOPIC_UNKNOWN', { topic });
    const [partitions, policy] = await Promise.all([this.partitions(topic), this.setting(topic, 'cleanup.policy')]);
    const info = { partitions, compacted: policy?.includes('compact') ?? false };
    this.known.set(topic, info);
    return info;
  }

  /**
   * Creates what is missing; other settings of an existing topic stay as they are, for they are the operator's. Throws
   * BUS_TOPIC_MISMATCH, BUS_RETENTION_TOO_SHORT.
   */
  async declare(specs: readonly TopicSpec[]): Promise<void> {
    const existing = new Set(await this.admin.listTopics());
    const missing = specs.filter((spec) => !existing.has(spec.name));
    // False means that another process was faster with all of them; the counts below tell whether it agrees.
    if (missing.length > 0) await this.create(missing);
    for (const spec of specs) {
      const { name, partitions, compacted = false } = spec;
      const actual = await this.partitions(name);
      if (actual !== partitions) {
        throw coreError('BUS_TOPIC_MISMATCH', { topic: name, actual, expected: partitions });
      }
      if (spec.isRetentionNeeded) await this.refuseShorter(spec);
      this.known.set(name, { partitions, compacted });
    }
  }

  /** Absent, retention is for good: -1 at the broker. */
  private async refuseShorter({ name, retentionMs = Number.POSITIVE_INFINITY }: TopicSpec): Promise<void> {
    const setting = Number(await this.setting(name, 'retention.ms'));
    const actualMs = setting < 0 ? Number.POSITIVE_INFINITY : setting;
    if (actualMs >= retentionMs) return;
    throw coreError('BUS_RETENTION_TOO_SHORT', { topic: name, actualMs, neededMs: retentionMs });
  }

  private async setting(topic: string, name: string): Promise<string | undefined> {
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
    });
    return resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue;
  }

  private async create(specs: readonly TopicSpec[]): Promise<void> {
    const { brokers } = await this.admin.describeCluster();
    const replicas = this.replicationFactor ?? Math.min(MOST_REPLICAS, brokers.length);
    // kafkajs would wait for leaders, but takes "unknown topic", which KRaft answers for a moment, as final.
    await this.admin.createTopics({ topics: specs.map((spec) => topicConfig(spec, replicas)), waitForLeaders: false });
  }

  /** The partition count, once every partition of a topic that exists has a leader. */
  private async partitions(topic: string): Promise<number> {
    const endMs = Date.now() + LEADER_TIMEOUT_MS;
    for (;;) {
      try {
        const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
        const partitions = topics[0]?.partitions ?? [];
        if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return partitions.length;
      } catch (error) {
        const transient = /UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE/.test(rootOf(error).type ?? '');
        if (!transient || Date.now() > endMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, LEADER_POLL_MS));
    }
  }
}

function topicConfig(spec: TopicSpec, replicas: number): ITopicConfig {
  const settings = {
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': String(replicas >= MOST_REPLICAS ? 2 : 1),
    'cleanup.policy': spec.compacted ? (spec.retentionMs === undefined ? 'compact' : 'compact,delete') : 'delete',
    'retention.ms': String(spec.retentionMs ?? -1),
    ...(spec.compacted && { 'segment.bytes': String(COMPACTED_SEGMENT_BYTES) }),
  };
  return {
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}
