import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, FleetwallError } from '@fleetwall/core';
import {
  type AgentIdentity,
  CLOSE_CODES,
  type ClosingCode,
  decodeCollectorMessage,
  FEATURES,
  type GatewayMessage,
  type Hello,
  PROTOCOL_ERRORS,
  PROTOCOL_LIMITS,
  protocolError,
  type Report,
} from '@fleetwall/protocol';
import type { WebSocket } from 'ws';
import type { Credential } from '../credentials/credentials.js';
import type { GatewayPipeline } from '../pipeline.js';
import { BatchIntake } from './batch-intake.js';
import type { GatewayLimits } from './limits.js';
import { Outbox } from './outbox.js';
import { Pauses } from './pauses.js';
import type { ReadingGate } from './reading-gate.js';
import { ReportLine } from './report-line.js';
import type { Roster } from './roster.js';
import type { ServerStats } from './server-stats.js';
import { TokenBucket } from './token-bucket.js';

/** What all connections of a server share. */
export interface ConnectionContext {
  pipeline: GatewayPipeline;
  roster: Roster;
  gate: ReadingGate;
  limits: GatewayLimits;
  stats: ServerStats;
  clock: Clock;
  /** Name of this gateway, for people. */
  gateway: string;
  nextPins: () => string[];
  /** The fleet's secret for names of accounts, in hexadecimal; absent: each collector has its own. */
  nameKey?: string;
  onNotice: (notice: GatewayNotice) => void;
  onError: (error: unknown) => void;
}

/** Something a person should know. */
export interface GatewayNotice {
  action: 'credential-cloned' | 'credential-repeated' | 'collector-refused';
  agent: string;
  message: string;
}

/** One connection, as `fleetwall status` shows it. */
export interface ConnectionStatus extends AgentIdentity {
  address: string;
  sinceMs: number;
  agentVersion: string;
  /** The collector's clock minus the gateway's, measured at its hello. */
  clockOffsetMs: number;
  batchesUnderWay: number;
}

/** A connection that is asked whether it lives has this long to answer. */
const PROBE_MS = 5_000;
/** A collector that takes no acknowledgements is not served. */
const MAX_UNREAD_BYTES = 8 << 20;

/** One collector's connection: hello -> welcome, then batches -> acknowledgements, and blocks the other way. */
export class Connection {
  readonly identity: AgentIdentity;
  readonly credential: Credential;
  readonly #ws: WebSocket;
  readonly #context: ConnectionContext;
  readonly #address: string;
  readonly #intake: BatchIntake;
  readonly #rate: TokenBucket;
  readonly #pauses: Pauses<'rate' | 'memory' | 'stopping'>;
  readonly #outbox: Outbox;
  readonly #reports: ReportLine<Report>;
  readonly #closed = new AbortController();
  readonly #helloDeadline: NodeJS.Timeout;
  readonly #sinceMs: number;
  #hello: (Hello & { clockOffsetMs: number }) | undefined;
  #rateTimer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #heardMs = performance.now();
  #unsubscribe: (() => void) | undefined;

  constructor(ws: WebSocket, credential: Credential, address: string, context: ConnectionContext) {
    const { limits, stats, pipeline } = context;
    this.#ws = ws;
    this.credential = credential;
    this.identity = credential.identity;
    this.#context = context;
    this.#address = address;
    this.#sinceMs = context.clock();
    this.#rate = new TokenBucket(limits.messagesPerSecond, 4 * limits.messagesPerSecond, performance.now());
    this.#pauses = new Pauses(ws, () => this.#hear());
    const sink = {
      get bufferedAmount() {
        return ws.bufferedAmount;
      },
      send: (message: Buffer, onSent: (error?: Error | null) => void) => ws.send(message, { binary: false }, onSent),
    };
    this.#outbox = new Outbox(sink, limits.waitingBlockMessages, () => this.#sendSnapshot());
    this.#reports = new ReportLine(
      ({ type: _, epoch, ...report }) => pipeline.report(this.identity, { ...report, host: this.identity.host }, epoch),
      context.onError,
      this.#closed.signal,
    );
    this.#intake = new BatchIntake({
      ...{ limits, stats, gate: context.gate, signal: this.#closed.signal, onError: context.onError },
      publish: (batch) => pipeline.receive(this.identity, batch),
      acknowledge: (sequence) => this.#send({ type: 'ack', sequence }),
      pause: () => this.#pauses.add('memory'),
      resume: () => this.#pauses.remove('memory'),
      fail: (error) => this.#fail(error),
    });
    this.#helloDeadline = setTimeout(() => this.close('HELLO_MISSING'), limits.handshakeTimeoutMs);
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    ws.on('ping', () => this.#count());
    ws.on('pong', () => this.#hear());
    ws.on('error', (error) => this.#onSocketError(error));
    ws.on('close', () => this.#end());
    stats.accepted++;
    stats.connections++;
  }

  get instance(): string | undefined {
    return this.#hello?.instance;
  }

  get status(): ConnectionStatus {
    return {
      ...this.identity,
      address: this.#address,
      sinceMs: this.#sinceMs,
      agentVersion: this.#hello?.agentVersion ?? '',
      clockOffsetMs: this.#hello?.clockOffsetMs ?? 0,
      batchesUnderWay: this.#intake.underWay,
    };
  }

  /** Says why, then closes; counted under the reason. */
  close(code: ClosingCode, details: Record<string, string | number> = {}): void {
    this.#refuse(code, protocolError(code, details));
  }

  tellPins(nextPins: string[]): void {
    if (this.#hello) this.#send({ type: 'pins', nextPins });
  }

  /** Pings it, or gives it up when it was not heard for too long. */
  tick(nowMs: number): void {
    const isSilent = nowMs - this.#heardMs > 2.5 * this.#context.limits.pingMs;
    if (isSilent && !this.#pauses.isPaused) this.#giveUp();
    else this.#ws.ping();
  }

  /** Gives it up unless it shows within seconds that it lives. */
  probe(): void {
    const askedMs = performance.now();
    this.#ws.ping();
    const deadline = setTimeout(() => {
      if (this.#heardMs < askedMs && !this.#pauses.isPaused) this.#giveUp();
    }, PROBE_MS);
    this.#closed.signal.addEventListener('abort', () => clearTimeout(deadline));
  }

  /** Takes no more, and resolves when what it took is durable and acknowledged, or the time is over. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#pauses.add('stopping');
    while (this.#intake.underWay > 0 && !deadline.aborted && !this.#closed.signal.aborted) {
      await delay(10, undefined, { signal: AbortSignal.any([deadline, this.#closed.signal]) }).catch(() => undefined);
    }
    this.close('GATEWAY_STOPPING');
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isClosing) return;
    this.#context.stats.receivedBytes += data.length;
    this.#count();
    try {
      if (!isBinary) this.#onText(data);
      else if (this.#hello) this.#intake.take(data);
      else throw protocolError('HELLO_MISSING');
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Every message counts, and nobody is closed for being fast: reading pauses. */
  #count(): void {
    this.#hear();
    if (this.#ws.bufferedAmount > MAX_UNREAD_BYTES) this.#giveUp();
    const waitMs = this.#rate.take(performance.now());
    if (waitMs === 0 || this.#isClosing) return;
    this.#context.stats.pausedForRate++;
    this.#pauses.add('rate');
    clearTimeout(this.#rateTimer);
    this.#rateTimer = setTimeout(() => this.#pauses.remove('rate'), waitMs);
  }

  #onText(data: Buffer): void {
    if (data.length > PROTOCOL_LIMITS.controlBytes) {
      const reason = `has more than ${PROTOCOL_LIMITS.controlBytes} bytes`;
      throw protocolError('MESSAGE_INVALID', { message: 'a message', field: 'the text', reason });
    }
    const message = decodeCollectorMessage(data.toString('utf8'));
    if (message.type === 'hello') this.#onHello(message);
    else if (!this.#hello) throw protocolError('HELLO_MISSING');
    else if (message.type === 'report') this.#reports.say(message);
    else {
      this.#context.stats.unknownMessages++;
      this.#sendNotice(protocolError('MESSAGE_UNKNOWN', { message: message.name }));
    }
  }

  #onHello(hello: Hello): void {
    if (this.#hello) {
      throw protocolError('MESSAGE_INVALID', { message: 'hello', field: 'the message', reason: 'came twice' });
    }
    clearTimeout(this.#helloDeadline);
    const { clock, roster, limits, gateway, nextPins, nameKey, pipeline } = this.#context;
    const timeMs = clock();
    this.#hello = { ...hello, clockOffsetMs: hello.timeMs - timeMs };
    const { replaced, first } = roster.enter(this);
    if (first) {
      this.#tellClone(first);
      return;
    }
    replaced?.close('CONNECTION_REPLACED');
    this.#send({
      type: 'welcome',
      version: 1,
      gateway,
      agent: this.identity.agentId,
      host: this.identity.host,
      tenant: this.identity.tenant,
      features: FEATURES.filter((feature) => hello.features.includes(feature)),
      timeMs,
      window: { batches: limits.windowBatches, bytes: limits.windowBytes },
      pingMs: limits.pingMs,
      nextPins: nextPins(),
      ...(nameKey !== undefined && { nameKey }),
    });
    const subscriber = {
      onSnapshot: () => this.#sendSnapshot(),
      onChange: ({ messages }: { messages: readonly Buffer[] }) => {
        if (!this.#outbox.add(messages)) this.#context.stats.resyncs++;
      },
    };
    this.#unsubscribe = pipeline.blocks.subscribe(this.identity, subscriber, hello.holds);
  }

  #tellClone(first: Connection): void {
    const agent = this.identity.agentId;
    const message = `${this.#address} uses the credential of ${agent}, with which ${first.status.address} is connected`;
    this.#context.onNotice({ action: 'credential-cloned', agent, message });
    this.close('CREDENTIAL_CLONED', { agent });
  }

  #sendSnapshot(): void {
    this.#outbox.replace(this.#context.pipeline.blocks.snapshotMessages(this.identity));
  }

  #send(message: GatewayMessage): void {
    this.#ws.send(JSON.stringify(message), () => undefined);
  }

  #sendNotice({ code, message, hint }: FleetwallError): void {
    this.#send({ type: 'notice', code, message: message.slice(0, PROTOCOL_LIMITS.sentenceChars), hint });
  }

  #fail(error: unknown): void {
    if (error instanceof FleetwallError && error.code in CLOSE_CODES) this.#refuse(error.code as ClosingCode, error);
    else {
      this.#context.onError(error);
      this.terminate();
    }
  }

  #refuse(code: ClosingCode, error: FleetwallError): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#intake.stop();
    const counter = COUNTERS[code];
    if (counter) this.#context.stats[counter]++;
    this.#sendNotice(error);
    this.#ws.close(CLOSE_CODES[code], code);
    // The answer to the close is to be read, and whatever else is still on the way, into nothing.
    this.#ws.resume();
    const isFault = PROTOCOL_ERRORS[code].retryable === false;
    if (!isFault) return;
    this.#context.onNotice({ action: 'collector-refused', agent: this.identity.agentId, message: error.message });
  }

  #giveUp(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#intake.stop();
    this.#context.stats.silent++;
    this.terminate();
  }

  #onSocketError(error: Error & { code?: string }): void {
    const isSize = /UNSUPPORTED_MESSAGE_LENGTH|TOO_MANY_BUFFERED/.test(error.code ?? '');
    if (isSize) this.#context.stats.tooLarge++;
    else if (error.code?.startsWith('WS_ERR')) this.#context.stats.invalidMessages++;
  }

  #hear(): void {
    this.#heardMs = performance.now();
  }

  #end(): void {
    this.#isClosing = true;
    this.#intake.stop();
    clearTimeout(this.#helloDeadline);
    clearTimeout(this.#rateTimer);
    this.#unsubscribe?.();
    this.#context.roster.leave(this);
    this.#context.stats.connections--;
    this.#closed.abort();
  }
}

const COUNTERS: Partial<Record<ClosingCode, keyof ServerStats>> = {
  BATCH_TOO_LARGE: 'tooLarge',
  MESSAGE_INVALID: 'invalidMessages',
  BATCH_INVALID: 'invalidMessages',
  CREDENTIAL_REVOKED: 'revoked',
  HELLO_MISSING: 'withoutHello',
  CREDENTIAL_CLONED: 'cloned',
  CONNECTION_REPLACED: 'replaced',
  SEQUENCE_BROKEN: 'brokenSequences',
  WINDOW_EXCEEDED: 'exceededWindows',
};
