/**
 * Host names as small numbers, so that windows hold 16 bits an attempt. A number also says whether the attempt was on a web
 * application: a host has two, as needed. Beyond 65,535 numbers the rest share one name, and count as no web.
 */
export class HostTable {
  static readonly OTHER = 0xffff;
  readonly #indexes = new Map<string, number>();
  readonly #webIndexes = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #web: boolean[] = [];

  indexOf(name: string, isWeb = false): number {
    const indexes = isWeb ? this.#webIndexes : this.#indexes;
    const known = indexes.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= HostTable.OTHER) return HostTable.OTHER;
    indexes.set(name, this.#names.length);
    this.#web.push(isWeb);
    return this.#names.push(name) - 1;
  }

  nameOf(index: number): string {
    return this.#names[index] ?? '(other)';
  }

  isWeb(index: number): boolean {
    return this.#web[index] === true;
  }

  /** In the order of their numbers. */
  entries(): [name: string, isWeb: boolean][] {
    return this.#names.map((name, index) => [name, this.isWeb(index)]);
  }
}
