import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ArmedMarker,
  CollectorPipeline,
  DesiredBlocks,
  type DiscoveredLog,
  discoverLogs,
  Enforcer,
  FileTail,
  type Input,
  JournaldInput,
  openFirewall,
  readHostFacts,
  Spool,
  StdinInput,
} from '@fleetwall/collector';
import { type Bus, type EventStore, FleetwallError, type Registry, topicSpecs } from '@fleetwall/core';
import { type CorrelationOptions, FileSnapshotStore } from '@fleetwall/correlation-service';
import { planCorrelations } from '@fleetwall/detection';
import { createDuckDbEventStore, createEmbeddedBus, createLmdbRegistry } from '@fleetwall/embedded';
import type { GatewayOptions } from '@fleetwall/gateway-service';
import type { IndexerOptions } from '@fleetwall/indexer-service';
import type { AgentIdentity } from '@fleetwall/protocol';
import type { ResponseOptions } from '@fleetwall/response-service';
import type { Logger } from 'pino';
import type { Config } from './config-schema.js';
import { standaloneError } from './errors.js';
import type { Home } from './home.js';
import { InjectedInput } from './injected-input.js';
import { ConsumerWatch } from './observe/consumer-watch.js';
import { Troubles } from './observe/troubles.js';
import { readDetections } from './rule-set.js';
import { type StandaloneParts, StandaloneService } from './standalone.service.js';

const DAY_MS = 86_400_000;
const SHIPPED = fileURLToPath(new URL('../../../', import.meta.url));

/** The options of every service, and the adapters they share. */
export interface Foundation {
  config: Config;
  home: Home;
  log: Logger;
  identity: AgentIdentity;
  bus: Bus;
  store: EventStore;
  registry: Registry;
  correlation: CorrelationOptions;
  response: ResponseOptions;
  gateway: GatewayOptions;
  indexer: IndexerOptions;
  troubles: Troubles;
  consumers: ConsumerWatch;
}

/** Opens the stores; nothing runs yet. Rules and policies are checked before anything is created. */
export async function layFoundation(config: Config, home: Home, log: Logger): Promise<Foundation> {
  const { rules, policies } = await readDetections(
    config.rules ?? [join(SHIPPED, 'rules')],
    config.policies ?? join(SHIPPED, 'policies'),
  );
  home.create();
  const { agentId, seed } = home.identity();
  const host = config.collector.host ?? hostname();
  const clock = Date.now;
  const troubles = new Troubles(log);
  const onError = (error: unknown) => troubles.tell(error);
  const consumers = new ConsumerWatch();
  const bus = consumers.over(await openBus(home, log, onError));
  const horizonsMs = planCorrelations(rules.correlations).map(({ windowMs, latenessMs }) => windowMs + latenessMs);
  await bus.declare(topicSpecs(1, Math.max(0, ...horizonsMs) + DAY_MS));
  const registry = createLmdbRegistry({ directory: home.registry });
  const store = await createDuckDbEventStore({
    directory: home.events,
    memoryLimitMb: config.store.memoryLimitMb,
    onDamaged: (error) => log.error({ err: error }, 'a day of events was set aside'),
  });
  const { tenancy, limits, windows } = config;
  return {
    config,
    home,
    log,
    identity: { agentId, host, tenant: tenancy === 'one' ? 'default' : host },
    bus,
    store,
    registry,
    correlation: {
      bus,
      clock,
      rules,
      snapshots: new FileSnapshotStore(home.windows, (text) => log.warn(text)),
      seed,
      maxWindowBytes: windows.maxBytes,
      snapshotEveryMs: windows.snapshotSeconds * 1_000,
      onError,
      onNotice: (text) => log.warn(text),
    },
    response: { bus, registry, clock, policies, tenancy, limits, onError },
    gateway: { bus, clock },
    indexer: { bus, store, onError },
    troubles,
    consumers,
  };
}

/** The pipelines as Nest made them. */
export type Pipelines = Pick<StandaloneParts, 'gateway' | 'correlation' | 'response' | 'indexer'>;

/** Adds a collector with its firewall, joined to the gateway in this very process. */
export async function addCollector(foundation: Foundation, pipelines: Pipelines): Promise<StandaloneService> {
  const { config, home, log, identity, gateway: shared } = foundation;
  const { clock } = shared;
  const { onError } = foundation.correlation;
  const uplink = pipelines.gateway.connect(identity);
  const enforcer = await Enforcer.open({
    host: identity.host,
    firewall: await openFirewall(config.firewall, clock),
    marker: new ArmedMarker(home.armedMarker),
    desired: new DesiredBlocks(home.desiredBlocks),
    clock,
    readFacts: readHostFacts,
    limits: config.limits,
    report: (enforcement) => uplink.report(enforcement),
    onNotice: (notice) => {
      log.warn(notice, notice.message);
      void service.notice(notice);
    },
  });
  const { inputs, watched } = await openInputs(config);
  const injected = new InjectedInput();
  const spool = await Spool.open({
    directory: home.spool,
    maxBytes: config.collector.spool.maxBytes,
    maxAgeMs: config.collector.spool.maxAgeDays * DAY_MS,
    onReport: (report) => log.warn(report, 'the spool lost something'),
  });
  const collector = new CollectorPipeline({
    agentId: identity.agentId,
    host: identity.host,
    zone: config.collector.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    inputs: [...inputs, injected],
    spool,
    uplink,
    clock,
    maxCpuShare: config.collector.maxCpuShare,
    onError,
  });
  const service: StandaloneService = new StandaloneService({
    ...foundation,
    ...pipelines,
    collector,
    enforcer,
    uplink,
    inputs,
    injected,
    watched,
    onError,
  });
  return service;
}

async function openBus(home: Home, log: Logger, onError: (error: unknown) => void) {
  try {
    return await createEmbeddedBus({
      directory: home.bus,
      onReport: (report) => log.warn(report, 'the log gave something up'),
      onError,
    });
  } catch (error) {
    if (error instanceof FleetwallError && error.code === 'LOG_LOCKED') {
      throw standaloneError('ALREADY_RUNNING', { home: home.directory }, { cause: error });
    }
    throw error;
  }
}

/** What to read, by configuration or by what this system has. */
async function openInputs({ collector }: Config) {
  const found = await discoverLogs();
  const isAuto = collector.files === 'auto';
  const paths = isAuto ? found.paths : (collector.files as string[]);
  const configured = paths.map((path) => ({ what: path, why: 'configured', readable: true }));
  const watched = isAuto ? found.logs.filter(({ chosen }) => chosen).map(watchedLog) : configured;
  const inputs: Input[] = [];
  if (paths.length > 0) inputs.push(new FileTail({ paths, maxLineBytes: collector.maxLineBytes }));
  const isJournalRead = collector.journald === 'auto' ? isAuto && found.journald : collector.journald;
  if (isJournalRead) inputs.push(new JournaldInput({ maxLineBytes: collector.maxLineBytes }));
  if (isJournalRead && !isAuto) watched.push({ what: 'the journal', why: 'configured', readable: true });
  if (collector.stdin) inputs.push(new StdinInput({ maxLineBytes: collector.maxLineBytes }));
  return { inputs, watched };
}

function watchedLog({ path, readable, reason, hint }: DiscoveredLog) {
  return { what: path, why: hint === undefined ? reason : `${reason}; ${hint}`, readable };
}
