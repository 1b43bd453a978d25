/** What lines before said of something, the least recently set forgotten first: small, however many keys peers make up. */
export class RecentMap<Value> {
  readonly #values = new Map<string, Value>();

  constructor(readonly maxEntries: number) {}

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.maxEntries) this.#values.delete(this.#values.keys().next().value as string);
  }

  /** The value, which is forgotten. */
  take(key: string): Value | undefined {
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value;
  }
}
