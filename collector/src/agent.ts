import { type Config, type Home, readCustomSources, readKnownProxies } from '@fleetwall/config';
import type { Clock } from '@fleetwall/core';
import type { Uplink } from '@fleetwall/protocol';
import { type Source, TrustedProxies } from '@fleetwall/sources';
import { ArmedMarker, DesiredBlocks, Enforcer, type EnforcerNotice, readHostFacts } from './enforcement/index.js';
import { openFirewall } from './firewalls/index.js';
import { hostNameOf } from './host-name.js';
import { type DiscoveredLog, discoverLogs } from './inputs/discover.js';
import { FileTail } from './inputs/file-tail/file-tail.js';
import type { Input } from './inputs/input.js';
import { JournaldInput } from './inputs/journald/journald.js';
import { listeningInputs } from './inputs/listening.js';
import { StdinInput } from './inputs/stdin/stdin.js';
import type { NameMemory } from './name-memory.js';
import { type Notice, noticeEvent } from './notice-event.js';
import { CollectorPipeline } from './pipeline.js';
import { Spool, type SpoolOptions } from './spool.js';

/** Something that is watched, or would be if it could be read. */
export interface Watched {
  what: string;
  why: string;
  readable: boolean;
}

export interface AgentOptions {
  config: Config;
  home: Home;
  uplink: Uplink;
  names: NameMemory;
  clock: Clock;
  /** Besides those that the configuration names. */
  moreInputs?: readonly Input[];
  onError: (error: unknown) => void;
  /** Told of what happens to the firewall of this host; it goes the way of all events besides. */
  onNotice: (notice: EnforcerNotice) => void;
  /** Told of events that are lost; that there is a gap goes the way of all events besides. */
  onSpoolReport: (report: SpoolReport) => void;
}

/** The collector of one host: what it reads and what it enforces, joined to the centre by an uplink. */
export interface Agent {
  host: string;
  enforcer: Enforcer;
  collector: CollectorPipeline;
  /** Those of the configuration. */
  inputs: readonly Input[];
  watched: readonly Watched[];
}

type SpoolReport = Parameters<SpoolOptions['onReport']>[0];

const DAY_MS = 86_400_000;

/** Opens everything; nothing is read or enforced before `startAgent`. */
export async function openAgent(options: AgentOptions): Promise<Agent> {
  const { config, home, uplink, names, clock, moreInputs = [], onError, onNotice, onSpoolReport } = options;
  const { agentId, seed } = home.identity();
  const host = hostNameOf(config);
  const { maxBytes, maxAgeDays } = config.collector.spool;
  const maxAgeMs = maxAgeDays * DAY_MS;
  const gaps: SpoolReport[] = [];
  let tellGap = (report: SpoolReport): void => void gaps.push(report);
  const onReport = (report: SpoolReport) => {
    onSpoolReport(report);
    tellGap(report);
  };
  const spool = await Spool.open({ directory: home.spool, maxBytes, maxAgeMs, onReport });
  let notices = 0;
  const tell = (notice: Notice) => {
    const event = noticeEvent({ agentId, host }, notice, clock(), ++notices);
    spool.append([event], undefined).catch(onError);
  };
  tellGap = (report) => {
    const message = gapText(report);
    if (message !== undefined) tell({ action: 'spool-gap', message });
  };
  for (const report of gaps) tellGap(report);
  const proxies = await readKnownProxies(config);
  const enforcer = await Enforcer.open({
    host,
    firewall: await openFirewall(config.firewall, clock, config.firewallWebPorts),
    marker: new ArmedMarker(home.armedMarker),
    desired: new DesiredBlocks(home.desiredBlocks),
    clock,
    readFacts: readHostFacts,
    limits: config.limits,
    exemptions: proxies.exemptions,
    report: (enforcement) => uplink.report(enforcement),
    onNotice: (notice) => {
      onNotice(notice);
      tell(notice);
    },
  });
  const customSources = await readCustomSources(config.sources);
  const { inputs, watched } = await openInputs(config, customSources);
  const collector = new CollectorPipeline({
    ...{ agentId, seed, host },
    zone: config.collector.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    customSources,
    trustedProxies: new TrustedProxies(proxies.trusted),
    names: names.mask,
    inputs: [...inputs, ...moreInputs],
    spool,
    uplink,
    clock,
    maxCpuShare: config.collector.maxCpuShare,
    onError,
  });
  return { host, enforcer, collector, inputs, watched };
}

/** What is lost, in words; undefined when nothing is. */
function gapText(report: SpoolReport): string | undefined {
  if (report.type === 'damaged')
    return `${report.records || 'some'} events of the spool are damaged and lost (${report.file} at ${report.position})`;
  if (report.type === 'expired' && report.records > 0)
    return `${report.records} events were not sent in time and are lost: the spool is limited by ${report.reason}`;
  return undefined;
}

/** What to read, by configuration or by what this system has. */
async function openInputs(
  config: Config,
  customSources: readonly Source[],
): Promise<{ inputs: Input[]; watched: Watched[] }> {
  const { collector } = config;
  const found = collector.files === 'auto' ? await discoverLogs() : undefined;
  const own = customSources.flatMap(({ formats = [] }) => formats.flatMap(({ files = [] }) => files));
  const paths = [...(found?.paths ?? (collector.files as string[])), ...own];
  const configured = (found ? own : paths).map((path) => ({ what: path, why: 'configured', readable: true }));
  const watched = [...(found?.logs.filter(({ chosen }) => chosen).map(watchedLog) ?? []), ...configured];
  const inputs: Input[] = [];
  if (paths.length > 0) inputs.push(new FileTail({ paths, maxLineBytes: collector.maxLineBytes }));
  const isJournalRead = collector.journald === 'auto' ? found?.journald : collector.journald;
  if (isJournalRead) inputs.push(new JournaldInput({ maxLineBytes: collector.maxLineBytes }));
  if (isJournalRead && !found) watched.push({ what: 'the journal', why: 'configured', readable: true });
  if (collector.stdin) inputs.push(new StdinInput({ maxLineBytes: collector.maxLineBytes }));
  const listening = listeningInputs(config);
  inputs.push(...listening.inputs);
  watched.push(...listening.watched);
  return { inputs, watched };
}

function watchedLog({ path, readable, reason, hint }: DiscoveredLog): Watched {
  return { what: path, why: hint === undefined ? reason : `${reason}; ${hint}`, readable };
}
