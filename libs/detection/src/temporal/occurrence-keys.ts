import { type BudgetedKey, KeyBudget } from '../windows/key-budget.js';
import type { Occurrence } from './occurrence.js';

/** A key with its occurrences, in order. */
export class OccurrenceKey implements BudgetedKey<OccurrenceKey> {
  before: OccurrenceKey | undefined;
  after: OccurrenceKey | undefined;
  bytes = 0;
  several = false;
  /** Of the largest occurrence that it had. */
  occurrenceBytes: number;

  constructor(
    readonly key: string,
    readonly host: number,
    readonly list: Occurrence[],
  ) {
    this.occurrenceBytes = largestOf(list);
  }
}

/** Keys within a budget of memory. */
export class OccurrenceKeys {
  readonly #keys = new Map<string, OccurrenceKey>();
  readonly budget: KeyBudget<OccurrenceKey>;
  #sweep: Iterator<OccurrenceKey> | undefined;

  constructor(maxBytes: number) {
    this.budget = new KeyBudget(maxBytes);
  }

  get(key: string): OccurrenceKey | undefined {
    return this.#keys.get(key);
  }

  add(item: OccurrenceKey): void {
    this.#keys.set(item.key, item);
    this.budget.add(item, keyBytes(item));
  }

  /** After the occurrences of a key changed: it goes with the last of them. */
  settle(item: OccurrenceKey): void {
    if (item.list.length === 0) this.delete(item);
    else this.budget.update(item, keyBytes(item));
  }

  delete(item: OccurrenceKey): void {
    this.#keys.delete(item.key);
    this.budget.remove(item);
  }

  /** As {@link KeyBudget.makeRoom}. */
  makeRoom(spared: OccurrenceKey, trim: (item: OccurrenceKey) => void): void {
    this.budget.makeRoom(spared, trim, (item) => this.delete(item));
  }

  /** Calls `visit` with so many keys; a round through all goes on where the last call ended. */
  sweep(count: number, visit: (item: OccurrenceKey) => void): void {
    for (let left = Math.min(count, this.budget.size); left > 0; left--) {
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
}

function keyBytes({ key, list, occurrenceBytes }: OccurrenceKey): number {
  return 250 + key.length * 2 + list.length * occurrenceBytes;
}

/** An estimate that is rather too high. */
export function bytesOf({ id, value, fields }: Occurrence): number {
  let bytes = 160 + (id.length + value.length) * 2;
  for (const name in fields) bytes += 40 + (fields[name] as string).length * 2;
  return bytes;
}

export function largestOf(list: readonly Occurrence[]): number {
  return list.reduce((largest, one) => Math.max(largest, bytesOf(one)), 0);
}
