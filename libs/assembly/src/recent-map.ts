/**
 * A map that keeps the recently used entries and forgets the others: two generations, of which the older is dropped
 * when the younger is full. Holds between half of `maxEntries` and `maxEntries`; every operation takes constant time.
 */
export class RecentMap<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(maxEntries: number) {
    this.#half = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
    this.#old.delete(key);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** Least recent generation first. */
  *entries(): Iterable<[string, V]> {
    yield* this.#old;
    yield* this.#young;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
