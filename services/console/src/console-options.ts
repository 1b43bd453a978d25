import type { DetectionWatch, NotificationsConfig } from '@fleetwall/config';
import type { Bus, Clock, DecisionStore, EventStore, FleetEvent, Measured, Origins, Registry } from '@fleetwall/core';
import type { Exemption, RailLimits } from '@fleetwall/response';
import type { RequestDesk } from '@fleetwall/service';
import type { Source, TrustedProxies } from '@fleetwall/sources';
import type { OidcOptions } from './oidc/oidc-options.js';

/** What the host of this process reads and drops, where there is a collector in it. */
export interface LocalHost {
  lines: number;
  events: number;
  history: number;
  watched: readonly { what: string; why: string; readable: boolean }[];
  droppedPackets: number;
}

/** What became of each step of a synthetic attack. */
export interface SelfTest {
  ok: boolean;
  /** For documentation (RFC 5737): no host has it. */
  address: string;
  steps: { step: string; ok: boolean; detail: string; afterMs: number }[];
}

export interface ConsoleOptions {
  bus: Bus;
  store: EventStore;
  decisions: DecisionStore;
  registry: Registry;
  desk: RequestDesk;
  /** Where addresses are from. */
  origins: Origins;
  /** Whether the DNS may be asked for names of addresses, and whom. */
  reverseNames: { isAllowed: boolean; resolvers: readonly string[] };
  detections: Pick<DetectionWatch, 'detections' | 'stats' | 'refusal'>;
  /** Log sources that the operator wrote; absent: none. */
  customSources?: readonly Source[];
  clock: Clock;
  limits: RailLimits;
  /** Known proxies: never blocked. */
  exemptions: readonly Exemption[];
  /** Whose `X-Forwarded-For` is believed. */
  proxies: TrustedProxies;
  deployment: 'standalone' | 'cluster';
  retentionDays: number;
  /** Of the audit log; a year when absent. */
  auditDays?: number;
  /** Below FLEETWALL_HOME: the one-time token of the first administrator. */
  setupFile: string;
  /** Whose disk `system` tells of. */
  dataDirectory: string;
  /** Of the built front end; it need not exist. */
  webRoot: string;
  /** Name of this host, for events of the console itself. */
  host: string;
  /** Publishes an event of the console itself, stamped as every event is. */
  report: (event: FleetEvent) => Promise<void>;
  /** Who is told what; nobody when absent. */
  notifications?: NotificationsConfig | undefined;
  /** Sign-in by a provider; absent: by name and password alone. */
  oidc?: OidcOptions;
  localHost?: () => LocalHost;
  /** Follows a synthetic attack from line to block, where there is a collector in this process. */
  selfTest?: () => Promise<SelfTest>;
  /** What this process measures of itself. */
  numbers?: () => Promise<Measured[]>;
  problems: () => string[];
  onError: (error: unknown) => void;
}

/** The Nest token under which they are bound. */
export const CONSOLE_OPTIONS = Symbol('options of the console');
