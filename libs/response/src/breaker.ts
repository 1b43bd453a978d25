/** At most so many in a sliding time, by key. What is beyond is told to the caller, who takes the smaller step. */
export class Breaker {
  readonly #timesMs = new Map<string, number[]>();

  /** Whether one more may happen now; counts it if so. */
  admit(key: string, limit: number, withinMs: number, nowMs: number): boolean {
    const times = this.#timesMs.get(key) ?? [];
    const recent =
      times[0] !== undefined && times[0] <= nowMs - withinMs ? times.filter((t) => t > nowMs - withinMs) : times;
    const admitted = recent.length < limit;
    if (admitted) recent.push(nowMs);
    this.#timesMs.set(key, recent);
    return admitted;
  }
}
