import { setImmediate } from 'node:timers/promises';
import {
  type Batch,
  BLOCKS_EPOCH_KEY,
  type Bus,
  type BusRecord,
  type DecisionStore,
  deadLetterOf,
  EVENT_TOPICS,
  type EventStore,
  type FleetEvent,
  nameOrigin,
  type Origins,
  type OutRecord,
  type Subscription,
  TOPICS,
} from '@fleetwall/core';
import { type Read, readAlert, readBlock, readEvent } from './records.js';

export interface IndexerOptions {
  bus: Bus;
  store: EventStore;
  /** Where the latest state of alerts and blocks is kept for search; they are not read when absent. */
  decisions?: DecisionStore;
  /** Where sources are from, for search; events are stored as they came when absent. */
  origins?: Pick<Origins, 'of'>;
  onError: (error: unknown) => void;
}

export interface IndexerStats {
  created: number;
  duplicates: number;
  deadLetters: number;
  /** Of the dead letters, those that a tenant's quota kept out. */
  overQuota: number;
  /** Changes of alerts and blocks handed to the store of decisions. */
  alertChanges: number;
  blockChanges: number;
}

/** Events that are read in one go. */
const SLICE = 200;

/** consume -> name -> store -> commit. What the store will never take goes to the dead letters as it came, with its reason. */
export class IndexerPipeline {
  readonly stats: IndexerStats = {
    created: 0,
    duplicates: 0,
    deadLetters: 0,
    overQuota: 0,
    alertChanges: 0,
    blockChanges: 0,
  };
  readonly #options: IndexerOptions;
  #subscriptions: Subscription[] = [];

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { bus, decisions, onError } = this.#options;
    const consume = (group: string, topics: string[], onBatch: (batch: Batch) => Promise<void>) =>
      bus.consume({ group, topics, maxBatch: 2_000, onBatch, onError });
    this.#subscriptions = [await consume('fleetwall-indexer', [...EVENT_TOPICS], (batch) => this.#store(batch))];
    if (!decisions) return;
    // A group of its own: a flood of events does not keep decisions waiting.
    const keep = (batch: Batch) => this.#keep(decisions, batch);
    this.#subscriptions.push(await consume('fleetwall-indexer-decisions', [TOPICS.alerts, TOPICS.blocks], keep));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.stop()));
  }

  async #store({ records }: Batch): Promise<void> {
    const letters: OutRecord[] = [];
    const recordOf = new Map<FleetEvent, BusRecord>();
    const { store, origins } = this.#options;
    for (let at = 0; at < records.length; at += SLICE) {
      // What is to be stored never keeps what is to be decided waiting for long.
      if (at > 0) await setImmediate();
      for (const [event, record] of readAll(records.slice(at, at + SLICE), readEvent, letters)) {
        // Only in what is stored: topics, and so all that is decided, stay free of it.
        if (origins) nameOrigin(event, origins);
        recordOf.set(event, record);
      }
    }
    const { created, duplicates, rejected } = await store.bulk([...recordOf.keys()]);
    for (const { event, reason } of rejected) letters.push(deadLetterOf(recordOf.get(event) as BusRecord, reason));
    await this.#bury(letters);
    this.stats.created += created;
    this.stats.duplicates += duplicates;
    this.stats.overQuota += rejected.filter(({ reason }) => reason.startsWith('QUOTA')).length;
  }

  async #keep(decisions: DecisionStore, { topic, records }: Batch): Promise<void> {
    const letters: OutRecord[] = [];
    if (topic === TOPICS.alerts) {
      const changes = readAll(records, readAlert, letters).map(([change]) => change);
      await decisions.putAlerts(changes);
      this.stats.alertChanges += changes.length;
    } else {
      // What the response service has forgotten stays searchable until its retention.
      const ofBlocks = records.filter(({ key, value }) => key !== BLOCKS_EPOCH_KEY && value.length > 0);
      const blocks = readAll(ofBlocks, readBlock, letters).map(([block]) => block);
      await decisions.putBlocks(blocks);
      this.stats.blockChanges += blocks.length;
    }
    await this.#bury(letters);
  }

  async #bury(letters: OutRecord[]): Promise<void> {
    if (letters.length > 0) await this.#options.bus.publish(TOPICS.deadLetter, letters);
    this.stats.deadLetters += letters.length;
  }
}

/** What can be read, with its record; the others become dead letters. */
function readAll<T>(records: BusRecord[], read: (value: Buffer) => Read<T>, letters: OutRecord[]): [T, BusRecord][] {
  const found: [T, BusRecord][] = [];
  for (const record of records) {
    const result = read(record.value);
    if ('value' in result) found.push([result.value, record]);
    else letters.push(deadLetterOf(record, result.reason));
  }
  return found;
}
