import { type BudgetedKey, KeyBudget } from './key-budget.js';
import type { ValuedAttempt } from './windows.js';

const SHARDS = 256;
const ENDED: IteratorResult<ValueKey> = { done: true, value: undefined };

/** A key that has not fired, with its attempts in the order of time. */
export class ValueKey implements BudgetedKey<ValueKey> {
  before: ValueKey | undefined;
  after: ValueKey | undefined;
  bytes = 0;
  several = false;
  /** At this length the list is thinned next. */
  thinAt = 32;

  constructor(
    readonly key: string,
    readonly host: number,
    readonly list: ValuedAttempt[],
  ) {}
}

/**
 * Keys that have not fired, within a budget of memory. Spread over many maps, because one map stops the world for a second
 * when it grows past some millions.
 */
export class ValueKeys {
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, ValueKey>());
  readonly budget: KeyBudget<ValueKey>;
  #sweepShard = 0;
  #sweep: Iterator<ValueKey> | undefined;

  constructor(maxBytes: number) {
    this.budget = new KeyBudget(maxBytes);
  }

  get(key: string, hash: number): ValueKey | undefined {
    return this.#shard(hash).get(key);
  }

  add(item: ValueKey, hash: number): void {
    this.#shard(hash).set(item.key, item);
    this.budget.add(item, keyBytes(item));
  }

  /** After one attempt was added to a key, and nothing else changed. */
  grown(item: ValueKey, { value }: ValuedAttempt): void {
    this.budget.grown(item, value, attemptBytes(value));
  }

  /** After the attempts of a key changed. */
  update(item: ValueKey): void {
    this.budget.update(item, keyBytes(item));
  }

  delete(item: ValueKey, hash: number): void {
    this.#shard(hash).delete(item.key);
    this.budget.remove(item);
  }

  /** As {@link KeyBudget.makeRoom}; `hashOf` answers a key's hash. */
  makeRoom(spared: ValueKey, trim: (item: ValueKey) => void, hashOf: (key: string) => number): void {
    this.budget.makeRoom(spared, trim, (item) => this.delete(item, hashOf(item.key)));
  }

  /** Calls `visit` with so many keys; a round through all goes on where the last call ended. */
  sweep(count: number, visit: (item: ValueKey) => void): void {
    let ended = 0;
    for (let left = Math.min(count, this.budget.size); left > 0 && ended <= SHARDS; ) {
      const shard = this.#shards[this.#sweepShard] as Map<string, ValueKey>;
      if (shard.size > 0) this.#sweep ??= shard.values();
      const { value, done } = this.#sweep?.next() ?? ENDED;
      if (done) {
        this.#sweep = undefined;
        this.#sweepShard = (this.#sweepShard + 1) % SHARDS;
        ended += 1;
      } else {
        visit(value);
        left -= 1;
      }
    }
  }

  *values(): Iterable<ValueKey> {
    for (const shard of this.#shards) yield* shard.values();
  }

  clear(): void {
    for (const shard of this.#shards) shard.clear();
    this.budget.clear();
    this.#sweep = undefined;
  }

  #shard(hash: number): Map<string, ValueKey> {
    return this.#shards[hash & (SHARDS - 1)] as Map<string, ValueKey>;
  }
}

function keyBytes({ key, list }: ValueKey): number {
  let bytes = 250 + key.length * 2;
  for (const { value } of list) bytes += attemptBytes(value);
  return bytes;
}

function attemptBytes(value: string): number {
  return 160 + value.length * 2;
}
