import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYamlFiles } from '@fleetwall/config';
import { API_ROOT, ConsoleModule, type ConsoleOptions, ConsoleService } from '@fleetwall/console-service';
import {
  type Block,
  type Bus,
  countingSpecs,
  type DecisionStore,
  type EventStore,
  type FleetEvent,
  type Registry,
  TOPICS,
  topicSpecs,
} from '@fleetwall/core';
import { loadRules } from '@fleetwall/detection';
import {
  createDuckDbEventStore,
  createEmbeddedBus,
  createLmdbDecisionStore,
  createLmdbRegistry,
} from '@fleetwall/embedded';
import { IndexerPipeline } from '@fleetwall/indexer-service';
import { loadPolicies } from '@fleetwall/response';
import { ResponsePipeline } from '@fleetwall/response-service';
import { createApp, RequestDesk } from '@fleetwall/service';
import { TrustedProxies } from '@fleetwall/sources';
import { Accounts } from '../../services/console/src/session/accounts.js';
import { Passwords } from '../../services/console/src/session/passwords.js';
import { Sessions } from '../../services/console/src/session/sessions.js';
import { Tokens } from '../../services/console/src/session/tokens.js';

export const PASSWORD = 'correct horse battery';

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint answers; expectations say what it has to be
  body: any;
}

/** The console as a real HTTP server over the real embedded stores, with the response service that decides. */
export class ConsoleSite {
  readonly directory = mkdtempSync(join(tmpdir(), 'fleetwall-console-'));
  readonly reported: FleetEvent[] = [];
  readonly errors: unknown[] = [];
  bus!: Bus;
  store!: EventStore;
  decisions!: DecisionStore;
  registry!: Registry;
  accounts!: Accounts;
  sessions!: Sessions;
  tokens!: Tokens;
  base = '';
  origin = '';
  #closers: (() => Promise<void>)[] = [];

  async start(): Promise<this> {
    const at = (name: string) => join(this.directory, name);
    const onError = (error: unknown) => void this.errors.push(error);
    this.bus = await createEmbeddedBus({ directory: at('bus'), onReport: onError, onError });
    await this.bus.declare([...topicSpecs(1), ...countingSpecs(1, 3_600_000)]);
    this.store = await createDuckDbEventStore({ directory: at('events'), memoryLimitMb: 96, onDamaged: onError });
    this.decisions = await createLmdbDecisionStore({ directory: at('decisions') });
    this.registry = await createLmdbRegistry({ directory: at('registry') });
    this.accounts = new Accounts(this.registry, new Passwords(), Date.now);
    this.sessions = new Sessions(this.registry, this.accounts, Date.now);
    this.tokens = new Tokens(this.registry, this.accounts, Date.now);
    const { bus, store, decisions, registry } = this;
    const ruleFiles = await readYamlFiles('rules');
    const rules = loadRules(ruleFiles);
    const texts = new Map(ruleFiles.map(({ path, text }) => [path, text]));
    const policies = loadPolicies(await readYamlFiles('policies'));
    const response = new ResponsePipeline({ bus, registry, clock: Date.now, policies, tenancy: 'one', onError });
    const indexer = new IndexerPipeline({ bus, store, decisions, onError });
    const desk = new RequestDesk(bus);
    const stats = { generation: 1, rules: 1, policies: 1, loadedAtMs: 0, failedReloads: 0 };
    const options: ConsoleOptions = {
      ...{ bus, store, decisions, registry, desk, onError },
      detections: { detections: { rules, policies, texts }, stats, refusal: undefined },
      clock: Date.now,
      limits: { widestIpv4Prefix: 24, widestIpv6Prefix: 48 },
      exemptions: [],
      origins: { of: () => ({}), sources: () => [] },
      reverseNames: { isAllowed: false, resolvers: [] },
      proxies: TrustedProxies.of('127.0.0.1/32'),
      deployment: 'standalone',
      retentionDays: 30,
      setupFile: at('console-setup'),
      dataDirectory: this.directory,
      webRoot: at('web'),
      host: 'centre-01',
      report: async (event) => void this.reported.push(event),
      problems: () => [],
    };
    this.#closers = [
      () => response.stop(),
      () => indexer.stop(),
      () => desk.stop(),
      () => bus.close(),
      async () => void (await Promise.all([store.close(), decisions.close(), registry.close()])),
    ];
    await response.start();
    await indexer.start();
    await desk.start();
    await this.replica(options);
    return this;
  }

  /** One more console on the same stores; at any free port when none is given. */
  async replica(options: ConsoleOptions, at = 0): Promise<string> {
    const app = await createApp(ConsoleModule.register(options), { problems: () => [], numbers: async () => [] });
    await app.listen(at, '127.0.0.1');
    const service: ConsoleService = app.get(ConsoleService);
    await service.start();
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    this.#closers.unshift(
      () => service.stop(),
      () => app.close(),
    );
    this.options = options;
    this.origin = `http://127.0.0.1:${port}`;
    this.base = `${this.origin}${API_ROOT}`;
    return this.base;
  }

  options!: ConsoleOptions;

  async stop(): Promise<void> {
    for (const close of this.#closers) await close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The cookie of a new session of an account that is there. */
  async cookieOf(name: string): Promise<string> {
    const account = await this.accounts.get(name);
    if (!account) throw new Error(`no account ${name}`);
    return `fleetwall-session=${(await this.sessions.begin(account)).cookie}`;
  }

  /** What the console's own pages would send; headers of `undefined` are left out. */
  async ask(
    method: string,
    path: string,
    {
      cookie,
      body,
      headers = {},
      base = this.base,
    }: {
      cookie?: string | undefined;
      body?: unknown;
      headers?: Record<string, string | undefined>;
      base?: string;
    } = {},
  ): Promise<Reply> {
    const all: Record<string, string | undefined> = {
      ...(method === 'GET' ? {} : { 'x-fleetwall': '1' }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const response = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
      method,
      headers: sent,
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const isJson =
      /json\b/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && answer !== '' ? JSON.parse(answer) : answer,
    };
  }

  /** Puts a block where the response service would. */
  async putBlock(block: Block): Promise<void> {
    await this.decisions.putBlocks([block]);
    const key = `${block.scope.type === 'fleet' ? 'fleet' : `${block.scope.type}:${block.scope.id}`} ${block.target}`;
    await this.bus.publish(TOPICS.blocks, [{ key, value: Buffer.from(JSON.stringify(block)) }]);
  }
}

/** A failed logon as a gateway stamped it. */
export function failedLogon(id: string, more: Partial<FleetEvent> = {}): FleetEvent {
  return {
    '@timestamp': Date.now() - 60_000,
    'event.id': id,
    'event.original': `Failed password for root from 203.0.113.7 port 4711 ssh2 (${id})`,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh_login',
    'event.outcome': 'failure',
    'host.name': 'web-01',
    'process.name': 'sshd',
    'source.ip': '203.0.113.7',
    'user.name': 'root',
    'organization.id': 'acme',
    'event.ingested': Date.now(),
    'fleetwall.evidence': 'handshake',
    'fleetwall.attempt.role': 'attempt',
    'fleetwall.attempt.id': id.padStart(12, '0').slice(-12),
    ...more,
  };
}
