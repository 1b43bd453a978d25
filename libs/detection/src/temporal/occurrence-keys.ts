import { FairQueue, type Queued } from '../windows/fair-queue.js';
import type { Occurrence } from './occurrence.js';

/** A key with its occurrences, in order. */
export class OccurrenceKey implements Queued<OccurrenceKey> {
  before: OccurrenceKey | undefined;
  after: OccurrenceKey | undefined;
  bytes = 0;
  /** Whether it has occurrences of more than one value. */
  several = false;

  constructor(
    readonly key: string,
    readonly host: number,
    readonly list: Occurrence[],
  ) {}
}

/**
 * Keys within a budget of memory, by estimate. Beyond it, keys of one value go first, about the oldest first and of those
 * hosts that hold more than their share.
 */
export class OccurrenceKeys {
  readonly #keys = new Map<string, OccurrenceKey>();
  readonly #oneValue = new FairQueue<OccurrenceKey>();
  readonly #several = new FairQueue<OccurrenceKey>();
  #bytes = 0;
  #sweep: Iterator<OccurrenceKey> | undefined;
  evictedOneShot = 0;
  evictedOther = 0;

  constructor(readonly maxBytes: number) {}

  get size(): number {
    return this.#keys.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): OccurrenceKey | undefined {
    return this.#keys.get(key);
  }

  add(item: OccurrenceKey): void {
    this.#keys.set(item.key, item);
    item.several = hasSeveralValues(item.list);
    this.#queueOf(item).push(item);
    this.#account(item);
  }

  /** After the occurrences of a key changed: it goes with the last of them. */
  settle(item: OccurrenceKey): void {
    if (item.list.length === 0) {
      this.delete(item);
      return;
    }
    const several = hasSeveralValues(item.list);
    if (several !== item.several) {
      this.#queueOf(item).remove(item);
      item.several = several;
      this.#queueOf(item).push(item);
    }
    this.#account(item);
  }

  delete(item: OccurrenceKey): void {
    this.#keys.delete(item.key);
    this.#queueOf(item).remove(item);
    this.#bytes -= item.bytes;
  }

  /** Evicts until the rest fits; `spared` stays. `trim` drops what is no longer held of a key, and settles it. */
  makeRoom(spared: OccurrenceKey, trim: (item: OccurrenceKey) => void): void {
    while (this.#bytes > this.maxBytes && this.size > 1) {
      const item = this.#oneValue.oldest() ?? (this.#several.oldest() as OccurrenceKey);
      if (item === spared) {
        // Behind all others of its host: an older one goes in its place.
        this.#queueOf(item).remove(item);
        this.#queueOf(item).push(item);
        if (this.#queueOf(item).oldest() === spared) return;
        continue;
      }
      trim(item);
      if (item.list.length === 0) continue;
      this.delete(item);
      if (item.several) this.evictedOther += 1;
      else this.evictedOneShot += 1;
    }
  }

  /** Calls `visit` with so many keys; a round through all goes on where the last call ended. */
  sweep(count: number, visit: (item: OccurrenceKey) => void): void {
    for (let left = Math.min(count, this.size); left > 0; left--) {
      let next = this.#sweep?.next();
      if (next === undefined || next.done) {
        this.#sweep = this.#keys.values();
        next = this.#sweep.next();
      }
      if (!next.done) visit(next.value);
    }
  }

  values(): Iterable<OccurrenceKey> {
    return this.#keys.values();
  }

  clear(): void {
    this.#keys.clear();
    this.#oneValue.clear();
    this.#several.clear();
    this.#bytes = 0;
    this.#sweep = undefined;
    this.evictedOneShot = 0;
    this.evictedOther = 0;
  }

  #queueOf(item: OccurrenceKey): FairQueue<OccurrenceKey> {
    return item.several ? this.#several : this.#oneValue;
  }

  #account(item: OccurrenceKey): void {
    const bytes = 250 + item.key.length * 2 + bytesOf(item.list);
    this.#bytes += bytes - item.bytes;
    item.bytes = bytes;
  }
}

/** An estimate that is rather too high. */
export function bytesOf(list: readonly Occurrence[]): number {
  let bytes = 0;
  for (const { id, value, fields } of list) {
    bytes += 160 + (id.length + value.length) * 2;
    for (const name in fields) bytes += 40 + (fields[name] as string).length * 2;
  }
  return bytes;
}

function hasSeveralValues(list: readonly Occurrence[]): boolean {
  const first = list[0]?.value;
  return list.some((one) => one.value !== first);
}
