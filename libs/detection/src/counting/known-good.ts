/**
 * Who has logged on before, of successes that lie so far back that nothing can arrive from before them any more: person
 * (32-bit hash) and when last. Younger ones are in a {@link Story}. A wrong merge of two hashes excuses one stranger on one
 * account, at 5 in 100,000 for a full table; the seed is secret.
 */
export class KnownGood {
  /** Signed 32-bit keys and whole seconds: small integers, which cost no memory of their own. */
  readonly #lastSeconds = new Map<number, number>();
  readonly #maxEntries: number;
  readonly #memorySeconds: number;

  constructor({ maxEntries = 200_000, memoryMs = 30 * 86_400_000 } = {}) {
    this.#maxEntries = maxEntries;
    this.#memorySeconds = memoryMs / 1_000;
  }

  /** Whether a success not longer ago than the memory, and never one that came after it, excuses a failure at this time. */
  has(person: number, timeMs: number): boolean {
    const last = this.#lastSeconds.get(person | 0);
    const seconds = timeMs / 1_000;
    return last !== undefined && last < seconds && seconds - last <= this.#memorySeconds;
  }

  /** The map stays in order of the last success, to the hour, so that the oldest goes first. */
  add(person: number, timeMs: number): void {
    const key = person | 0;
    const seconds = Math.ceil(timeMs / 1_000);
    const last = this.#lastSeconds.get(key);
    if (last !== undefined && seconds - last < REORDER_SECONDS) return;
    this.#lastSeconds.delete(key);
    this.#lastSeconds.set(key, seconds);
    if (this.#lastSeconds.size > this.#maxEntries)
      this.#lastSeconds.delete(this.#lastSeconds.keys().next().value as number);
  }

  get size(): number {
    return this.#lastSeconds.size;
  }

  entries(): [person: number, timeMs: number][] {
    return [...this.#lastSeconds].map(([person, seconds]) => [person, seconds * 1_000]);
  }
}

/** A success so soon after the last one changes nothing that matters in 30 days. */
const REORDER_SECONDS = 3_600;
