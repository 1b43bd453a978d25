import type { LocalCluster, LocalClusterOptions, ServiceProcess } from '../../scripts/local-cluster.mjs';

/** One server of the fleet, in a network namespace: a real sshd, its log daemon, a collector. */
export interface Host {
  name: string;
  address: string;
  log: string;
  collector: ServiceProcess;
  startSshd(): Promise<void>;
  startCollector(): Promise<void>;
  nft(...args: string[]): string;
  /** Whether its own kernel holds the address in a set of Fleetwall's. */
  holds(address: string): boolean;
  failedAt(address: string, n?: number): number | undefined;
  watchElements(): Map<string, number>;
}

export interface RealFleetOptions {
  hosts: number;
  /** In 198.51.100.0/24. */
  attackers: string[];
  cluster?: LocalClusterOptions & { services?: Record<string, number> };
}

/** Why this machine cannot run it, or undefined. */
export function missing(): string | undefined;

export class RealFleet {
  static start(options: RealFleetOptions): Promise<RealFleet>;
  readonly hosts: Host[];
  readonly cluster: LocalCluster;
  /** One failed password on a host, by a real client. Resolves with the stamp of the line. */
  fail(address: string, host: Host): Promise<number>;
  /** Whether a first packet of the address to the host's SSH port is answered. */
  comesThrough(address: string, host: Host, withinMs?: number): boolean;
  stop(): Promise<void>;
}
