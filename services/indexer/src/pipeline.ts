import {
  type Batch,
  type Bus,
  decodeEvent,
  EVENT_TOPICS,
  type EventStore,
  type FleetEvent,
  type OutRecord,
  type Subscription,
  TOPICS,
} from '@fleetwall/core';

export interface IndexerOptions {
  bus: Bus;
  store: EventStore;
  onError: (error: unknown) => void;
}

export interface IndexerStats {
  created: number;
  duplicates: number;
  deadLetters: number;
}

/** consume -> store -> commit. What the store will never take goes to the dead letters with its reason. */
export class IndexerPipeline {
  readonly stats: IndexerStats = { created: 0, duplicates: 0, deadLetters: 0 };
  readonly #options: IndexerOptions;
  #subscription: Subscription | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { bus, onError } = this.#options;
    this.#subscription = await bus.consume({
      group: 'fleetwall-indexer',
      topics: [...EVENT_TOPICS],
      maxBatch: 2_000,
      onBatch: (batch) => this.#index(batch),
      onError,
    });
  }

  async stop(): Promise<void> {
    await this.#subscription?.stop();
  }

  async #index(batch: Batch): Promise<void> {
    const events: FleetEvent[] = [];
    const letters: OutRecord[] = [];
    for (const { value, key, offset } of batch.records) {
      try {
        events.push(decodeEvent(value.toString('utf8')));
      } catch (error) {
        letters.push(
          deadLetter(key, value, `${batch.topic}/${batch.partition}/${offset}: ${(error as Error).message}`),
        );
      }
    }
    const { created, duplicates, rejected } = await this.#options.store.bulk(events);
    for (const { event, reason } of rejected) {
      letters.push(deadLetter(event['host.name'], Buffer.from(JSON.stringify(event)), reason));
    }
    if (letters.length > 0) await this.#options.bus.publish(TOPICS.deadLetter, letters);
    this.stats.created += created;
    this.stats.duplicates += duplicates;
    this.stats.deadLetters += letters.length;
  }
}

function deadLetter(key: string, value: Buffer, reason: string): OutRecord {
  return { key, value, headers: { reason } };
}
