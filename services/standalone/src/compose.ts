import { type Agent, agentStatus, hostNameOf, NameMemory, openAgent } from '@fleetwall/collector';
import { DetectionWatch, detectionSources, readCustomSources, readKnownProxies } from '@fleetwall/config';
import { type ConsoleOptions, configuredOptions } from '@fleetwall/console-service';
import { type Bus, type DecisionStore, type EventStore, encodeEvent, type Registry, topicSpecs } from '@fleetwall/core';
import { type CorrelationOptions, declareCounting, FileSnapshotStore } from '@fleetwall/correlation-service';
import type { GatewayOptions } from '@fleetwall/gateway-service';
import type { OriginTables } from '@fleetwall/geo';
import type { IndexerOptions } from '@fleetwall/indexer-service';
import type { AgentIdentity, Uplink } from '@fleetwall/protocol';
import { RULE_SWITCHES, type RuleSwitch } from '@fleetwall/response';
import type { ResponseOptions } from '@fleetwall/response-service';
import {
  FollowedList,
  type Observed,
  openBus,
  openDecisionStore,
  openEventStore,
  openOrigins,
  openRegistry,
  RequestDesk,
  type ServiceContext,
} from '@fleetwall/service';
import { type Source, TrustedProxies } from '@fleetwall/sources';
import { InjectedInput } from './injected-input.js';
import { type StandaloneParts, StandaloneService } from './standalone.service.js';

/** The options of every service, and the adapters they share. */
export interface Foundation extends ServiceContext {
  identity: AgentIdentity;
  bus: Bus;
  store: EventStore;
  decisions: DecisionStore;
  registry: Registry;
  /** Where addresses are from. */
  origins: OriginTables;
  desk: RequestDesk;
  /** Masks names, on this host and for whatever else reaches the gateway. */
  names: NameMemory;
  /** Of rules and policies. */
  watch: DetectionWatch;
  /** Log sources that the operator wrote. */
  customSources: readonly Source[];
  /** Which rules people switched to a dry run, or off. */
  switches: FollowedList<RuleSwitch>;
  /** Whose `X-Forwarded-For` is believed. */
  proxies: TrustedProxies;
  /** Of the topics that scale out. */
  partitions: number;
  correlation: CorrelationOptions;
  response: ResponseOptions;
  gateway: GatewayOptions;
  indexer: IndexerOptions;
  /** The collector of this host and its way to the gateway, once they are opened. */
  agent?: Agent;
  uplink?: Uplink;
}

/** Opens the stores; nothing runs yet. Rules and policies are checked before anything is created. */
export async function layFoundation(context: ServiceContext): Promise<Foundation> {
  const { config, home, log, onError, onNotice } = context;
  const watch = await DetectionWatch.open({ sources: detectionSources({}, config), log });
  const { rules, policies } = watch.detections;
  const { exemptions, trusted } = await readKnownProxies(config);
  const customSources = await readCustomSources(config.sources);
  home.create();
  const { agentId, seed } = home.identity();
  const host = hostNameOf(config);
  const clock = Date.now;
  const names = NameMemory.open({ config, home, onError });
  const bus = await openBus(context);
  const partitions = config.kafka?.partitions ?? 1;
  await bus.declare(topicSpecs(partitions, config.store.retention));
  await declareCounting(bus, partitions, rules);
  const registry = await openRegistry(context);
  const store = await openEventStore(context);
  const decisions = await openDecisionStore(context);
  const origins = await openOrigins(context);
  const { tenancy, limits, windows } = config;
  const switches = new FollowedList<RuleSwitch>(registry, RULE_SWITCHES);
  await switches.start();
  return {
    ...context,
    identity: { agentId, host, tenant: tenancy === 'one' ? 'default' : host },
    bus,
    store,
    decisions,
    registry,
    origins,
    desk: new RequestDesk(bus),
    names,
    watch,
    customSources,
    switches,
    partitions,
    proxies: new TrustedProxies(trusted),
    correlation: {
      bus,
      clock,
      rules,
      modeOf: (rule) => switches.all().get(rule)?.mode ?? 'on',
      snapshots: new FileSnapshotStore(home.windows, (text) => log.warn(text)),
      seed,
      maxWindowBytes: windows.maxBytes,
      snapshotEveryMs: windows.snapshotSeconds * 1_000,
      onError,
      onNotice,
    },
    response: { bus, registry, clock, policies, tenancy, limits, exemptions, onError },
    gateway: { bus, clock, names: names.mask },
    indexer: { bus, store, decisions, origins, onError },
  };
}

/** The console of this very process: what it says of itself goes to the gateway as the collector's words do. */
export function consoleOptions(
  foundation: Foundation,
  { problems, numbers, selfTest }: Observed & Required<Pick<ConsoleOptions, 'selfTest'>>,
): ConsoleOptions {
  const {
    config,
    home,
    identity,
    bus,
    store,
    decisions,
    registry,
    origins,
    desk,
    watch,
    customSources,
    response,
    proxies,
    onError,
  } = foundation;
  return {
    ...configuredOptions(config, home),
    ...{ bus, store, decisions, registry, origins, desk, proxies, customSources, problems, numbers, selfTest, onError },
    detections: watch,
    clock: response.clock,
    exemptions: response.exemptions ?? [],
    deployment: 'standalone',
    host: identity.host,
    // Numbers are for connections: within the process nothing is lost on the way.
    report: async (event) => foundation.uplink?.send({ sequence: 0, events: [encodeEvent(event)] }),
    localHost: () => localHost(foundation.agent as Agent),
  };
}

function localHost(agent: Agent) {
  const { read, watched, blocks } = agentStatus(agent);
  const { lines, events, history } = read;
  return { lines, events, history, watched, droppedPackets: blocks.droppedPackets };
}

/** The pipelines as Nest made them. */
export type Pipelines = Pick<StandaloneParts, 'gateway' | 'correlation' | 'response' | 'indexer' | 'console'>;

/** Adds a collector with its firewall, joined to the gateway in this very process. */
export async function addCollector(foundation: Foundation, pipelines: Pipelines): Promise<StandaloneService> {
  const { config, home, log, identity, gateway, names, onError } = foundation;
  const uplink = pipelines.gateway.connect(identity);
  const injected = new InjectedInput();
  const agent = await openAgent({
    config,
    home,
    uplink,
    names,
    clock: gateway.clock,
    moreInputs: [injected],
    onError,
    onNotice: (notice) => {
      log.warn(notice, notice.message);
      service.notice(notice);
    },
    onSpoolReport: (report) => log.warn(report, 'the spool lost something'),
  });
  Object.assign(foundation, { agent, uplink });
  const service: StandaloneService = new StandaloneService({ ...foundation, ...pipelines, agent, uplink, injected });
  return service;
}
