import { FairQueue, type Queued } from './fair-queue.js';

/** A key with what it holds; `bytes` and `several` are the budget's. */
export interface BudgetedKey<K> extends Queued<K> {
  bytes: number;
  /** Whether it holds more than one value. */
  several: boolean;
  readonly list: readonly { value: string }[];
}

/**
 * Keys within a budget of memory, by estimate: which of them goes when there is no room. Keys of one value go first, about
 * the oldest first and of those hosts that hold more than their share.
 */
export class KeyBudget<K extends BudgetedKey<K>> {
  readonly #maxBytes: number;
  readonly #oneValue = new FairQueue<K>();
  readonly #several = new FairQueue<K>();
  #bytes = 0;
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

  add(item: K, bytes: number): void {
    item.several = hasSeveralValues(item.list);
    this.#queueOf(item).push(item);
    this.#account(item, bytes);
  }

  /** After one of this value, of so many bytes, was added to a key, and nothing else changed. */
  grown(item: K, value: string, bytes: number): void {
    this.#account(item, item.bytes + bytes);
    if (!item.several && value !== item.list[0]?.value) this.#requeue(item, true);
  }

  /** After what a key holds changed. */
  update(item: K, bytes: number): void {
    const several = hasSeveralValues(item.list);
    if (several !== item.several) this.#requeue(item, several);
    this.#account(item, bytes);
  }

  remove(item: K): void {
    this.#queueOf(item).remove(item);
    this.#bytes -= item.bytes;
  }

  /**
   * Evicts until the rest fits; `spared` stays. `trim` drops what is no longer held of a key, and the key with the last of
   * it; `evict` drops the key.
   */
  makeRoom(spared: K, trim: (item: K) => void, evict: (item: K) => void): void {
    while (this.isFull && this.size > 1) {
      const item = this.#oneValue.oldest() ?? (this.#several.oldest() as K);
      if (item === spared) {
        // Behind all others of its host: an older one goes in its place.
        this.#requeue(item, item.several);
        if (this.#queueOf(item).oldest() === spared) return;
        continue;
      }
      trim(item);
      if (item.list.length === 0) continue;
      evict(item);
      if (item.several) this.evictedOther += 1;
      else this.evictedOneShot += 1;
    }
  }

  clear(): void {
    this.#oneValue.clear();
    this.#several.clear();
    this.#bytes = 0;
    this.evictedOneShot = 0;
    this.evictedOther = 0;
  }

  #requeue(item: K, several: boolean): void {
    this.#queueOf(item).remove(item);
    item.several = several;
    this.#queueOf(item).push(item);
  }

  #queueOf(item: K): FairQueue<K> {
    return item.several ? this.#several : this.#oneValue;
  }

  #account(item: K, bytes: number): void {
    this.#bytes += bytes - item.bytes;
    item.bytes = bytes;
  }
}

function hasSeveralValues(list: readonly { value: string }[]): boolean {
  const first = list[0]?.value;
  return list.some((one) => one.value !== first);
}
