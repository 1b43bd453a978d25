import {
  type AlertChange,
  type Assignment,
  type Batch,
  BLOCKS_EPOCH_KEY,
  type Block,
  type BlockReason,
  type Bus,
  type BusRecord,
  type Clock,
  type DecisionStore,
  type Position,
  type Subscription,
  TOPICS,
  type TopicPartition,
} from '@fleetwall/core';
import { AlertMemory, type KnownAlert, MOST_ALERTS } from './alert-memory.js';
import { BlockMemory } from './block-memory.js';
import { type AlertNews, type BlockNews, hostsOf, type News, type NewsReason } from './news.js';

export interface Offsets {
  alerts: number;
  blocks: number;
}

export type NewsTopic = keyof Offsets;

/** News, and the offset of the record that tells it. */
export interface RecordedNews {
  offset: number;
  item: News;
}

export interface NewsReaderOptions {
  bus: Bus;
  decisions: Pick<DecisionStore, 'alertById'>;
  clock: Clock;
  /** From where on news was not taken yet; what is before is read in silence. */
  takenUpTo: () => Promise<Offsets>;
  /** Takes what a stretch of a topic tells, durably. It may come again. */
  onNews: (topic: NewsTopic, nextOffset: number, news: readonly RecordedNews[]) => Promise<void>;
  /** This instance is the one that tells, or no longer. */
  onActive: (isActive: boolean) => void;
  onError: (error: unknown) => void;
}

const DAY_MS = 86_400_000;
const LOOK_BACK_MS = 7 * DAY_MS;
/** An alert is published before its blocks; its record may be read after theirs. */
const ALERT_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * Alerts and blocks to news: consume -> compare -> take -> commit. One instance is active, the others stand by. What was told
 * before is not asked of anybody: it follows from the topics, which are read back at the start.
 */
export class NewsReader {
  readonly stats = { alertChanges: 0, blockChanges: 0, news: 0, unreadable: 0 };
  readonly #options: NewsReaderOptions;
  readonly #held = new Set<string>();
  #alerts = new AlertMemory();
  #blocks = new BlockMemory();
  #taken: Offsets = { alerts: 0, blocks: 0 };
  /** Until when the batch at hand may wait for alerts. */
  #patientUntilMs = 0;
  #subscription: Subscription | undefined;

  constructor(options: NewsReaderOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#subscription = await this.#options.bus.consume({
      group: 'fleetwall-notifications',
      topics: [TOPICS.alerts, TOPICS.blocks],
      exclusive: true,
      onAssigned: (assignments) => this.#assigned(assignments),
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#take(batch),
      onError: this.#options.onError,
    });
  }

  async stop(): Promise<void> {
    await this.#subscription?.stop();
    if (this.#held.size > 0) this.#options.onActive(false);
    this.#held.clear();
  }

  async #assigned(assignments: Assignment[]): Promise<Position[]> {
    const { takenUpTo, onActive } = this.#options;
    if (this.#held.size === 0) {
      this.#alerts = new AlertMemory();
      this.#blocks = new BlockMemory();
    }
    this.#taken = await takenUpTo();
    const positions: Position[] = [];
    for (const { topic, partition } of assignments) {
      const offset = topic === TOPICS.alerts ? await this.#alertsFrom(partition, this.#taken.alerts) : 0;
      positions.push({ topic, partition, offset });
      this.#held.add(topic);
    }
    onActive(true);
    return positions;
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic } of partitions) this.#held.delete(topic);
    if (this.#held.size === 0) this.#options.onActive(false);
  }

  /** A week back, as far as is remembered; but nothing that was not taken is left out. */
  async #alertsFrom(partition: number, taken: number): Promise<number> {
    const { bus, clock } = this.#options;
    const range = (await bus.ranges(TOPICS.alerts)).find((one) => one.partition === partition);
    const week = await bus.offsetsAt(TOPICS.alerts, clock() - LOOK_BACK_MS);
    const weekAgo = week.find((one) => one.partition === partition)?.offset ?? 0;
    return Math.max(range?.low ?? 0, Math.min(taken, Math.max(weekAgo, (range?.high ?? 0) - MOST_ALERTS)));
  }

  async #take({ topic, records }: Batch): Promise<void> {
    const isOfAlerts = topic === TOPICS.alerts;
    if (!isOfAlerts) this.#patientUntilMs = performance.now() + ALERT_WITHIN_MS;
    const news: RecordedNews[] = [];
    for (const record of records) {
      const item = isOfAlerts ? this.#alertNews(record) : await this.#blockNews(record);
      if (item) news.push({ offset: record.offset, item });
    }
    this.stats.news += news.length;
    const next = (records.at(-1)?.offset ?? -1) + 1;
    await this.#options.onNews(isOfAlerts ? 'alerts' : 'blocks', next, news);
  }

  #alertNews(record: BusRecord): AlertNews | undefined {
    this.stats.alertChanges++;
    const change = this.#decoded(record, isAlert);
    return change && this.#alerts.take(change);
  }

  async #blockNews(record: BusRecord): Promise<BlockNews | undefined> {
    const { key, value } = record;
    if (key === BLOCKS_EPOCH_KEY) return undefined;
    this.stats.blockChanges++;
    if (value.length === 0) {
      this.#blocks.forget(key);
      return undefined;
    }
    const block = this.#decoded(record, isBlock);
    const kind = block && this.#blocks.take(key, block);
    return kind && record.offset >= this.#taken.blocks ? this.#newsOf(kind, block) : undefined;
  }

  async #newsOf(kind: BlockNews['kind'], block: Block): Promise<BlockNews> {
    const { id, version, target, scope, state, atMs, untilMs, offence, ports } = block;
    const reasons: NewsReason[] = [];
    for (const reason of block.reasons) {
      if (reason.type === 'person') reasons.push({ type: 'person', by: reason.by, comment: reason.comment });
      else {
        const { alertId, rule, count, hosts } = reason;
        const { tenant, level, title } = (await this.#alertOf(alertId)) ?? {};
        const known = tenant === undefined || level === undefined ? {} : { tenant, level, title: title ?? rule };
        reasons.push({ type: 'alert', alertId, rule, count, ...hostsOf(hosts), ...known });
      }
    }
    return {
      ...{ kind, key: `${kind}:${id}:${atMs}:${version}`, blockId: id, version, target, scope, state, atMs, untilMs },
      ...{ offence, reasons, hiddenReasons: 0, ...(ports === undefined ? {} : { ports }) },
    };
  }

  /** Waits a moment for one that is still on its way here, and not for each anew. */
  async #alertOf(id: string): Promise<Pick<KnownAlert, 'tenant' | 'level' | 'title'> | undefined> {
    for (;;) {
      const known = this.#alerts.get(id) ?? (await this.#options.decisions.alertById(id));
      if (known || performance.now() > this.#patientUntilMs) return known;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Undefined for what is no record of the kind: the indexer has put it with the dead letters. */
  #decoded<T>({ value }: BusRecord, isOne: (fields: Partial<T>) => boolean): T | undefined {
    try {
      const decoded = JSON.parse(value.toString('utf8')) as T | null;
      if (typeof decoded === 'object' && decoded !== null && isOne(decoded)) return decoded;
    } catch {
      // Counted below, as everything else that is none.
    }
    this.stats.unreadable++;
    return undefined;
  }
}

/** What news of an alert is made of is there. */
function isAlert({ id, version, state, title, key, hosts }: Partial<AlertChange>): boolean {
  const areTexts = [id, state, title].every((text) => typeof text === 'string');
  return areTexts && Number.isSafeInteger(version) && typeof key === 'object' && key !== null && Array.isArray(hosts);
}

/** The same of a block. */
function isBlock({ id, version, target, scope, state, reasons, history }: Partial<Block>): boolean {
  const areTexts = [id, target, state, scope?.type].every((text) => typeof text === 'string');
  const areLists = Array.isArray(reasons) && Array.isArray(history);
  return areTexts && Number.isSafeInteger(version) && areLists && reasons.every(isReason);
}

function isReason(reason: Partial<BlockReason> | null): boolean {
  return reason?.type === 'person' || (reason?.type === 'alert' && Array.isArray(reason.hosts));
}
