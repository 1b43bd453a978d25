/** Host names as small numbers, so that windows hold 16 bits an attempt. Beyond 65,535 hosts the rest share one name. */
export class HostTable {
  static readonly OTHER = 0xffff;
  readonly #indexes = new Map<string, number>();
  readonly #names: string[] = [];

  constructor(names: readonly string[] = []) {
    for (const name of names) this.indexOf(name);
  }

  indexOf(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= HostTable.OTHER) return HostTable.OTHER;
    this.#indexes.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  nameOf(index: number): string {
    return this.#names[index] ?? '(other)';
  }

  names(): readonly string[] {
    return this.#names;
  }
}
