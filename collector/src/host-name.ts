import { hostname } from 'node:os';
import type { Config } from '@fleetwall/config';

/** How this host is called: as configured, else as the system says. */
export function hostNameOf({ collector }: Config): string {
  return collector.host ?? hostname();
}
