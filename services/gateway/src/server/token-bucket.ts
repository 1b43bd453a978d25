/** Allows a rate, and a burst of it. Time comes from outside, milliseconds that only grow. */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    nowMs: number,
  ) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes one, also when there is none; answers how long to wait before the next, 0 while there are some. */
  take(nowMs: number): number {
    this.#refill(nowMs);
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.perSecond) * 1_000);
  }

  /** Takes one only when there is one. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Nothing was taken for as long as it takes to fill. */
  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= this.burst;
  }

  #refill(nowMs: number): void {
    this.#tokens = Math.min(this.burst, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.perSecond);
    this.#atMs = nowMs;
  }
}
