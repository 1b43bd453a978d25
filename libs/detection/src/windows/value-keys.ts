import { FairQueue, type Queued } from './fair-queue.js';
import type { ValuedAttempt } from './windows.js';

const SHARDS = 256;
const ENDED: IteratorResult<ValueKey> = { done: true, value: undefined };

/** A key that has not fired, with its attempts in the order of time. */
export class ValueKey implements Queued<ValueKey> {
  before: ValueKey | undefined;
  after: ValueKey | undefined;
  bytes = 0;
  /** Whether it has attempts of more than one value. */
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
 * Keys that have not fired, within a budget of memory by estimate. Spread over many maps, because one map stops the world
 * for a second when it grows past some millions.
 */
export class ValueKeys {
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, ValueKey>());
  readonly #oneValue = new FairQueue<ValueKey>();
  readonly #several = new FairQueue<ValueKey>();
  readonly #maxBytes: number;
  #bytes = 0;
  #sweepShard = 0;
  #sweep: Iterator<ValueKey> | undefined;
  evictedOneShot = 0;
  evictedOther = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#oneValue.size + this.#several.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  get(key: string, hash: number): ValueKey | undefined {
    return this.#shard(hash).get(key);
  }

  add(item: ValueKey, hash: number): void {
    this.#shard(hash).set(item.key, item);
    item.several = hasSeveralValues(item.list);
    this.#queueOf(item).push(item);
    this.#account(item);
  }

  /** After one attempt was added to a key, and nothing else changed. */
  grown(item: ValueKey, { value }: ValuedAttempt): void {
    const bytes = attemptBytes(value);
    item.bytes += bytes;
    this.#bytes += bytes;
    if (item.several || value === (item.list[0] as ValuedAttempt).value) return;
    this.#queueOf(item).remove(item);
    item.several = true;
    this.#queueOf(item).push(item);
  }

  /** After the attempts of a key changed. */
  update(item: ValueKey): void {
    const several = hasSeveralValues(item.list);
    if (several !== item.several) {
      this.#queueOf(item).remove(item);
      item.several = several;
      this.#queueOf(item).push(item);
    }
    this.#account(item);
  }

  delete(item: ValueKey, hash: number): void {
    this.#shard(hash).delete(item.key);
    this.#queueOf(item).remove(item);
    this.#bytes -= item.bytes;
  }

  /**
   * Evicts until the rest fits, keys of one value first; `spared` stays. `trim` drops what is no longer held of a key, and
   * the key with the last of it; `hashOf` answers a key's hash.
   */
  makeRoom(spared: ValueKey, trim: (item: ValueKey) => void, hashOf: (key: string) => number): void {
    while (this.isFull && this.size > 1) {
      const item = this.#oneValue.oldest() ?? (this.#several.oldest() as ValueKey);
      if (item === spared) {
        // Behind all others of its host: an older one goes in its place.
        this.#queueOf(item).remove(item);
        this.#queueOf(item).push(item);
        if (this.#queueOf(item).oldest() === spared) return;
        continue;
      }
      trim(item);
      if (item.list.length === 0) continue;
      this.delete(item, hashOf(item.key));
      if (item.several) this.evictedOther += 1;
      else this.evictedOneShot += 1;
    }
  }

  /** Calls `visit` with so many keys; a round through all goes on where the last call ended. */
  sweep(count: number, visit: (item: ValueKey) => void): void {
    let ended = 0;
    for (let left = Math.min(count, this.size); left > 0 && ended <= SHARDS; ) {
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
    this.#oneValue.clear();
    this.#several.clear();
    this.#bytes = 0;
    this.#sweep = undefined;
    this.evictedOneShot = 0;
    this.evictedOther = 0;
  }

  #shard(hash: number): Map<string, ValueKey> {
    return this.#shards[hash & (SHARDS - 1)] as Map<string, ValueKey>;
  }

  #queueOf(item: ValueKey): FairQueue<ValueKey> {
    return item.several ? this.#several : this.#oneValue;
  }

  #account(item: ValueKey): void {
    let bytes = 250 + item.key.length * 2;
    for (const { value } of item.list) bytes += attemptBytes(value);
    this.#bytes += bytes - item.bytes;
    item.bytes = bytes;
  }
}

function attemptBytes(value: string): number {
  return 160 + value.length * 2;
}

function hasSeveralValues(list: readonly ValuedAttempt[]): boolean {
  const first = list[0]?.value;
  return list.some((one) => one.value !== first);
}
