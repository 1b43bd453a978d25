/**
 * Who has logged on before: person (32-bit hash of tenant, address and account) and when last. A wrong merge of two
 * hashes excuses one stranger on one account, at 5 in 100,000 for a full table; the seed is secret.
 */
export class KnownGood {
  readonly #lastMs = new Map<number, number>();
  readonly #maxEntries: number;
  readonly #memoryMs: number;

  constructor({ maxEntries = 200_000, memoryMs = 30 * 86_400_000 } = {}) {
    this.#maxEntries = maxEntries;
    this.#memoryMs = memoryMs;
  }

  has(person: number, nowMs: number): boolean {
    const lastMs = this.#lastMs.get(person);
    return lastMs !== undefined && nowMs - lastMs <= this.#memoryMs;
  }

  /** The map stays in order of the last success, so that the oldest goes first. */
  add(person: number, timeMs: number): void {
    this.#lastMs.delete(person);
    this.#lastMs.set(person, timeMs);
    if (this.#lastMs.size > this.#maxEntries) this.#lastMs.delete(this.#lastMs.keys().next().value as number);
  }

  get size(): number {
    return this.#lastMs.size;
  }

  entries(): [number, number][] {
    return [...this.#lastMs];
  }
}
