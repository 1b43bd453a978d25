import type { IngestSource } from '@fleetwall/config';
import {
  type Assignment,
  type Batch,
  type Bus,
  type BusRecord,
  deadLetterOf,
  eventTopicOf,
  ingestTopicOf,
  type OutRecord,
  type Position,
  type Subscription,
  TOPICS,
} from '@fleetwall/core';
import { UnparsedCounts } from '@fleetwall/sources';
import { foldPositions } from './fold-positions.js';
import { type Outcome, PartitionReader, REFUSALS, type ReaderOptions, type Refusal } from './partition-reader.js';

export interface IngestOptions extends ReaderOptions {
  bus: Bus;
  /** `gateway.ingest` of the configuration; their topics exist (`ingestSpecs` of core). */
  sources: readonly IngestSource[];
  onError: (error: unknown) => void;
}

export interface IngestStats {
  /** Taken over for good: as events, as unparsed, or as dead letters. */
  records: number;
  events: number;
  /** Lines of programs that nothing here reads, several lines in one, other Windows events. */
  unparsed: number;
  deadLetters: number;
  /** Fields that a payload set and only the gateway may. */
  stampedOver: number;
  /** Read again after an assignment, for the memory of logons under way, and not published. */
  folded: number;
}

/**
 * What shippers write to their own topics, to events: consume -> decode -> parse -> mask -> assemble -> stamp (the partition's
 * reader) -> publish -> commit. Any number of gateways share the topics. The log is the state: after an assignment the
 * minutes before the commit are read again in silence, so that attempts have the same ids whoever reads them.
 */
export class IngestPipeline {
  readonly stats: IngestStats = { records: 0, events: 0, unparsed: 0, deadLetters: 0, stampedOver: 0, folded: 0 };
  /** Dead letters by reason. */
  readonly refused = Object.fromEntries(REFUSALS.map((refusal) => [refusal, 0])) as Record<Refusal, number>;
  readonly unparsed = new UnparsedCounts();
  readonly #options: IngestOptions;
  readonly #sources: ReadonlyMap<string, IngestSource>;
  readonly #partitions = new Map<string, { reader: PartitionReader; committed: number }>();
  #subscription: Subscription | undefined;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#sources = new Map(options.sources.map((source) => [ingestTopicOf(source.principal), source]));
  }

  async start(): Promise<void> {
    if (this.#sources.size === 0) return;
    const { bus, onError } = this.#options;
    this.#subscription = await bus.consume({
      group: 'fleetwall-ingest',
      topics: [...this.#sources.keys()],
      maxBatch: 1_000,
      onAssigned: (assignments) => this.#assign(assignments),
      onRevoked: async (partitions) => {
        for (const { topic, partition } of partitions) this.#partitions.delete(nameOf(topic, partition));
      },
      onBatch: (batch) => this.#take(batch),
      onError,
    });
  }

  /** Finishes the batch under way and commits. */
  async stop(): Promise<void> {
    await this.#subscription?.stop();
  }

  async #assign(assignments: Assignment[]): Promise<Position[]> {
    for (const { topic, partition, committed } of assignments) {
      const reader = new PartitionReader(this.#sources.get(topic) as IngestSource, this.#options);
      this.#partitions.set(nameOf(topic, partition), { reader, committed });
    }
    return foldPositions(this.#options.bus, assignments);
  }

  async #take({ topic, partition, records }: Batch): Promise<void> {
    const held = this.#partitions.get(nameOf(topic, partition));
    if (!held) throw new Error(`partition ${partition} of ${topic} is not assigned`);
    const read = records.map((record) => ({ record, outcome: held.reader.read(record) }));
    const fresh = read.filter(({ record }) => record.offset >= held.committed);
    await this.#publish(fresh);
    held.reader.published();
    this.stats.folded += read.length - fresh.length;
    for (const { outcome } of fresh) this.#count(outcome);
  }

  async #publish(read: readonly { record: BusRecord; outcome: Outcome }[]): Promise<void> {
    const byTopic = new Map<string, OutRecord[]>();
    const add = (topic: string, record: OutRecord) => {
      const records = byTopic.get(topic);
      if (records) records.push(record);
      else byTopic.set(topic, [record]);
    };
    for (const { record, outcome } of read) {
      if ('refusal' in outcome) add(TOPICS.deadLetter, deadLetterOf(record, outcome.reason));
      else if ('event' in outcome)
        add(eventTopicOf(outcome.event), { key: outcome.event['host.name'], value: outcome.json });
    }
    await Promise.all([...byTopic].map(([topic, records]) => this.#options.bus.publish(topic, records)));
  }

  #count(outcome: Outcome): void {
    this.stats.records++;
    if ('refusal' in outcome) {
      this.stats.deadLetters++;
      this.refused[outcome.refusal]++;
    } else if ('event' in outcome) {
      this.stats.events++;
      this.stats.stampedOver += outcome.stampedOver;
    } else {
      this.stats.unparsed++;
      this.unparsed.add(outcome);
    }
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
