import type { Registry } from '@fleetwall/core';

/** The documents of one collection, kept current from the registry, with what its last copy says while that is away. */
export class FollowedList<T> {
  onChange: () => void = () => undefined;
  readonly #documents = new Map<string, T>();
  /** Of what was told, also of what is gone: a change may be told before the first reading is over. */
  readonly #versions = new Map<string, number>();
  #stopWatching: () => void = () => undefined;

  constructor(
    private readonly registry: Registry,
    private readonly collection: string,
  ) {}

  /** Resolves when all that is there is known. */
  async start(): Promise<void> {
    this.#stopWatching = this.registry.watch(this.collection, ({ id, version, value }) => {
      this.#set(id, version, value as T | undefined);
      this.onChange();
    });
    for (const { id, version, value } of await this.registry.list<T>(this.collection)) this.#set(id, version, value);
  }

  stop(): void {
    this.#stopWatching();
  }

  /** By id; the same object all the time. */
  all(): ReadonlyMap<string, T> {
    return this.#documents;
  }

  #set(id: string, version: number, value: T | undefined): void {
    if (version < (this.#versions.get(id) ?? 0)) return;
    this.#versions.set(id, version);
    if (value === undefined) this.#documents.delete(id);
    else this.#documents.set(id, value);
  }
}
