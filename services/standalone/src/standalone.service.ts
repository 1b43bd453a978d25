import type { AddressInfo, Server } from 'node:net';
import type { CollectorPipeline, Enforcer, EnforcerNotice, InputStats } from '@fleetwall/collector';
import { type Bus, type EventStore, encodeEvent, type FleetEvent, type Registry } from '@fleetwall/core';
import type { CorrelationPipeline } from '@fleetwall/correlation-service';
import type { GatewayPipeline } from '@fleetwall/gateway-service';
import type { IndexerPipeline } from '@fleetwall/indexer-service';
import type { AgentIdentity, Uplink } from '@fleetwall/protocol';
import { ALLOWLIST, type AllowEntry, type ResponsePipeline } from '@fleetwall/response-service';
import type { Config } from './config-schema.js';
import { RequestDesk } from './control/request-desk.js';
import { standaloneError } from './errors.js';
import type { Home } from './home.js';
import type { InjectedInput } from './injected-input.js';
import type { ConsumerWatch } from './observe/consumer-watch.js';
import { type Measured, measuredOf } from './observe/numbers.js';
import type { Troubles } from './observe/troubles.js';
import { runSelftest } from './selftest.js';
import { type Explanation, explain } from './why.js';

/** Everything that runs in this process. */
export interface StandaloneParts {
  config: Config;
  home: Home;
  identity: AgentIdentity;
  bus: Bus;
  store: EventStore;
  registry: Registry;
  gateway: GatewayPipeline;
  correlation: CorrelationPipeline;
  response: ResponsePipeline;
  indexer: IndexerPipeline;
  collector: CollectorPipeline;
  enforcer: Enforcer;
  uplink: Uplink;
  inputs: readonly { name: string; stats(): InputStats }[];
  injected: InjectedInput;
  watched: readonly { what: string; why: string; readable: boolean }[];
  onError: (error: unknown) => void;
  troubles: Troubles;
  consumers: ConsumerWatch;
}

const RETENTION_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** All services and a collector in one process: starts and stops them in order, and answers the command line. */
export class StandaloneService {
  readonly desk: RequestDesk;
  readonly parts: StandaloneParts;
  readonly startedMs = Date.now();
  #ready = false;
  #lastNotices: { atMs: number; action: string; message: string }[] = [];
  #retention: NodeJS.Timeout | undefined;
  control: Server | undefined;
  http: AddressInfo | undefined;

  constructor(parts: StandaloneParts) {
    this.parts = parts;
    this.desk = new RequestDesk(parts.bus);
  }

  /** From the firewall inwards, so that what is desired is in force before anything new is read. */
  async start(): Promise<void> {
    const { gateway, correlation, response, indexer, collector, enforcer, uplink } = this.parts;
    await enforcer.start();
    await response.start();
    await gateway.start();
    uplink.onBlocks((update) => void enforcer.update(update));
    await correlation.start();
    await indexer.start();
    await this.desk.start();
    await collector.start();
    this.#dropOldDays();
    this.#retention = setInterval(() => this.#dropOldDays(), RETENTION_EVERY_MS);
    this.#ready = true;
  }

  /** Reading ends first; what was read goes through; what is in force stays in force. */
  async stop(): Promise<void> {
    this.#ready = false;
    clearInterval(this.#retention);
    const { gateway, correlation, response, indexer, collector, enforcer, bus, store, registry } = this.parts;
    const steps = [
      () => collector.stop(),
      () => correlation.stop(),
      () => indexer.stop(),
      () => response.stop(),
      () => this.desk.stop(),
      () => gateway.stop(),
      () => enforcer.stop(),
      () => bus.close(),
      () => store.close(),
      () => registry.close(),
    ];
    for (const step of steps) await step().catch(this.parts.onError);
    this.control?.close();
  }

  /** What keeps the service from doing its work; empty when it does it. */
  problems(): string[] {
    if (!this.#ready) return ['still starting or stopping'];
    const { collector, inputs, enforcer, consumers, troubles } = this.parts;
    const { armed, state } = enforcer.status();
    return [
      ...new Set([
        ...collector.problems(),
        ...inputs.flatMap((input) => input.stats().problems.map(({ message }) => message)),
        ...(armed ? state.problems.map((problem) => `firewall: ${problem}`) : []),
        ...consumers.problems(),
        ...troubles.standing(),
      ]),
    ];
  }

  status() {
    const { collector, enforcer, correlation, indexer, identity, home, inputs, watched } = this.parts;
    const enforcement = enforcer.status();
    const blocks = this.blocks();
    return {
      host: identity.host,
      home: home.directory,
      http: this.http ? `http://127.0.0.1:${this.http.port}` : undefined,
      startedAt: new Date(this.startedMs).toISOString(),
      ready: this.#ready,
      problems: this.problems(),
      armed: enforcement.armed,
      armedBy: enforcement.armedBy,
      firewall: enforcement.capabilities,
      enforcing: enforcement.armed && enforcement.capabilities.enforces,
      read: collector.stats,
      watched,
      inputs: inputs.map((input) => ({ name: input.name, ...input.stats() })),
      stored: indexer.stats,
      correlation: correlation.stats,
      blocks: {
        active: blocks.filter(({ state }) => state === 'active').length,
        held: blocks.filter(({ state }) => state === 'held').length,
        inForceHere: enforcement.inForce,
        exceptions: enforcement.exceptions,
        droppedPackets: enforcement.state.droppedPackets,
      },
      notices: this.#lastNotices,
    };
  }

  doctor() {
    const { watched, enforcer, home, config, inputs } = this.parts;
    const { capabilities, armed } = enforcer.status();
    return {
      home: home.directory,
      reads: watched,
      problems: inputs.flatMap((input) => input.stats().problems),
      firewall: capabilities,
      armed,
      config,
    };
  }

  arm(by: string): Promise<void> {
    return this.parts.enforcer.arm(by);
  }

  disarm(): Promise<void> {
    return this.parts.enforcer.disarm();
  }

  blocks() {
    return [...this.parts.response.decider.book.all()].map((block) => ({
      ...block,
      at: iso(block.atMs),
      until: iso(block.untilMs),
    }));
  }

  blocksOf(target: string) {
    return this.blocks().filter((block) => block.target === target);
  }

  why(target: string): Promise<Explanation> {
    return explain(target, this.parts.response.decider.book, this.parts.store, this.parts.enforcer);
  }

  async allowed() {
    return (await this.parts.registry.list<AllowEntry>(ALLOWLIST)).map(({ id, value }) => ({ target: id, ...value }));
  }

  async allow(target: string, entry: Pick<AllowEntry, 'reason' | 'owner'>, durationMs: number | undefined) {
    const createdMs = Date.now();
    const untilMs = durationMs === undefined ? {} : { untilMs: createdMs + durationMs };
    await this.parts.registry.put<AllowEntry>(ALLOWLIST, target, { ...entry, createdMs, ...untilMs });
    return this.allowed();
  }

  async disallow(target: string) {
    if (!(await this.parts.registry.get(ALLOWLIST, target))) {
      throw standaloneError('NOT_ALLOWED', { target });
    }
    await this.parts.registry.delete(ALLOWLIST, target);
    return this.allowed();
  }

  selftest() {
    return runSelftest(this.parts, this.desk);
  }

  /** An event about the product itself goes the way of all events. */
  async notice({ action, message }: EnforcerNotice): Promise<void> {
    const nowMs = Date.now();
    this.#lastNotices = [...this.#lastNotices.slice(-19), { atMs: nowMs, action, message }];
    const { identity, gateway, onError } = this.parts;
    const event: FleetEvent = {
      '@timestamp': nowMs,
      'event.original': message,
      'event.id': `${identity.agentId}-notice-${nowMs.toString(36)}-${this.#lastNotices.length}-${action}`,
      'event.kind': 'event',
      'event.module': 'fleetwall',
      'event.category': ['configuration'],
      'event.type': ['change'],
      'event.action': action,
      'host.name': identity.host,
      'process.name': 'fleetwall',
      'fleetwall.evidence': 'handshake',
    };
    await gateway.receive(identity, { sequence: 0, events: [encodeEvent(event)] }).catch(onError);
  }

  async numbers(): Promise<Measured[]> {
    const { collector, gateway, correlation, indexer, response, enforcer, inputs, consumers, bus } = this.parts;
    const { inForce, exceptions, state, armed } = enforcer.status();
    return [
      ...measuredOf('collector', 'Collector', collector.stats),
      ...inputs.flatMap((input) => measuredOf('input', 'Input', input.stats(), { input: input.name })),
      ...measuredOf('gateway', 'Gateway', gateway.stats),
      ...measuredOf('correlation', 'Correlation', correlation.stats),
      ...correlation
        .counterStats()
        .flatMap((stats) =>
          Object.entries(stats).flatMap(([rule, numbers]) => measuredOf('windows', 'Windows', numbers, { rule })),
        ),
      ...measuredOf('indexer', 'Indexer', indexer.stats),
      ...(await consumers.lags(bus)),
      ...measuredOf('response', 'Response', response.decider.stats),
      ...measuredOf('firewall', 'Firewall', { ...state, inForce, exceptions: exceptions.length, armed: armed ? 1 : 0 }),
    ];
  }

  #dropOldDays(): void {
    const { store, config, onError } = this.parts;
    store.dropDaysBefore(Date.now() - config.store.retentionDays * DAY_MS).catch(onError);
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
