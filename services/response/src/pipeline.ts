import {
  type AlertChange,
  type Batch,
  type Block,
  type BlockRequest,
  type Bus,
  type Clock,
  FleetwallError,
  type Follower,
  type OutRecord,
  type Registry,
  type Subscription,
  TOPICS,
} from '@fleetwall/core';
import { type BlockChanges, Decider, keyOf, type Policy, type RailLimits } from '@fleetwall/response';
import { Allowlist } from './allowlist.js';

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

const TICK_MS = 250;

/** Alerts and requests to blocks: consume -> decide -> publish -> commit. The only writer of blocks. */
export class ResponsePipeline {
  readonly decider: Decider;
  readonly #options: ResponseOptions;
  readonly #allowlist: Allowlist;
  #subscription: Subscription | undefined;
  #restoring: Follower | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Decided and not yet durable on the bus, in order; what failed to go out stays first in line. */
  #unsent: OutRecord[] = [];
  #publishing: Promise<void> = Promise.resolve();

  constructor(options: ResponseOptions) {
    this.#options = options;
    const { policies, limits, tenancy, registry, clock } = options;
    this.#allowlist = new Allowlist(registry, options.onError);
    this.decider = new Decider({ policies, limits, tenancy, exemptions: (nowMs) => this.#allowlist.exemptions(nowMs) });
    this.#allowlist.onChange = () => void this.#publish(this.decider.review(clock())).catch(options.onError);
  }

  async start(): Promise<void> {
    const { bus, onError } = this.#options;
    await this.#allowlist.start();
    await this.#restore();
    this.#subscription = await bus.consume({
      group: 'fleetwall-response',
      topics: [TOPICS.alerts, TOPICS.requests],
      onBatch: (batch) => this.#decide(batch),
      onError,
    });
    this.#timer = setInterval(() => void this.#tick().catch(onError), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#allowlist.stop();
    await this.#subscription?.stop();
    await this.#publishing;
  }

  async #restore(): Promise<void> {
    this.#restoring = await this.#options.bus.follow({
      topic: TOPICS.blocks,
      onRecord: ({ value }) => {
        if (value.length > 0) this.decider.restore(JSON.parse(value.toString('utf8')) as Block);
      },
    });
    await this.#restoring.caughtUp;
    await this.#restoring.stop();
  }

  /** All decisions of a batch share a publish: one by one, a flood of alerts would keep everybody waiting. */
  async #decide({ topic, records }: Batch): Promise<void> {
    const outcomes: OutRecord[] = [];
    for (const { value } of records) {
      const message = JSON.parse(value.toString('utf8')) as AlertChange | BlockRequest;
      const nowMs = this.#options.clock();
      if (topic === TOPICS.alerts) this.#queue(this.decider.onAlert(message as AlertChange, nowMs));
      else outcomes.push(this.#answer(message as BlockRequest, nowMs));
    }
    await this.#send();
    if (outcomes.length > 0) await this.#options.bus.publish(TOPICS.audit, outcomes);
  }

  #answer(request: BlockRequest, nowMs: number): OutRecord {
    const outcome: RequestOutcome = { type: 'request', request, ok: true, atMs: nowMs };
    try {
      this.#queue(this.decider.onRequest(request, nowMs));
    } catch (error) {
      if (!(error instanceof FleetwallError) || error.retryable) throw error;
      Object.assign(outcome, { ok: false, code: error.code, message: error.message, hint: error.hint });
    }
    return { key: request.id, value: Buffer.from(JSON.stringify(outcome)) };
  }

  async #tick(): Promise<void> {
    await this.#publish(this.decider.tick(this.#options.clock()));
  }

  #publish(changes: BlockChanges): Promise<void> {
    this.#queue(changes);
    return this.#send();
  }

  #queue({ changed, forgotten }: BlockChanges): void {
    for (const block of changed) this.#unsent.push(recordOf(block, Buffer.from(JSON.stringify(block))));
    for (const block of forgotten) this.#unsent.push(recordOf(block, Buffer.alloc(0)));
  }

  /** Resolves when everything decided so far is durable. One publish at a time; a failed one is tried again with the next. */
  #send(): Promise<void> {
    const flushed = this.#publishing.then(() => this.#flush());
    this.#publishing = flushed.catch(() => undefined);
    return flushed;
  }

  async #flush(): Promise<void> {
    if (this.#unsent.length === 0) return;
    const records = this.#unsent;
    this.#unsent = [];
    try {
      await this.#options.bus.publish(TOPICS.blocks, records);
    } catch (error) {
      this.#unsent = [...records, ...this.#unsent];
      throw error;
    }
  }
}

function recordOf({ target, scope }: Block, value: Buffer): OutRecord {
  return { key: keyOf(target, scope), value };
}
