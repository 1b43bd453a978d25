import type { BlockPorts, DesiredBlock } from './block.js';

export interface FirewallCapabilities {
  name: string;
  /** Whether packets are really dropped. */
  enforces: boolean;
  /** Why not, and what to do about it, when `enforces` is false. */
  reason?: string;
  ipv6: boolean;
  networks: boolean;
  /** Whether the kernel ends a block by itself at its time. */
  timeouts: boolean;
  counters: boolean;
}

/** An entry of a firewall: a target has two, of which each stands and ends by itself. */
export interface FirewallKey {
  target: string;
  /** Absent: all ports. */
  ports?: BlockPorts;
}

export interface FirewallEntry extends FirewallKey {
  /** Milliseconds until the firewall drops the entry by itself; absent when it has none. */
  remainingMs?: number;
}

export interface FirewallState {
  /** Empty when every block can take effect: otherwise what is wrong, in words (`table missing`, `chain not hooked` …). */
  problems: string[];
  droppedPackets: number;
  droppedBytes: number;
  /** How many entries the firewall holds for us. */
  entries: number;
}

/**
 * Where web applications usually listen, those that are met directly included (3000: Grafana, 8000: Vaultwarden, 8080:
 * Guacamole); TCP, and UDP for HTTP/3.
 */
export const DEFAULT_WEB_PORTS: readonly number[] = [80, 443, 3000, 8000, 8080, 8443];

/** Port of a host's firewall. Targets are canonical addresses or networks; nothing else is let through. */
export interface Firewall {
  capabilities(): Promise<FirewallCapabilities>;
  /**
   * One atomic batch: all of it, or none. Adding what is there renews its expiry, shorter or longer; removing what is
   * not there changes nothing. Expiry is `untilMs`, by this host's clock. A text is the entry of all ports.
   */
  apply(add: DesiredBlock[], remove: (string | FirewallKey)[]): Promise<void>;
  list(): Promise<FirewallEntry[]>;
  /** Reads back what the kernel really holds. Cheap enough for once a second. */
  verify(): Promise<FirewallState>;
  /** Lets go of handles; what is in force stays. Idempotent. */
  close(): Promise<void>;
  /** Removes all that was ever ours and nothing else: break glass and uninstall. Works when nothing was set up. */
  remove(): Promise<void>;
}
