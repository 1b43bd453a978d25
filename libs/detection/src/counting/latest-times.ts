const MAX_KEYS = 10_000;

/**
 * The latest time of each key, or a later one: beyond 10,000 keys all are forgotten, and any key may be as late as the
 * latest of them.
 */
export class LatestTimes {
  readonly #times = new Map<string, number>();
  #floorMs = Number.NEGATIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;
  #notedKey: string | undefined;
  #notedMs = 0;

  note(key: string, timeMs: number): void {
    // The rules that share it tell of the same attempt in turn.
    if (key === this.#notedKey && timeMs === this.#notedMs) return;
    this.#notedKey = key;
    this.#notedMs = timeMs;
    if (timeMs > this.#latestMs) this.#latestMs = timeMs;
    if (timeMs <= this.of(key)) return;
    this.#times.set(key, timeMs);
    if (this.#times.size > MAX_KEYS) this.raise(this.#latestMs);
  }

  of(key: string): number {
    return this.#times.get(key) ?? this.#floorMs;
  }

  /** From now on no key is known to be earlier than this. */
  raise(timeMs: number): void {
    this.#notedKey = undefined;
    this.#times.clear();
    this.#floorMs = Math.max(this.#floorMs, timeMs);
  }
}
