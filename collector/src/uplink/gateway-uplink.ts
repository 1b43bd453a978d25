import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Enforcement, FleetwallError } from '@fleetwall/core';
import {
  type BlocksPosition,
  type BlockUpdate,
  type EventBatch,
  FEATURES,
  type GatewayMessage,
  type Hello,
  isNewer,
  reportOf,
  SnapshotAssembly,
  type Uplink,
  type Welcome,
} from '@fleetwall/protocol';
import { Backoff } from './backoff.js';
import { GatewayLink } from './gateway-link.js';
import { KnownPins } from './known-pins.js';
import { OutQueue } from './out-queue.js';

export interface UplinkOptions {
  /** `wss://gateway:8687`. */
  url: string;
  token: string;
  /** Public keys that the gateway may have: SHA-256 of the SubjectPublicKeyInfo in base64, `sha256/` before it or not. */
  pins?: readonly string[];
  /** File for the keys that the gateway announces. */
  pinsFile?: string;
  /** PEM of the certificates that sign the gateway's. Without it and without pins, those of the system count. */
  ca?: string;
  /** `http://proxy:3128`. */
  proxy?: string;
  /** Random, made at each start of the collector: two machines with one credential differ in it. */
  instanceId: string;
  agentVersion: string;
  clock: Clock;
  /** What the host holds from before; older blocks are not taken. Without it the first snapshot is, whatever its age. */
  holds?: BlocksPosition;
  onNotice: (notice: UplinkNotice) => void;
  /** Told the fleet's secret for names of accounts with every welcome that has it. */
  onNameKey?: (key: Buffer) => void;
  timings?: Partial<UplinkTimings>;
  /** 0 to 1. */
  random?: () => number;
}

export interface UplinkTimings {
  /** From the first packet to the welcome. */
  connectTimeoutMs: number;
  /** The pause before another attempt grows from one to the other. */
  minPauseMs: number;
  maxPauseMs: number;
}

/** Something a person should know. `uplink-lost` comes once for each reason in a row. */
export interface UplinkNotice {
  action: 'uplink-connected' | 'uplink-lost' | 'gateway-notice' | 'event-too-large' | 'pins-unsaved';
  message: string;
  hint?: string;
}

/** For `fleetwall status` and `doctor`. */
export interface UplinkStatus {
  connected: boolean;
  /** Since when it is connected, or is not. */
  sinceMs: number;
  gateway: string;
  /** Who the gateway says this collector is. */
  agent?: string;
  host?: string;
  tenant?: string;
  /** This host's clock minus the gateway's, give or take half of `roundTripMs`. */
  clockOffsetMs?: number;
  roundTripMs?: number;
  /** Batches on their way or waiting for it. */
  waitingBatches: number;
  lastError?: { atMs: number; code: string; message: string; hint: string };
}

export interface UplinkStats {
  connects: number;
  failures: number;
  /** Block updates older than what the host holds. */
  olderBlocks: number;
  /** Messages of types that this version does not know. */
  unknownMessages: number;
  /** Events that no batch can carry. */
  tooLarge: number;
}

const DEFAULT_TIMINGS: UplinkTimings = { connectTimeoutMs: 15_000, minPauseMs: 500, maxPauseMs: 60_000 };
/** A connection that lasted this long was a good one: the next attempt comes soon. */
const GOOD_AFTER_MS = 30_000;

/** The way to a gateway on another machine: one TLS WebSocket, made again whenever it ends. */
export class GatewayUplink implements Uplink {
  readonly stats: UplinkStats = { connects: 0, failures: 0, olderBlocks: 0, unknownMessages: 0, tooLarge: 0 };
  readonly #options: UplinkOptions;
  readonly #url: URL;
  readonly #timings: UplinkTimings;
  readonly #pins: KnownPins;
  readonly #closing = new AbortController();
  readonly #queue = new OutQueue((error) => this.#onTooLarge(error));
  readonly #assembly = new SnapshotAssembly();
  readonly #listeners: ((update: BlockUpdate) => void)[] = [];
  readonly #running: Promise<void>;
  #status: UplinkStatus;
  #link: GatewayLink | undefined;
  /** Of the latest update that was handed over, or what the host held before. */
  #held: BlocksPosition | undefined;
  /** Updates that came before anybody listened, from a snapshot on. */
  #untold: BlockUpdate[] = [];
  #report: Enforcement | undefined;
  /** Key of the gateway of this connection. */
  #pin = '';

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#pins = new KnownPins(options.pins ?? [], options.pinsFile);
    this.#held = options.holds;
    this.#status = { connected: false, sinceMs: options.clock(), gateway: this.#url.host, waitingBatches: 0 };
    this.#running = this.#run();
  }

  status(): UplinkStatus {
    return { ...this.#status, waitingBatches: this.#queue.length };
  }

  /** Resolves when the gateway acknowledged it, over however many connections; rejects when the uplink is closed. */
  send({ events }: EventBatch): Promise<void> {
    return this.#queue.push(events);
  }

  onBlocks(listener: (update: BlockUpdate) => void): void {
    this.#listeners.push(listener);
    for (const update of this.#untold.splice(0)) this.#take(update);
  }

  /** Told now, or after the next connect; only the latest is. */
  async report(enforcement: Enforcement): Promise<void> {
    this.#report = enforcement;
    this.#link?.send(reportOf(enforcement, this.#held?.epoch));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#queue.close();
    this.#link?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { minPauseMs, maxPauseMs } = this.#timings;
    const backoff = new Backoff(minPauseMs, maxPauseMs, this.#options.random ?? Math.random);
    while (!signal.aborted) {
      const startedMs = performance.now();
      const error = await this.#connectOnce().catch((reason: FleetwallError) => reason);
      if (signal.aborted) return;
      this.#fail(error);
      if (performance.now() - startedMs > GOOD_AFTER_MS) backoff.reset();
      await delay(backoff.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves with the reason why it is over; rejects with the reason why there was no connection. */
  async #connectOnce(): Promise<FleetwallError> {
    const { token, ca, proxy, clock } = this.#options;
    let helloMs = 0;
    let sentMs = 0;
    const { link, welcome, pin } = await GatewayLink.open(
      {
        url: this.#url,
        token,
        pins: this.#pins,
        ...(ca !== undefined && { ca }),
        ...(proxy !== undefined && { proxy }),
        connectTimeoutMs: this.#timings.connectTimeoutMs,
        hello: () => {
          helloMs = clock();
          sentMs = performance.now();
          return this.#hello(helloMs);
        },
        onMessage: (message) => this.#onMessage(message),
        onUnknown: () => this.stats.unknownMessages++,
      },
      this.#closing.signal,
    );
    this.#pin = pin;
    this.#onWelcome(link, welcome, helloMs, performance.now() - sentMs);
    const reason = await link.ended;
    this.#link = undefined;
    this.#queue.detach();
    return reason;
  }

  #hello(timeMs: number): Hello {
    const { instanceId, agentVersion } = this.#options;
    const holds = this.#held;
    return {
      type: 'hello',
      version: 1,
      instance: instanceId,
      agentVersion,
      features: [...FEATURES],
      timeMs,
      ...(holds && { holds }),
    };
  }

  #onWelcome(link: GatewayLink, welcome: Welcome, helloMs: number, roundTripMs: number): void {
    const { clock, onNotice, onNameKey } = this.#options;
    const { agent, host, tenant, timeMs, window, nameKey } = welcome;
    this.#link = link;
    this.stats.connects++;
    const { gateway, lastError } = this.#status;
    this.#status = {
      ...{ connected: true, sinceMs: clock(), gateway, waitingBatches: 0 },
      ...{ agent, host, tenant },
      clockOffsetMs: Math.round(helloMs + roundTripMs / 2 - timeMs),
      roundTripMs: Math.round(roundTripMs),
      ...(lastError && { lastError }),
    };
    onNotice({ action: 'uplink-connected', message: `connected to ${gateway} as ${agent}` });
    this.#learn(welcome.nextPins);
    if (nameKey !== undefined) onNameKey?.(Buffer.from(nameKey, 'hex'));
    this.#queue.attach((frame) => link.sendFrame(frame), window);
    if (this.#report) link.send(reportOf(this.#report, this.#held?.epoch));
  }

  #onMessage(message: GatewayMessage): void {
    switch (message.type) {
      case 'ack':
        if (!this.#queue.acknowledge(message.sequence)) throw new Error(`batch ${message.sequence} was never sent`);
        break;
      case 'window':
        this.#queue.setWindow(message);
        break;
      case 'snapshot.begin':
      case 'snapshot.part':
      case 'snapshot.end': {
        const snapshot = this.#assembly.take(message);
        if (snapshot) this.#take(snapshot);
        break;
      }
      case 'delta':
        this.#take(message);
        break;
      case 'notice':
        this.#options.onNotice({ action: 'gateway-notice', message: message.message, hint: message.hint });
        break;
      case 'pins':
        this.#learn(message.nextPins);
        break;
    }
  }

  /** A delta changes what it follows, so it needs something of its own epoch; a snapshot stands by itself. */
  #take(update: BlockUpdate): void {
    if (this.#listeners.length === 0) {
      if (update.type === 'snapshot') this.#untold = [];
      this.#untold.push(update);
      return;
    }
    const held = this.#held;
    const isFitting = update.type === 'snapshot' || (held !== undefined && held.epoch === update.epoch);
    if (!isFitting || !isNewer(update, held)) {
      this.stats.olderBlocks++;
      return;
    }
    const { epoch, revision } = update;
    this.#held = { ...(epoch !== undefined && { epoch }), revision };
    for (const listener of this.#listeners) listener(update);
  }

  #learn(nextPins: readonly string[]): void {
    try {
      this.#pins.learn(this.#pin, nextPins);
    } catch (error) {
      this.#options.onNotice({ action: 'pins-unsaved', message: (error as Error).message });
    }
  }

  /** A refusal brings the gateway's own hint along. */
  #fail({ code, message, details, hint: ownHint }: FleetwallError): void {
    const hint = String(details['hint'] ?? ownHint);
    const { clock, onNotice } = this.#options;
    const { connected, gateway, sinceMs, lastError, waitingBatches } = this.#status;
    const atMs = clock();
    this.stats.failures++;
    if (connected || lastError?.message !== message) onNotice({ action: 'uplink-lost', message, hint });
    const since = connected ? atMs : sinceMs;
    this.#status = {
      connected: false,
      sinceMs: since,
      gateway,
      waitingBatches,
      lastError: { atMs, code, message, hint },
    };
  }

  #onTooLarge({ message, hint }: FleetwallError): void {
    this.stats.tooLarge++;
    this.#options.onNotice({ action: 'event-too-large', message, hint });
  }
}

/** Connects, and goes on for ever. */
export function connectUplink(options: UplinkOptions): GatewayUplink {
  return new GatewayUplink(options);
}
