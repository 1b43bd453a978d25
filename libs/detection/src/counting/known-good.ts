/**
 * Who has logged on before: person (32-bit hash of tenant, address and account) and when last. A wrong merge of two
 * hashes excuses one stranger on one account, at 5 in 100,000 for a full table; the seed is secret.
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

  has(person: number, nowMs: number): boolean {
    const last = this.#lastSeconds.get(person | 0);
    return last !== undefined && nowMs / 1_000 - last <= this.#memorySeconds;
  }

  /** The map stays in order of the last success, to the hour, so that the oldest goes first. */
  add(person: number, timeMs: number): void {
    const key = person | 0;
    const seconds = Math.floor(timeMs / 1_000);
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
