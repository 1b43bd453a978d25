/**
 * How many one-shot keys each host has put in, so that room is taken from those hosts which hold more than their share.
 */
export class OneShots {
  readonly #counts = new Float64Array(65_536);
  #hosts = 0;
  #total = 0;

  add(host: number): void {
    const count = (this.#counts[host] as number) + 1;
    this.#counts[host] = count;
    if (count === 1) this.#hosts += 1;
    this.#total += 1;
  }

  remove(host: number): void {
    const count = (this.#counts[host] as number) - 1;
    this.#counts[host] = count;
    if (count === 0) this.#hosts -= 1;
    this.#total -= 1;
  }

  /** Whether the host holds at least `part` of an equal share. Some host always does for a `part` up to 1. */
  holdsShare(host: number, part: number): boolean {
    return (this.#counts[host] as number) * this.#hosts >= this.#total * part;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#hosts = 0;
    this.#total = 0;
  }
}
