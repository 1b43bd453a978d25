import type { Bus, Clock, Registry } from '@fleetwall/core';
import type { Policy, RailLimits } from '@fleetwall/response';

export interface ResponseOptions {
  bus: Bus;
  registry: Registry;
  clock: Clock;
  policies: readonly Policy[];
  tenancy: 'one' | 'host';
  limits?: RailLimits;
  onError: (error: unknown) => void;
}
