/**
 * Ranges of numbers in order, none of which overlap, each with a system: a column for the first numbers, one for the last, one
 * for the systems. As many as the columns have room for.
 */
export class Ranges {
  count = 0;
  readonly #firsts: Uint32Array | BigUint64Array;
  readonly #lasts: Uint32Array | BigUint64Array;
  readonly #systems: Uint32Array;

  constructor(firsts: Uint32Array | BigUint64Array, lasts: Uint32Array | BigUint64Array) {
    this.#firsts = firsts;
    this.#lasts = lasts;
    this.#systems = new Uint32Array(firsts.length);
  }

  /** False, and nothing was added, for one that is not behind all others. Numbers are of the columns' own type. */
  add(first: number | bigint, last: number | bigint, system: number): boolean {
    const isBehind = this.count === 0 || first > (this.#lasts[this.count - 1] as number | bigint);
    if (!isBehind || !(last >= first)) return false;
    this.#firsts[this.count] = first;
    this.#lasts[this.count] = last;
    this.#systems[this.count++] = system;
    return true;
  }

  /** Of the range that holds all from the first to the last; undefined when none does. */
  systemOf(first: number | bigint, last: number | bigint): number | undefined {
    let [low, high] = [0, this.count];
    // The first range that begins behind `first` is at `low` in the end.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] as number | bigint) <= first) low = middle + 1;
      else high = middle;
    }
    const at = low - 1;
    return at >= 0 && last <= (this.#lasts[at] as number | bigint) ? this.#systems[at] : undefined;
  }
}
