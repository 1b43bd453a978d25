import type { Measured } from '@fleetwall/core';

/** What a running process tells of itself. */
export interface Observed {
  /** What keeps it from doing its work, in words for people; empty when it does it. */
  problems(): string[];
  numbers(): Promise<Measured[]>;
}

/** The Nest token under which it is bound. */
export const OBSERVED = Symbol('what a process tells of itself');
