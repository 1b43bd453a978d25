import type { Bus, Clock, Registry } from '@fleetwall/core';
import type { Exemption, Policy, RailLimits } from '@fleetwall/response';

export interface ResponseOptions {
  bus: Bus;
  registry: Registry;
  clock: Clock;
  policies: readonly Policy[];
  tenancy: 'one' | 'host';
  limits?: RailLimits;
  /** What is never blocked, besides the allowlist: known proxies. */
  exemptions?: readonly Exemption[];
  onError: (error: unknown) => void;
}
