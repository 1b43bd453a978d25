import type { Batch, Bus, ConsumeOptions, Measured, Position } from '@fleetwall/core';

/** No batch takes so long unless something hangs. */
const STUCK_MS = 60_000;

interface Watched extends Position {
  group: string;
  /** When the batch under way began. */
  sinceMs: number | undefined;
}

/** Watches how the consumers of a bus get on: how much each has before it, and whether one hangs. */
export class ConsumerWatch {
  readonly #partitions = new Map<string, Watched>();

  /** The same bus; what is consumed through it is watched. */
  over(bus: Bus): Bus {
    return {
      declare: (topics) => bus.declare(topics),
      publish: (topic, records) => bus.publish(topic, records),
      consume: (options) => bus.consume(this.#watched(options)),
      follow: (options) => bus.follow(options),
      ranges: (topic) => bus.ranges(topic),
      offsetsAt: (topic, timeMs) => bus.offsetsAt(topic, timeMs),
      close: () => bus.close(),
    };
  }

  /** Consumers that hang, in words for people. */
  problems(nowMs = Date.now()): string[] {
    return [...this.#partitions.values()].flatMap(({ group, topic, sinceMs }) => {
      const seconds = Math.floor((nowMs - (sinceMs ?? nowMs)) / 1_000);
      return seconds * 1_000 < STUCK_MS ? [] : [`${group} has been at one batch of ${topic} for ${seconds} s`];
    });
  }

  /** Records that each group has still before it. */
  async lags(bus: Bus): Promise<Measured[]> {
    const measured: Measured[] = [];
    for (const { group, topic, partition, offset } of this.#partitions.values()) {
      const high = (await bus.ranges(topic)).find((range) => range.partition === partition)?.high ?? offset;
      measured.push({
        name: 'fleetwall_consumer_lag',
        help: 'Records that a group of consumers has still before it',
        value: Math.max(0, high - offset),
        labels: { group, topic, partition: String(partition) },
      });
    }
    return measured;
  }

  #watched(options: ConsumeOptions): ConsumeOptions {
    const { group, onAssigned, onRevoked, onBatch } = options;
    return {
      ...options,
      onAssigned: async (assignments) => {
        const positions = await onAssigned?.(assignments);
        for (const { topic, partition, committed } of assignments) {
          this.#partitions.set(keyOf(group, { topic, partition }), {
            group,
            topic,
            partition,
            offset: committed,
            sinceMs: undefined,
          });
        }
        return positions;
      },
      onRevoked: async (partitions) => {
        for (const partition of partitions) this.#partitions.delete(keyOf(group, partition));
        await onRevoked?.(partitions);
      },
      onBatch: (batch) => this.#timed(group, batch, onBatch),
    };
  }

  async #timed(group: string, batch: Batch, onBatch: ConsumeOptions['onBatch']): Promise<void> {
    const watched = this.#partitions.get(keyOf(group, batch));
    if (watched) watched.sinceMs = Date.now();
    try {
      await onBatch(batch);
      if (watched) watched.offset = Math.max(watched.offset, (batch.records.at(-1)?.offset ?? 0) + 1);
    } finally {
      if (watched) watched.sinceMs = undefined;
    }
  }
}

function keyOf(group: string, { topic, partition }: { topic: string; partition: number }): string {
  return `${group} ${topic}/${partition}`;
}
