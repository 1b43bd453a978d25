import { join } from 'node:path';
import { startElasticsearch } from '../../scripts/elasticsearch.mjs';
import { type RunningKafka, startKafka } from '../../scripts/kafka.mjs';
import type { ServiceName, ServiceProcess } from '../../scripts/local-cluster.mjs';
import type { Site } from './site.js';

/** Something that goes wrong for a while. */
export interface Fault {
  name: string;
  /** From its beginning until it is over, seconds. */
  lastsSeconds: number;
  /** Answers what makes it good again; resolves when that is done. */
  begin(site: Site): Promise<() => Promise<unknown>>;
}

export interface Lengths {
  /** A killed process is started again after so long. */
  deadSeconds: number;
  pauseSeconds: number;
  outageSeconds: number;
}

type Draw = (below: number) => number;

const KINDS: ServiceName[] = ['correlation', 'indexer', 'response', 'gateway', 'collector'];

/** By kind; a short run is content with one of each kind. */
export function allFaults(lengths: Lengths, draw: Draw): Fault[][] {
  const { pauseSeconds, outageSeconds } = lengths;
  return [
    ...KINDS.map((kind) => [killed(kind, lengths, draw)]),
    ...(['correlation', 'indexer', 'response'] as const).map((kind) => [paused(kind, pauseSeconds, draw)]),
    [added('correlation')],
    [added('indexer')],
    brokerFaults(),
    elasticsearchFaults(outageSeconds),
  ];
}

function brokerFaults(): Fault[] {
  return [
    {
      name: 'the broker is restarted',
      lastsSeconds: 0,
      begin: async (site) => {
        await site.cluster.kafka.stop();
        return () => startBroker(site);
      },
    },
    {
      name: 'the broker is killed (-9), and started again',
      lastsSeconds: 0,
      begin: async (site) => {
        process.kill(-(site.cluster.kafka as RunningKafka).pid, 'SIGKILL');
        await site.cluster.kafka.stop();
        return () => startBroker(site);
      },
    },
  ];
}

function elasticsearchFaults(lastsSeconds: number): Fault[] {
  return [
    {
      name: 'Elasticsearch is stopped, and started again',
      lastsSeconds,
      begin: async ({ cluster }) => {
        const { port, directory } = cluster.elasticsearch;
        await cluster.elasticsearch.stop();
        return async () => Object.assign(cluster, { elasticsearch: await startElasticsearch({ directory, port }) });
      },
    },
    {
      name: 'Elasticsearch stands still (SIGSTOP)',
      lastsSeconds,
      begin: async ({ cluster }) => {
        const { pid } = cluster.elasticsearch;
        process.kill(-pid, 'SIGSTOP');
        return async () => process.kill(-pid, 'SIGCONT');
      },
    },
  ];
}

/** One of any kind of process. */
export function randomKill(lengths: Lengths, draw: Draw): Fault {
  return killed(KINDS[draw(KINDS.length)] as ServiceName, lengths, draw);
}

function killed(kind: ServiceName, { deadSeconds }: Lengths, draw: Draw): Fault {
  return {
    name: `${kind} is killed (-9)`,
    lastsSeconds: deadSeconds,
    begin: async (site) => {
      const victim = await victimOf(site, kind, draw);
      await victim.kill();
      return () => victim.start();
    },
  };
}

function paused(kind: ServiceName, seconds: number, draw: Draw): Fault {
  return {
    name: `${kind} stands still (SIGSTOP)`,
    lastsSeconds: seconds,
    begin: async (site) => {
      const victim = await victimOf(site, kind, draw);
      victim.pause();
      return async () => victim.resume();
    },
  };
}

function added(kind: ServiceName): Fault {
  return {
    name: `one more ${kind}`,
    lastsSeconds: 0,
    begin: async ({ cluster }) => {
      await cluster.service(kind).start();
      return async () => undefined;
    },
  };
}

/** On its port, with what it has stored. */
async function startBroker({ cluster }: Site): Promise<void> {
  const { port } = cluster.kafka;
  const kafka = await startKafka({ directory: join(cluster.directory, 'kafka'), port });
  Object.assign(cluster, { kafka });
}

/** Any of its kind; of the responses the one that decides. */
async function victimOf({ cluster }: Site, kind: ServiceName, draw: Draw): Promise<ServiceProcess> {
  const all = cluster.of(kind);
  if (kind === 'response') {
    for (const one of all) if (await isActive(one)) return one;
  }
  return all[draw(all.length)] as ServiceProcess;
}

async function isActive(response: ServiceProcess): Promise<boolean> {
  const metrics = await response.metrics();
  return [...metrics].some(([name, value]) => name.startsWith('fleetwall_response_active') && value === 1);
}
