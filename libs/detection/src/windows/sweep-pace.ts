/** Everything is looked at once in this time, or in a quarter of the time that attempts are held, if that is less. */
const ROUND_MS = 6 * 3_600_000;

/** How many keys to look at for what is out of reach when time passes, so that what is swept costs no more than it must. */
export class SweepPace {
  readonly #roundMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param reachMs how long attempts are held */
  constructor(reachMs: number) {
    this.#roundMs = Math.min(ROUND_MS, reachMs / 4);
  }

  /** The share of `keys` that is due at this time, since it was last asked for. */
  due(nowMs: number, keys: number): number {
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    return passedMs >= this.#roundMs ? keys : Math.ceil((keys * passedMs) / this.#roundMs);
  }
}
