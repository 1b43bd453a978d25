import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArmedMarker, DesiredBlocks, Enforcer, type HostFacts } from '@fleetwall/collector';
import {
  type Block,
  type BlockRequest,
  countingSpecs,
  type Enforcement,
  type Registry,
  topicSpecs,
} from '@fleetwall/core';
import { GatewayPipeline } from '@fleetwall/gateway-service';
import { ALLOWLIST, type AllowEntry } from '@fleetwall/response';
import { ResponsePipeline } from '@fleetwall/response-service';
import { RequestDesk } from '@fleetwall/service';
import { createMemoryBus, createMemoryRegistry } from '@fleetwall/testkit';
import { DryRunFirewall } from '../../collector/src/firewalls/dry-run.js';

const HOUR_MS = 3_600_000;

/** Desk, response service, gateway and one armed host with the reference firewall, joined as in a standalone service. */
export class Fleet {
  nowMs = Date.UTC(2026, 10, 22, 12);
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-fleet-'));
  readonly firewall = new DryRunFirewall(() => this.nowMs);
  readonly registry: Registry = createMemoryRegistry();
  facts: HostFacts = { own: ['203.0.113.5'], gateways: ['192.0.2.1'], resolvers: ['192.0.2.53'], sessions: [] };
  readonly reports: Enforcement[] = [];
  readonly #bus = createMemoryBus();
  readonly #desk = new RequestDesk(this.#bus);
  readonly #gateway = new GatewayPipeline({ bus: this.#bus, clock: () => this.nowMs });
  readonly #response = new ResponsePipeline({
    bus: this.#bus,
    registry: this.registry,
    clock: () => this.nowMs,
    policies: [],
    tenancy: 'one',
    onError: (error) => {
      throw error;
    },
  });
  #enforcer: Enforcer | undefined;

  async start(): Promise<void> {
    await this.#bus.declare([...topicSpecs(1), ...countingSpecs(1, HOUR_MS)]);
    await this.#response.start();
    await this.#gateway.start();
    await this.#desk.start();
    const marker = new ArmedMarker(join(this.directory, 'armed'));
    marker.arm('a test', this.nowMs);
    const uplink = this.#gateway.connect({ agentId: 'agent', host: 'web-01', tenant: 'default' });
    const enforcer = await Enforcer.open({
      host: 'web-01',
      firewall: this.firewall,
      marker,
      desired: new DesiredBlocks(join(this.directory, 'desired.json')),
      clock: () => this.nowMs,
      readFacts: () => structuredClone(this.facts),
      report: async (enforcement) => void this.reports.push(enforcement),
      onNotice: () => undefined,
    });
    await enforcer.start();
    uplink.onBlocks((update) => void enforcer.update(update));
    this.#enforcer = enforcer;
  }

  async stop(): Promise<void> {
    await this.#desk.stop();
    await this.#response.stop();
    await this.#gateway.stop();
    await this.#enforcer?.stop();
    await this.#bus.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** As `fleetwall block` asks; rejects with what the response service says. */
  block(target: string, durationMs = HOUR_MS): Promise<void> {
    const scope = { type: 'fleet' } as const;
    return this.#ask({ type: 'block', target, scope, durationMs, by: 'someone', comment: 'a test' });
  }

  unblock(target: string): Promise<void> {
    return this.#ask({ type: 'unblock', target, by: 'someone', comment: 'a test' });
  }

  async allow(target: string): Promise<void> {
    const entry: AllowEntry = { reason: 'office', owner: 'someone', createdMs: this.nowMs };
    await this.registry.put(ALLOWLIST, target, entry);
  }

  blocks(): Block[] {
    return [...this.#response.decider.book.all()].filter(({ state }) => state === 'active');
  }

  async targets(): Promise<string[]> {
    return (await this.firewall.list()).map(({ target }) => target).sort();
  }

  /** Resolves when the firewall holds exactly this. */
  async holds(...targets: string[]): Promise<void> {
    const wanted = [...targets].sort().join();
    await this.until(`the firewall to hold ${wanted}`, async () => (await this.targets()).join() === wanted);
  }

  async until(what: string, isTrue: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
    for (const endMs = Date.now() + withinMs; !(await isTrue()); await new Promise((done) => setTimeout(done, 10))) {
      if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}; it is ${await this.targets()}`);
    }
  }

  #ask(question: BlockRequest extends infer Q ? (Q extends BlockRequest ? Omit<Q, 'id' | 'atMs'> : never) : never) {
    return this.#desk.ask(question);
  }
}
