/** Pauses between attempts: they double, and each is drawn at random up to its limit, so that a fleet does not come back at once. */
export class Backoff {
  #limitMs: number;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    private readonly random: () => number,
  ) {
    this.#limitMs = minMs;
  }

  /** Milliseconds to wait before the next attempt: from a tenth of the limit to the limit. */
  next(): number {
    const waitMs = this.#limitMs * (0.1 + 0.9 * this.random());
    this.#limitMs = Math.min(2 * this.#limitMs, this.maxMs);
    return waitMs;
  }

  /** A connection worked. */
  reset(): void {
    this.#limitMs = this.minMs;
  }
}
