import type { AddressInfo, Server } from 'node:net';
import {
  type Agent,
  agentDoctor,
  agentNumbers,
  agentProblems,
  agentStatus,
  type EnforcerNotice,
} from '@fleetwall/collector';
import type { Detections } from '@fleetwall/config';
import type { ConsoleService } from '@fleetwall/console-service';
import { countedOf, type Measured } from '@fleetwall/core';
import { type CorrelationPipeline, correlationNumbers, declareCounting } from '@fleetwall/correlation-service';
import type { GatewayPipeline } from '@fleetwall/gateway-service';
import { type IndexerPipeline, Retention } from '@fleetwall/indexer-service';
import type { Uplink } from '@fleetwall/protocol';
import { type ResponsePipeline, responseNumbers } from '@fleetwall/response-service';
import type { Observed } from '@fleetwall/service';
import type { Foundation } from './compose.js';
import type { InjectedInput } from './injected-input.js';
import { runSelftest } from './selftest.js';

/** Everything that runs in this process. */
export interface StandaloneParts extends Omit<Foundation, 'gateway' | 'correlation' | 'response' | 'indexer'> {
  gateway: GatewayPipeline;
  correlation: CorrelationPipeline;
  response: ResponsePipeline;
  indexer: IndexerPipeline;
  console: ConsoleService;
  agent: Agent;
  uplink: Uplink;
  injected: InjectedInput;
}

const RETENTION_EVERY_MS = 3_600_000;

/** All services and a collector in one process: starts and stops them in order, and answers the command line. */
export class StandaloneService implements Observed {
  readonly parts: StandaloneParts;
  readonly startedMs = Date.now();
  #ready = false;
  #lastNotices: { atMs: number; action: string; message: string }[] = [];
  readonly #retention: Retention;
  #retaining: NodeJS.Timeout | undefined;
  control: Server | undefined;
  http: AddressInfo | undefined;

  constructor(parts: StandaloneParts) {
    this.parts = parts;
    const { store, decisions, config } = parts;
    this.#retention = new Retention({ store, decisions, clock: Date.now, ...config.store });
  }

  /** From the firewall inwards, so that what is desired is in force before anything new is read. */
  async start(): Promise<void> {
    const { gateway, correlation, response, indexer, console, agent, uplink, desk, watch, switches } = this.parts;
    const { collector, enforcer } = agent;
    await enforcer.start();
    await response.start();
    await gateway.start();
    uplink.onBlocks((update) => void enforcer.update(update));
    switches.onChange = () => correlation.useSwitches();
    await correlation.start();
    await indexer.start();
    await desk.start();
    await console.start();
    await collector.start();
    watch.start((changed) => this.#use(changed));
    this.#dropOld();
    this.#retaining = setInterval(() => this.#dropOld(), RETENTION_EVERY_MS);
    this.#ready = true;
  }

  /** Reading ends first; what was read goes through; what is in force stays in force. */
  async stop(): Promise<void> {
    this.#ready = false;
    clearInterval(this.#retaining);
    const { gateway, correlation, response, indexer, console, agent } = this.parts;
    const { desk, names, bus, store, decisions, registry, origins, watch, switches } = this.parts;
    const { collector, enforcer } = agent;
    switches.stop();
    const steps = [
      () => watch.close(),
      () => collector.stop(),
      () => correlation.stop(),
      () => indexer.stop(),
      () => response.stop(),
      () => console.stop(),
      () => desk.stop(),
      () => gateway.stop(),
      () => names.close(),
      () => enforcer.stop(),
      () => bus.close(),
      () => store.close(),
      () => decisions.close(),
      () => registry.close(),
      () => origins.close(),
    ];
    for (const step of steps) await step().catch(this.parts.onError);
    this.control?.close();
  }

  /** What keeps the service from doing its work; empty when it does it. */
  problems(): string[] {
    if (!this.#ready) return ['still starting or stopping'];
    const { agent, consumers, troubles } = this.parts;
    return [...new Set([...agentProblems(agent), ...consumers.problems(), ...troubles.standing()])];
  }

  status() {
    const { agent, correlation, response, indexer, console, home, watch } = this.parts;
    const { active, held } = response.decider.book.states;
    const host = agentStatus(agent);
    const http = this.http ? `http://127.0.0.1:${this.http.port}` : undefined;
    const setup = console.setupPage();
    return {
      ...host,
      home: home.directory,
      http,
      setup: setup === undefined ? undefined : `${http}${setup}`,
      startedAt: new Date(this.startedMs).toISOString(),
      ready: this.#ready,
      problems: this.problems(),
      rules: { ...watch.stats, refusal: watch.refusal },
      stored: indexer.stats,
      correlation: correlation.stats,
      blocks: {
        ...host.blocks,
        active,
        held,
      },
      notices: this.#lastNotices,
    };
  }

  doctor() {
    const { agent, home } = this.parts;
    return { ...agentDoctor(agent), home: home.directory };
  }

  arm(by: string): Promise<void> {
    return this.parts.agent.enforcer.arm(by);
  }

  disarm(): Promise<void> {
    return this.parts.agent.enforcer.disarm();
  }

  selftest() {
    return runSelftest(this.parts);
  }

  /** Keeps what happened to the firewall of this host, for `status`. */
  notice({ action, message }: EnforcerNotice): void {
    this.#lastNotices = [...this.#lastNotices.slice(-19), { atMs: Date.now(), action, message }];
  }

  async numbers(): Promise<Measured[]> {
    const { agent, gateway, correlation, indexer, response, console, consumers, bus, origins, watch } = this.parts;
    return [
      ...agentNumbers(agent),
      ...countedOf('gateway', 'Gateway', gateway.stats, []),
      ...correlationNumbers(correlation),
      ...countedOf('indexer', 'Indexer', indexer.stats, []),
      ...(await consumers.lags(bus)),
      ...responseNumbers(response),
      ...console.numbers(),
      ...watch.numbers(),
      ...origins.numbers(),
    ];
  }

  /** What may be refused comes first; then rules and policies change together, between two batches. */
  async #use({ rules, policies }: Detections): Promise<void> {
    const { bus, partitions, correlation, response } = this.parts;
    await declareCounting(bus, partitions, rules);
    correlation.use(rules);
    response.use(policies);
  }

  #dropOld(): void {
    this.#retention.enforce().catch(this.parts.onError);
  }
}
