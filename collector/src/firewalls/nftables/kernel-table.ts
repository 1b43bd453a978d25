import { type FirewallKey, FleetwallError } from '@fleetwall/core';
import type { Batch, Target } from '../batch.js';
import type { BlockSet } from './ruleset.js';

/** An element of one of our sets. */
export interface HeldBlock extends FirewallKey {
  /** Absent when somebody added it without a timeout. */
  remainingMs?: number;
}

/** What was found when looking. */
export interface Inspection {
  /** Empty when table, chain and rules are as they were set up. */
  problems: string[];
  droppedPackets: number;
  droppedBytes: number;
  /** Those of the samples that are not there. */
  missing: Target[];
}

/** A way to table `inet fleetwall`: netlink, or the `nft` command. One call at a time. */
export interface KernelTable {
  name: string;
  /** Resolves if this process may set the table up, without doing it. Throws FIREWALL_UNAVAILABLE, FIREWALL_REFUSED. */
  probe(): Promise<void>;
  /**
   * Makes table, counter, chain and rules what they should be, with these sets and those that are there. Atomic;
   * blocks that are in force stay in force throughout.
   */
  setUp(sets: Iterable<BlockSet>): Promise<void>;
  /** Atomic: all or none. The sets must be there: else FIREWALL_REFUSED with `details.errno` ENOENT. */
  change(batch: Batch): Promise<void>;
  /**
   * Empty when there is no table. Right after large changes, while the kernel still grows, shrinks or sweeps its hash
   * tables, some that are in force may be missing: {@link lookUp} knows.
   */
  list(): Promise<HeldBlock[]>;
  /** Those of the targets that are in force. */
  lookUp(targets: Target[]): Promise<HeldBlock[]>;
  inspect(samples: Target[]): Promise<Inspection>;
  /** Deletes the table, if there. */
  remove(): Promise<void>;
  close(): void;
}

/** Whether a refusal says that table, chain, set or element is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof FleetwallError && error.details['errno'] === 'ENOENT';
}
