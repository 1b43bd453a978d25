import type { DamageReason } from '../damage.js';

/** Ends the reading of one record; caught where records are read, so that nobody else sees it. */
export class BinXmlError extends Error {
  readonly reason: DamageReason;
  /** Bytes from the chunk's start. */
  readonly position: number;

  constructor(reason: DamageReason, position: number) {
    super(reason);
    this.reason = reason;
    this.position = position;
  }
}
