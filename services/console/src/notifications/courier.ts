import { randomUUID } from 'node:crypto';
import { type Bus, type Clock, TOPICS } from '@fleetwall/core';
import { consoleError } from '../api/errors.js';
import type { AuditLog } from '../audit/audit-log.js';
import { pauseAfterMs, TRIED_FOR_MS } from './backoff.js';
import { type Channel, NotDelivered, type Receipt } from './channels/channel.js';
import type { Message } from './message.js';
import type { Delivery, Outbox, Sending } from './outbox.js';
import { aboutOf } from './words.js';

export interface DeliveryStats {
  delivered: number;
  retried: number;
  givenUp: number;
}

export interface CourierOptions {
  name: string;
  tenant: string | undefined;
  windowMs: number;
  channel: Channel;
  outbox: Outbox;
  audit: Pick<AuditLog, 'record'>;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  random: () => number;
  onError: (error: unknown) => void;
  /** Counts what became of messages. */
  stats: DeliveryStats;
  /** How often it looks for something to send. */
  everyMs?: number;
  /** For how long a message that it is at is nobody else's: longer than any attempt. */
  claimMs?: number;
}

const EVERY_MS = 1_000;
/** More than any attempt takes: HTTP 15 s a request, SMTP 20 s a step. */
const CLAIM_MS = 300_000;
const ATTEMPT_MS = 240_000;
/** A stop waits this long for an attempt; the message then comes again. */
const GRACE_MS = 5_000;
const MOST_SETTLES = 5;

interface Outcome extends Pick<Delivery, 'outcome' | 'response'> {
  retry?: Pick<Sending, 'nextMs' | 'to'>;
}

/**
 * Brings a channel what is in its outbox: claim -> send -> record -> settle. The record in the audit log comes before the
 * outbox forgets the message, so a crash in between repeats it and never loses it.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #id = randomUUID();
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #isStopping = false;
  #wake: () => void = () => undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    const abort = setTimeout(() => this.#stopping.abort(), GRACE_MS);
    abort.unref();
    this.#isStopping = true;
    this.#wake();
    await this.#running;
    clearTimeout(abort);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const didSend = await this.#round().catch((error: unknown) => {
        this.#options.onError(error);
        return false;
      });
      if (!didSend && !this.#isStopping) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.everyMs ?? EVERY_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Answers whether there was something to send. */
  async #round(): Promise<boolean> {
    const { name, outbox, clock, windowMs, claimMs = CLAIM_MS } = this.#options;
    const nowMs = clock();
    const sending = await outbox.claim(name, this.#id, { nowMs, untilMs: nowMs + claimMs, windowMs });
    if (!sending) return false;
    const outcome = await this.#attempt(sending);
    const { message, attempt } = sending;
    const { retry, ...told } = outcome;
    const delivery: Delivery = {
      ...{ atMs: clock(), key: message.key, type: message.type, about: aboutOf(message), attempt },
      ...told,
    };
    await this.#record(delivery);
    this.#tell(delivery);
    if (delivery.outcome === 'given-up') await this.#bury(message, delivery.response);
    await this.#settle(delivery, retry);
    return true;
  }

  async #attempt(sending: Sending): Promise<Outcome> {
    const { message, to } = sending;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ATTEMPT_MS)]);
    try {
      return this.#taken(await this.#options.channel.send(message, { signal, ...(to ? { to } : {}) }), sending);
    } catch (error) {
      return this.#failed(error, sending);
    }
  }

  /** Some recipients may have been refused for good, and others for now. */
  #taken({ response, refused = [], later = [] }: Receipt, sending: Sending): Outcome {
    const words = [response, ...(refused.length > 0 ? [`refused: ${refused.join(', ')}`] : [])].join('; ');
    if (later.length === 0) return { outcome: refused.length > 0 ? 'given-up' : 'delivered', response: words };
    return this.#again(`${words}; later: ${later.join(', ')}`, sending, undefined, later);
  }

  #failed(error: unknown, sending: Sending): Outcome {
    if (!(error instanceof NotDelivered)) {
      this.#options.onError(error);
      return this.#again(error instanceof Error ? error.message : String(error), sending);
    }
    if (!error.retryable) return { outcome: 'given-up', response: error.message };
    return this.#again(error.message, sending, error.pauseMs);
  }

  #again(response: string, { message, attempt }: Sending, pauseMs = 0, to?: string[]): Outcome {
    const { clock, random } = this.#options;
    const nowMs = clock();
    if (nowMs - message.atMs > TRIED_FOR_MS) return { outcome: 'given-up', response };
    const nextMs = nowMs + Math.max(pauseMs, pauseAfterMs(attempt, random()));
    return { outcome: 'retried', response, retry: { nextMs, ...(to ? { to } : {}) } };
  }

  /** Proof of delivery: what was told, to whom, and what the far side said. */
  async #record({ key, type, about, outcome, attempt, response }: Delivery): Promise<void> {
    const { audit, name, tenant, channel } = this.#options;
    await audit.record({
      who: 'fleetwall',
      what: 'notify',
      about: name,
      outcome: outcome === 'delivered' ? 'done' : 'failed',
      ...(tenant === undefined ? {} : { tenant }),
      after: { key, type, about, by: channel.about, delivery: outcome, attempt, response },
    });
  }

  #tell({ outcome, response }: Delivery): void {
    const { name, onError, stats } = this.#options;
    stats[outcome === 'given-up' ? 'givenUp' : outcome]++;
    if (outcome !== 'delivered') onError(consoleError('CHANNEL_NOT_REACHED', { channel: name, reason: response }));
  }

  /** What is given up lies with the dead letters, whole. */
  async #bury(message: Message, reason: string): Promise<void> {
    const { bus, name } = this.#options;
    const headers = { channel: name, reason };
    const value = Buffer.from(JSON.stringify(message));
    await bus.publish(TOPICS.deadLetter, [{ key: `notification:${name}:${message.key}`, value, headers }]);
  }

  /** What was sent must not be sent again because the registry was away for a moment. */
  async #settle(delivery: Delivery, retry: Outcome['retry']): Promise<void> {
    const { outbox, name, onError } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return await outbox.settle(name, this.#id, delivery, retry);
      } catch (error) {
        if (tries >= MOST_SETTLES || this.#isStopping) throw error;
        onError(error);
        await this.#pause();
      }
    }
  }
}
