import type { Enforcement } from '@fleetwall/core';
import type { BlockUpdate, EventBatch } from './messages.js';

/** A collector's way to the centre. */
export interface Uplink {
  /**
   * Resolves when the batch is durable at the centre; rejects when that is not known, and the batch is to be sent again.
   * Several may be under way; they become durable in the order of the calls.
   */
  send(batch: EventBatch): Promise<void>;
  /** Hands over a snapshot first, then deltas; a snapshot again after every reconnect. */
  onBlocks(listener: (update: BlockUpdate) => void): void;
  /** What this host did about its blocks; the latest replaces those before it. */
  report(enforcement: Enforcement): Promise<void>;
  close(): Promise<void>;
}
