import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Uplink } from '@fleetwall/protocol';
import type { Spool, SpooledBatch } from '../spool.js';

export interface SpoolSenderOptions {
  spool: Pick<Spool, 'low' | 'waiting' | 'read' | 'acknowledge'>;
  uplink: Pick<Uplink, 'send'>;
  /** Events that the centre has, and the spool no longer. */
  onSent: (events: number) => void;
  onFailure: (error: unknown) => void;
}

/** Batches that may be under way at once; the gateway may allow fewer. */
const MAX_UNDER_WAY = 8;
/** Behind others only a batch of so many events is sent: small ones wait for an answer, and grow meanwhile. */
const FULL_EVENTS = 500;
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** spool -> send -> acknowledge, several batches at a time, acknowledged in their order. */
export class SpoolSender {
  readonly #options: SpoolSenderOptions;
  #sequence = 0;
  #pauseMs = MIN_PAUSE_MS;
  #acknowledging: Promise<void> = Promise.resolve();

  constructor(options: SpoolSenderOptions) {
    this.#options = options;
  }

  /** Sends until `signal` ends it; what fails is sent again, from the first event that was not acknowledged. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#sendFrom(this.#options.spool.low, signal);
      } catch (error) {
        this.#options.onFailure(error);
        await delay(this.#pauseMs, undefined, { signal }).catch(() => undefined);
        this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
      }
    }
    // Whoever closes the spool next finds it at rest.
    await this.#acknowledging.catch(() => undefined);
  }

  /** Rejects as soon as one batch fails. Resolves when the signal ends it, whatever is still under way. */
  async #sendFrom(low: number, signal: AbortSignal): Promise<void> {
    const { spool } = this.#options;
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const stopped = once(stop, 'abort');
    const underWay: Promise<void>[] = [];
    let from = low;
    let acknowledged: Promise<void> = Promise.resolve();
    while (!stop.aborted) {
      const unsent = spool.low + spool.waiting - from;
      if (underWay.length >= MAX_UNDER_WAY || (underWay.length > 0 && unsent < FULL_EVENTS)) {
        await Promise.race([underWay[0], stopped]).catch(() => undefined);
        continue;
      }
      const batch = await spool.read(from, stop);
      if (stop.aborted) break;
      from = batch.next;
      acknowledged = this.#carry(batch, acknowledged, stop);
      const carried = acknowledged;
      underWay.push(carried);
      carried.then(
        () => underWay.shift(),
        () => failed.abort(),
      );
    }
    if (!signal.aborted) await acknowledged;
  }

  async #carry({ events, next }: SpooledBatch, before: Promise<void>, stop: AbortSignal): Promise<void> {
    const { spool, uplink, onSent } = this.#options;
    const sent = events.length > 0 ? uplink.send({ sequence: ++this.#sequence, events }) : undefined;
    await Promise.all([before, sent]);
    if (stop.aborted) return;
    this.#acknowledging = spool.acknowledge(next);
    await this.#acknowledging;
    this.#pauseMs = MIN_PAUSE_MS;
    onSent(events.length);
  }
}
