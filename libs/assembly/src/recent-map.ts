/**
 * A map of what was used lately. It has two generations; when the younger is full or its time is over, it becomes the
 * older one, and what was the older one is forgotten. So an entry stays for at least `idleMs` after its last use unless
 * more than half of `maxEntries` came since, and for at most twice as long. Every operation takes constant time.
 *
 * Time is that of the events, and only goes forward here: a clock that jumps ahead makes one turn, not many.
 */
export class RecentMap<V> {
  readonly #half: number;
  readonly #idleMs: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #turnMs = Number.NEGATIVE_INFINITY;

  constructor(maxEntries: number, idleMs: number) {
    this.#half = Math.max(1, Math.floor(maxEntries / 2));
    this.#idleMs = idleMs;
  }

  get(key: string, nowMs: number): V | undefined {
    this.#turnIfDue(nowMs);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    this.#old.delete(key);
    this.#young.set(key, value);
    if (this.#young.size >= this.#half) this.#turn();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#turnMs = Number.NEGATIVE_INFINITY;
  }

  /** Least recent generation first. */
  *entries(): Iterable<[string, V]> {
    yield* this.#old;
    yield* this.#young;
  }

  #turnIfDue(nowMs: number): void {
    if (nowMs <= this.#turnMs) return;
    if (this.#turnMs !== Number.NEGATIVE_INFINITY) this.#turn();
    this.#turnMs = nowMs + this.#idleMs;
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
