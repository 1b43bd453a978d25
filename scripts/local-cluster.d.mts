import type { RunningElasticsearch, StartElasticsearchOptions } from './elasticsearch.mjs';

export interface ServiceProcess {
  name: string;
  home: string;
  env: Record<string, string>;
  pid: number | undefined;
  /** The end of what it said on standard error. */
  output: string;
  told: { started?: { port: number }; gateway?: { port: number; pin: string } };
  start(withinMs?: number): Promise<ServiceProcess>;
  /** Starts it and does not wait. */
  spawn(): void;
  untilReady(withinMs?: number): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): Promise<number | null | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of another process
  control(method: string, path: string, body?: unknown): Promise<any>;
  get(path: string): Promise<{ code: number; text: string }>;
  metrics(): Promise<Map<string, number>>;
  cpuSeconds(): number;
  memoryMb(which?: 'VmRSS' | 'VmHWM'): number;
}

export interface LocalClusterOptions {
  directory?: string;
  partitions?: number;
  /** Options of every service, as variables. */
  env?: Record<string, string>;
  elasticsearch?: StartElasticsearchOptions;
  onProgress?: (text: string) => void;
}

export interface CollectorOptions {
  host: string;
  gatewayHost?: string;
  gateway?: ServiceProcess;
  tenant?: string;
  /** A command that runs it elsewhere: `['ip', 'netns', 'exec', 'x']`. */
  prefix?: string[];
  env?: Record<string, string>;
}

export type ServiceName = 'gateway' | 'correlation' | 'response' | 'indexer' | 'console' | 'collector';

/** Why this machine cannot run a cluster, in words, or undefined. */
export function whatIsMissing(): string | undefined;

export class LocalCluster {
  static start(options?: LocalClusterOptions): Promise<LocalCluster>;
  readonly directory: string;
  readonly kafka: { port: number; stop(): Promise<void> };
  readonly elasticsearch: RunningElasticsearch;
  serviceEnv(): Record<string, string>;
  service(name: ServiceName, env?: Record<string, string>): ServiceProcess;
  startServices(counts?: Record<string, number>): Promise<ServiceProcess[]>;
  of(name: ServiceName): ServiceProcess[];
  collector(options: CollectorOptions): ServiceProcess;
  readonly nameKey: Buffer;
  credential(who: { agent: string; host: string; tenant: string }): string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of another process
  control(method: string, path: string, body?: unknown): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of another process
  search(path: string, body?: unknown): Promise<any>;
  restartKafka(): Promise<void>;
  stop(): Promise<void>;
}

export function until<T>(what: string, look: () => T | Promise<T>, withinMs?: number): Promise<T & {}>;
