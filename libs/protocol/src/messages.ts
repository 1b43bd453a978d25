import type { DesiredBlock } from '@fleetwall/core';

/** Events on their way up: each one the JSON of one event (`encodeEvent` of core). */
export interface EventBatch {
  /** Grows by 1 with every batch of a connection. */
  sequence: number;
  events: readonly string[];
}

/**
 * Where in `fleetwall.blocks` something was true: the epoch of the topic (absent while nobody wrote one), and the offset
 * after the last record that went into it. Revisions of different epochs cannot be compared.
 */
export interface BlocksPosition {
  epoch?: string;
  revision: number;
}

/** Desired blocks on their way down. A snapshot replaces everything; a delta follows what came before it. */
export type BlockUpdate = BlocksPosition &
  ({ type: 'snapshot'; blocks: DesiredBlock[] } | { type: 'delta'; add: DesiredBlock[]; remove: string[] });

/** Who a collector is, by its credential and never by its payload. */
export interface AgentIdentity {
  agentId: string;
  host: string;
  tenant: string;
}
