import {
  type AlertChange,
  type Assignment,
  type Batch,
  type BlockRequest,
  type OutRecord,
  type Position,
  type Subscription,
  TOPICS,
  type TopicPartition,
} from '@fleetwall/core';
import { Decider, type Policy } from '@fleetwall/response';
import { BlockWriter } from './block-writer.js';
import { isCarriedOut } from './carried-out.js';
import { responseServiceError } from './errors.js';
import { Lists } from './lists.js';
import { messageOf, newStats, outcomeOf, type ResponseStats } from './outcome.js';
import type { ResponseOptions } from './response-options.js';
import { Upkeep } from './upkeep.js';

/** Looked at again when this instance takes over: what comes late is known by them. */
const LOOK_BACK_ALERTS = 5_000;
const RETRY_MS = 1_000;
/** An alert change may name thousands. */
const MAX_BATCH = 100;

/**
 * Alerts and requests to blocks: consume -> decide -> publish -> commit. The only writer of blocks: one instance is
 * active, the others follow the blocks and stand by.
 */
export class ResponsePipeline {
  readonly stats: ResponseStats = newStats();
  readonly #options: ResponseOptions;
  readonly lists: Lists;
  readonly #upkeep: Upkeep;
  #policies: readonly Policy[];
  #writer: BlockWriter;
  #subscription: Subscription | undefined;
  /** What this member of the group holds, and up to where the group has committed it. */
  readonly #held = new Map<string, number>();
  #standingBy: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: ResponseOptions) {
    this.#options = options;
    this.#policies = options.policies;
    this.lists = new Lists(options);
    this.#writer = this.#newWriter();
    const { clock, onError } = options;
    this.#upkeep = new Upkeep({ writer: () => this.#writer, lists: this.lists, clock, onError });
  }

  /** Of the instance that decides, or as far as a standby has followed. Another object after each change of roles. */
  get decider(): Decider {
    return this.#writer.decider;
  }

  /** The next alerts are decided by these policies; blocks stay as they are. */
  use(policies: readonly Policy[]): void {
    this.#policies = policies;
    this.decider.setPolicies(policies);
  }

  /** Resolves when all blocks are known; who decides turns out later. */
  async start(): Promise<void> {
    await this.lists.start();
    await this.#writer.start();
    await this.#join();
    this.#upkeep.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#upkeep.pause();
    this.lists.stop();
    await this.#subscription?.stop();
    await this.#standingBy;
    await this.#upkeep.settled();
    await this.#writer.stop();
  }

  async #join(): Promise<void> {
    this.#subscription = await this.#options.bus.consume({
      group: 'fleetwall-response',
      topics: [TOPICS.alerts, TOPICS.requests],
      exclusive: true,
      maxBatch: MAX_BATCH,
      onAssigned: (assignments) => this.#assigned(assignments),
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#decide(batch),
      onError: this.#options.onError,
    });
  }

  /** Takes over before the first batch, and looks at the last alerts again, in silence. */
  async #assigned(assignments: Assignment[]): Promise<Position[]> {
    await this.#standingBy;
    if (!this.#writer.isActive) await this.#takeOver();
    for (const { topic, committed } of assignments) this.#held.set(topic, committed);
    return assignments.map(({ topic, partition, committed }) => ({
      topic,
      partition,
      offset: topic === TOPICS.alerts ? Math.max(0, committed - LOOK_BACK_ALERTS) : committed,
    }));
  }

  async #takeOver(): Promise<void> {
    await this.#writer.takeOver();
    this.stats.takeovers++;
    this.#tellRole();
    this.#upkeep.takeOver();
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#writer.settled();
    for (const { topic } of partitions) this.#held.delete(topic);
    if (this.#held.size === 0 && !this.#stopping) this.#standingBy = this.#standingBy.then(() => this.#standBy());
  }

  /** Another instance decides: what this one had in mind is forgotten, and the blocks are read anew. */
  async #standBy(): Promise<void> {
    await this.#writer.stop();
    for (;;) {
      this.#writer = this.#newWriter();
      this.#tellRole();
      try {
        await this.#writer.start();
        return this.#tellRole();
      } catch (error) {
        this.#options.onError(error);
        if (this.#stopping) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** A higher term: either this instance lost its place without knowing, or the other had; the group sorts it out. */
  async #joinAgain(): Promise<void> {
    this.#tellRole();
    this.#options.onError(responseServiceError('RESPONSE_SUPERSEDED', { term: this.#writer.term }));
    await this.#subscription?.stop();
    if (!this.#stopping) await this.#join();
  }

  /** All decisions of a batch share a publish: one by one, a flood of alerts would keep everybody waiting. */
  async #decide({ topic, records }: Batch): Promise<void> {
    const writer = this.#writer;
    const outcomes: OutRecord[] = [];
    for (const record of records) {
      writer.mustBeActive();
      const message = messageOf(record, this.stats, this.#options.onError);
      if (!message) continue;
      const nowMs = this.#options.clock();
      if (topic === TOPICS.alerts) await this.#takeAlert(writer, message as AlertChange, record.offset, nowMs);
      else outcomes.push(this.#answer(message as BlockRequest, record.offset, nowMs));
    }
    await writer.send();
    writer.mustBeActive();
    if (outcomes.length > 0) await this.#options.bus.publish(TOPICS.audit, outcomes);
  }

  /** It is known once all of it was decided: a batch that fails midway comes again. */
  async #takeAlert(writer: BlockWriter, change: AlertChange, offset: number, nowMs: number): Promise<void> {
    const isCommitted = offset < (this.#held.get(TOPICS.alerts) ?? 0);
    const isNew = writer.seen.isNew(change);
    if (!isCommitted && isNew) await writer.decide(writer.decider.deciding(change, nowMs));
    else if (!isCommitted) this.stats.repeatedAlerts++;
    writer.seen.add(change);
  }

  /** One that comes again may have been carried out by the instance before, which had no time to say so. */
  #answer(request: BlockRequest, offset: number, nowMs: number): OutRecord {
    const outcome = outcomeOf(request, nowMs, () => {
      if (offset < this.#writer.requestsDone && isCarriedOut(request, this.decider.book)) this.stats.repeatedRequests++;
      else this.#writer.carryOut(offset, () => this.decider.onRequest(request, nowMs));
    });
    return { key: request.id, value: Buffer.from(JSON.stringify(outcome)) };
  }

  #newWriter(): BlockWriter {
    const { bus, limits, tenancy, onError } = this.#options;
    return new BlockWriter({
      bus,
      decider: new Decider({ policies: this.#policies, limits, tenancy, ...this.lists.forDecider() }),
      onOverwritten: () => this.stats.overwritten++,
      onSuperseded: () => void this.#joinAgain().catch(onError),
      onError,
    });
  }

  #tellRole(): void {
    Object.assign(this.stats, { active: this.#writer.isActive ? 1 : 0, term: this.#writer.term });
  }
}
