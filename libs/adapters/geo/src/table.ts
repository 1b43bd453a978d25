import type { Network, Origin, OriginSource } from '@fleetwall/core';

/** A table of addresses. */
export interface OriginTable {
  /** Whom to name where it is shown. */
  readonly sources: readonly OriginSource[];
  /**
   * What it says of the whole network; undefined when it says nothing, or not the same of all of it. Never throws.
   *
   * @param address the first address of the network, as text
   */
  find(network: Network, address: string): Origin | undefined;
}
