import type { DesiredBlock } from '@fleetwall/core';

/** Events on their way up: each one the JSON of one event (`encodeEvent` of core). */
export interface EventBatch {
  /** Grows by 1 with every batch of a connection. */
  sequence: number;
  events: readonly string[];
}

/**
 * Desired blocks on their way down. A snapshot replaces everything; a delta follows the revision before it. The revision
 * is the offset after the last record of `fleetwall.blocks` that went into it.
 */
export type BlockUpdate =
  | { type: 'snapshot'; revision: number; blocks: DesiredBlock[] }
  | { type: 'delta'; revision: number; add: DesiredBlock[]; remove: string[] };

/** Who a collector is, by its credential and never by its payload. */
export interface AgentIdentity {
  agentId: string;
  host: string;
  tenant: string;
}
