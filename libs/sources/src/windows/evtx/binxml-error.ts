import type { DamageReason } from '../damage.js';

/** Ends the reading of one record; caught where records are read, so that nobody else sees it. */
export class BinXmlError extends Error {
  readonly reason: DamageReason;

  constructor(reason: DamageReason) {
    super(reason);
    this.reason = reason;
  }
}
