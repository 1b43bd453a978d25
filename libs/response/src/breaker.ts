/** When something happened, the oldest first; what is over is left in front until it is as much as the rest. */
interface Times {
  timesMs: number[];
  from: number;
}

/** At most so many in a sliding time, by key. What is beyond is told to the caller, who takes the smaller step. */
export class Breaker {
  readonly #times = new Map<string, Times>();

  /** Whether one more may happen now; counts it if so. */
  admit(key: string, limit: number, withinMs: number, nowMs: number): boolean {
    const times = this.#times.get(key) ?? { timesMs: [], from: 0 };
    const { timesMs } = times;
    while (times.from < timesMs.length && (timesMs[times.from] as number) <= nowMs - withinMs) times.from++;
    if (times.from * 2 > timesMs.length) {
      timesMs.splice(0, times.from);
      times.from = 0;
    }
    const isAdmitted = timesMs.length - times.from < limit;
    if (isAdmitted) timesMs.push(nowMs);
    this.#times.set(key, times);
    return isAdmitted;
  }
}
