import type { PartitionRange, Position } from '@fleetwall/core';
import type { Cluster, Kafka } from 'kafkajs';
import { pauseAfterMs } from './backoff.js';
import { createCluster } from './client.js';
import { rootOf } from './errors.js';

/** As long as a leader may take to be elected; each try has kafkajs' own retries besides. */
const PATIENCE_MS = 20_000;

/** Which offset is asked for: the first, the one after the last, or the first at or after a time. */
type Wanted = { fromBeginning: boolean } | { fromTimestamp: number };

/**
 * Asks the leaders of a topic's partitions for offsets. kafkajs' admin does so too, but goes on asking former leaders
 * for up to five minutes.
 */
export class OffsetReader {
  private readonly cluster: Cluster;
  private connected: Promise<void> | undefined;

  constructor(client: Kafka) {
    this.cluster = createCluster(client);
  }

  async ranges(topic: string): Promise<PartitionRange[]> {
    const [low, high] = await Promise.all([
      this.ask(topic, { fromBeginning: true }),
      this.ask(topic, { fromBeginning: false }),
    ]);
    const ranges = [...low].map(([partition, first]) => ({
      topic,
      partition,
      low: first,
      high: high.get(partition) ?? first,
    }));
    return ranges.sort((a, b) => a.partition - b.partition);
  }

  async at(topic: string, timeMs: number): Promise<Position[]> {
    // The ends first, so that a record that comes in between is not jumped over.
    const ranges = await this.ranges(topic);
    const found = await this.ask(topic, { fromTimestamp: timeMs });
    return ranges.map(({ partition, high }) => {
      const offset = found.get(partition) ?? -1;
      return { topic, partition, offset: offset < 0 ? high : offset };
    });
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }

  /** Tries again with fresh metadata while leaders move or a broker restarts. */
  private async ask(topic: string, wanted: Wanted): Promise<Map<number, number>> {
    const endMs = Date.now() + PATIENCE_MS;
    for (let tries = 1; ; tries++) {
      try {
        this.connected ??= this.cluster.connect();
        await this.connected;
        await this.cluster.addTargetTopic(topic);
        if (tries > 1) await this.cluster.refreshMetadata();
        return await offsetsOf(this.cluster, topic, wanted);
      } catch (error) {
        if (!this.cluster.isConnected()) this.connected = undefined;
        if (rootOf(error).retriable === false || Date.now() > endMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseAfterMs(tries)));
      }
    }
  }
}

/** By partition; for all partitions that the cluster knows of the topic. */
export async function offsetsOf(cluster: Cluster, topic: string, wanted: Wanted): Promise<Map<number, number>> {
  const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
  const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, ...wanted } as OffsetQuery]);
  return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
}

type OffsetQuery = Parameters<Cluster['fetchTopicsOffset']>[0][number];
