import {
  type AlertChange,
  type Assignment,
  type Batch,
  type Block,
  type BlockRequest,
  type Bus,
  type Clock,
  FleetwallError,
  type OutRecord,
  type Position,
  type Registry,
  type Subscription,
  TOPICS,
  type TopicPartition,
} from '@fleetwall/core';
import { type BlockChanges, Decider, keyOf, type Policy, type RailLimits } from '@fleetwall/response';
import { Allowlist } from './allowlist.js';
import { BlockPublisher } from './block-publisher.js';
import { BlocksLog } from './blocks-log.js';
import { isCarriedOut } from './carried-out.js';
import { responseServiceError } from './errors.js';
import { SeenAlerts } from './seen-alerts.js';

export interface ResponseOptions {
  bus: Bus;
  registry: Registry;
  clock: Clock;
  policies: readonly Policy[];
  tenancy: 'one' | 'host';
  limits?: RailLimits;
  onError: (error: unknown) => void;
}

/** What became of a request: the record of `fleetwall.audit` that answers it. */
export interface RequestOutcome {
  type: 'request';
  request: BlockRequest;
  ok: boolean;
  code?: string;
  message?: string;
  hint?: string;
  atMs: number;
}

export interface ResponseStats {
  /** 1: this instance decides; 0: it stands by. */
  active: number;
  /** The highest term in the topic of blocks. */
  term: number;
  /** How often this instance began to decide. */
  takeovers: number;
  /** Alert changes that came again, or too late, and changed nothing. */
  repeatedAlerts: number;
  /** Requests that came again and were not carried out twice. */
  repeatedRequests: number;
  /** Blocks put in order after an instance without a term had written them. */
  overwritten: number;
}

const TICK_MS = 250;
/** Alerts before the commit that are looked at when this instance takes over: what comes late is known by them. */
const LOOK_BACK_ALERTS = 5_000;
const RETRY_MS = 1_000;

/**
 * Alerts and requests to blocks: consume -> decide -> publish -> commit. The only writer of blocks: one instance is
 * active, the others follow the blocks and stand by.
 */
export class ResponsePipeline {
  readonly stats: ResponseStats = {
    active: 0,
    term: 0,
    takeovers: 0,
    repeatedAlerts: 0,
    repeatedRequests: 0,
    overwritten: 0,
  };
  readonly #options: ResponseOptions;
  readonly #allowlist: Allowlist;
  readonly #seen = new SeenAlerts();
  #decider: Decider;
  #log: BlocksLog;
  #subscription: Subscription | undefined;
  /** What this member of the group holds, and up to where the group has committed it. */
  readonly #held = new Map<string, number>();
  #active = false;
  /** Requests before this offset are carried out or refused; every block that is written says so. */
  #requestsDone = 0;
  #standingBy: Promise<void> = Promise.resolve();
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #publisher: BlockPublisher;

  constructor(options: ResponseOptions) {
    this.#options = options;
    this.#allowlist = new Allowlist(options.registry, options.onError);
    this.#decider = this.#newDecider();
    this.#log = this.#newLog();
    this.#publisher = new BlockPublisher(options.bus);
    this.#allowlist.onChange = () => {
      if (this.#active) void this.#publish(this.#decider.review(options.clock())).catch(options.onError);
    };
  }

  /** Of the instance that decides, or as far as a standby has followed. Another object after each change of roles. */
  get decider(): Decider {
    return this.#decider;
  }

  /** Resolves when all blocks are known; whether this instance decides or stands by turns out later. */
  async start(): Promise<void> {
    await this.#allowlist.start();
    await this.#log.start();
    await this.#join();
    this.#timer = setInterval(() => void this.#tick().catch(this.#options.onError), TICK_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#allowlist.stop();
    await this.#subscription?.stop();
    await this.#publisher.settled();
    await this.#standingBy;
    await this.#log.stop();
  }

  async #join(): Promise<void> {
    this.#subscription = await this.#options.bus.consume({
      group: 'fleetwall-response',
      topics: [TOPICS.alerts, TOPICS.requests],
      exclusive: true,
      onAssigned: (assignments) => this.#assigned(assignments),
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#decide(batch),
      onError: this.#options.onError,
    });
  }

  /** Takes over before the first batch, and looks at the last alerts again, in silence. */
  async #assigned(assignments: Assignment[]): Promise<Position[]> {
    if (!this.#active) {
      await this.#standingBy;
      await this.#log.takeOver();
      this.#mustBeWriter();
      this.#requestsDone = this.#log.requestsDone;
      this.stats.takeovers++;
      this.#setActive(true);
    }
    for (const { topic, committed } of assignments) this.#held.set(topic, committed);
    return assignments.map(({ topic, partition, committed }) => ({
      topic,
      partition,
      offset: topic === TOPICS.alerts ? Math.max(0, committed - LOOK_BACK_ALERTS) : committed,
    }));
  }

  async #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#publisher.settled();
    for (const { topic } of partitions) this.#held.delete(topic);
    if (this.#held.size === 0) this.#standBy();
  }

  /** Another instance decides: what this one had in mind is forgotten, and read anew. */
  #standBy(): void {
    this.#setActive(false);
    if (!this.#stopping) this.#standingBy = this.#standingBy.then(() => this.#beginAgain());
  }

  async #beginAgain(): Promise<void> {
    await this.#log.stop();
    this.#seen.clear();
    this.#publisher = new BlockPublisher(this.#options.bus);
    for (;;) {
      this.#decider = this.#newDecider();
      this.#log = this.#newLog();
      try {
        await this.#log.start();
        return this.#tellRole();
      } catch (error) {
        this.#options.onError(error);
        if (this.#stopping) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** A higher term: either this instance lost its place without knowing, or the other had; the group sorts it out. */
  #superseded(): void {
    if (!this.#active) return;
    this.#options.onError(responseServiceError('RESPONSE_SUPERSEDED', { term: this.#log.term }));
    this.#setActive(false);
    const rejoin = async () => {
      await this.#subscription?.stop();
      if (!this.#stopping) await this.#join();
    };
    void rejoin().catch(this.#options.onError);
  }

  /** All decisions of a batch share a publish: one by one, a flood of alerts would keep everybody waiting. */
  async #decide({ topic, records }: Batch): Promise<void> {
    const outcomes: OutRecord[] = [];
    for (const { value, offset } of records) {
      this.#mustBeWriter();
      const message = JSON.parse(value.toString('utf8')) as AlertChange | BlockRequest;
      const nowMs = this.#options.clock();
      if (topic === TOPICS.alerts) this.#takeAlert(message as AlertChange, offset, nowMs);
      else outcomes.push(this.#answer(message as BlockRequest, offset, nowMs));
    }
    await this.#publisher.send();
    this.#mustBeWriter();
    if (outcomes.length > 0) await this.#options.bus.publish(TOPICS.audit, outcomes);
  }

  /** Throws, so that nothing is committed that was not decided. */
  #mustBeWriter(): void {
    if (!this.#log.mayWrite) throw responseServiceError('RESPONSE_SUPERSEDED', { term: this.#log.term });
  }

  #takeAlert(change: AlertChange, offset: number, nowMs: number): void {
    const isNew = this.#seen.take(change);
    if (offset < (this.#held.get(TOPICS.alerts) ?? 0)) return;
    if (isNew) this.#queue(this.#decider.onAlert(change, nowMs));
    else this.stats.repeatedAlerts++;
  }

  /** One that comes again may have been carried out by the instance before, which had no time to say so. */
  #answer(request: BlockRequest, offset: number, nowMs: number): OutRecord {
    const outcome: RequestOutcome = { type: 'request', request, ok: true, atMs: nowMs };
    try {
      if (offset < this.#requestsDone && isCarriedOut(request, this.#decider.book)) this.stats.repeatedRequests++;
      else {
        const changes = this.#decider.onRequest(request, nowMs);
        this.#requestsDone = Math.max(this.#requestsDone, offset + 1);
        this.#queue(changes);
      }
    } catch (error) {
      if (!(error instanceof FleetwallError) || error.retryable) throw error;
      Object.assign(outcome, { ok: false, code: error.code, message: error.message, hint: error.hint });
    }
    return { key: request.id, value: Buffer.from(JSON.stringify(outcome)) };
  }

  async #tick(): Promise<void> {
    if (this.#active) await this.#publish(this.#decider.tick(this.#options.clock()));
  }

  #publish(changes: BlockChanges): Promise<void> {
    this.#queue(changes);
    return this.#publisher.send();
  }

  #queue({ changed, forgotten }: BlockChanges): void {
    for (const block of changed) this.#publisher.put(this.#recordOf(block, block));
    for (const block of forgotten) this.#publisher.put(this.#recordOf(block, undefined));
  }

  #recordOf({ target, scope }: Block, block: Block | undefined): OutRecord {
    return this.#log.recordOf(keyOf(target, scope), block, this.#requestsDone);
  }

  /** Puts what is right behind what somebody without a term wrote, as a later version for readers that know no terms. */
  #overwritten(key: string, version: number): void {
    this.stats.overwritten++;
    const { book } = this.#decider;
    const block = book
      .ofTarget(key.slice(key.lastIndexOf(' ') + 1))
      .find((each) => keyOf(each.target, each.scope) === key);
    if (block) {
      block.version = Math.max(block.version, version);
      book.touch(block);
    } else this.#publisher.put(this.#log.recordOf(key, undefined, this.#requestsDone));
    this.#publish(book.takeChanges()).catch(this.#options.onError);
  }

  #newDecider(): Decider {
    const { policies, limits, tenancy } = this.#options;
    return new Decider({ policies, limits, tenancy, exemptions: (nowMs) => this.#allowlist.exemptions(nowMs) });
  }

  #newLog(): BlocksLog {
    const { bus, onError } = this.#options;
    return new BlocksLog({
      bus,
      onBlock: (block) => this.#decider.restore(block),
      onOverwritten: (key, version) => this.#overwritten(key, version),
      onSuperseded: () => this.#superseded(),
      onError,
    });
  }

  #setActive(active: boolean): void {
    this.#active = active;
    this.#tellRole();
  }

  #tellRole(): void {
    Object.assign(this.stats, { active: this.#active ? 1 : 0, term: this.#log.term });
  }
}
