import { type Network, networkOf, networkText, parseNetwork } from '@fleetwall/core';

/**
 * Targets with the keys of their blocks, to find those around an address: one look-up for each length of prefix that is in
 * use, however many there are.
 */
export class Targets {
  readonly #keys = new Map<string, Set<string>>();
  /** How many targets there are of each length, longest first. */
  readonly #lengths = { 4: new Map<number, number>(), 6: new Map<number, number>() };
  #sorted: { 4: number[]; 6: number[] } = { 4: [], 6: [] };

  add(target: string, key: string): void {
    const keys = this.#keys.get(target);
    if (keys) keys.add(key);
    else {
      this.#keys.set(target, new Set([key]));
      this.#count(parseNetwork(target), 1);
    }
  }

  delete(target: string, key: string): void {
    const keys = this.#keys.get(target);
    if (!keys?.delete(key) || keys.size > 0) return;
    this.#keys.delete(target);
    this.#count(parseNetwork(target), -1);
  }

  /** Keys of exactly this target. */
  at(target: string): Iterable<string> {
    return this.#keys.get(target) ?? [];
  }

  /** Keys of the targets that hold all of an address or network, the narrowest first. */
  *around(target: string): Generator<string> {
    if (this.#keys.size === 0) return;
    const { family, first, prefix } = parseNetwork(target);
    for (const length of this.#sorted[family]) {
      if (length > prefix) continue;
      yield* this.#keys.get(networkText(networkOf(family, first, length))) ?? [];
    }
  }

  #count({ family, prefix }: Network, change: 1 | -1): void {
    const lengths = this.#lengths[family];
    const count = (lengths.get(prefix) ?? 0) + change;
    if (count > 0) lengths.set(prefix, count);
    else lengths.delete(prefix);
    this.#sorted[family] = [...lengths.keys()].sort((a, b) => b - a);
  }
}
