import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetwallError, type Registry, type RegistryChange, type Versioned } from '@fleetwall/core';

export interface CachedRegistryOptions {
  registry: Registry;
  /** Where the copies lie, a file for each collection; made when it does not exist. One process at a time. */
  directory: string;
  /** Told once when reads begin to be answered from the copies, and once when that ends (`undefined`). */
  onAway?: (error: unknown) => void;
}

const ASK_AGAIN_MS = 2_000;

type Copy = Map<string, Versioned<unknown>>;

/**
 * A registry that may be away: reads are then answered from the last copy on this disk, writes fail with the registry's
 * own error. A collection has a copy from its first complete reading on, kept current by its changes.
 */
export function createCachedRegistry(options: CachedRegistryOptions): Registry {
  return new CachedRegistry(options);
}

class CachedRegistry implements Registry {
  readonly #registry: Registry;
  readonly #directory: string;
  readonly #onAway: (error: unknown) => void;
  readonly #copies = new Map<string, Copy>();
  readonly #followed = new Map<string, () => void>();
  /** The registry is away: until then nobody waits for it. 0 when it answers. */
  #askAgainMs = 0;

  constructor({ registry, directory, onAway }: CachedRegistryOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#registry = registry;
    this.#directory = directory;
    this.#onAway = onAway ?? (() => undefined);
  }

  async get<T>(collection: string, id: string): Promise<Versioned<T> | undefined> {
    const { answer, copy } = await this.#read(collection, async () => {
      if (!this.#followed.has(collection)) await this.#copy(collection);
      return this.#registry.get<T>(collection, id);
    });
    return copy ? (structuredClone(copy.get(id)) as Versioned<T> | undefined) : answer;
  }

  async list<T>(collection: string): Promise<Versioned<T>[]> {
    const { answer, copy } = await this.#read(collection, () => this.#copy<T>(collection));
    return copy ? (structuredClone(inOrder(copy)) as Versioned<T>[]) : (answer ?? []);
  }

  put<T>(collection: string, id: string, value: T, ifVersion?: number): Promise<number> {
    return this.#registry.put(collection, id, value, ifVersion);
  }

  delete(collection: string, id: string, ifVersion?: number): Promise<void> {
    return this.#registry.delete(collection, id, ifVersion);
  }

  watch(collection: string, onChange: (change: RegistryChange) => void): () => void {
    return this.#registry.watch(collection, onChange);
  }

  async close(): Promise<void> {
    for (const stop of this.#followed.values()) stop();
    this.#followed.clear();
    await this.#registry.close();
  }

  /** The registry's answer, or the copy when it is away; its error when there is no copy. */
  async #read<T>(collection: string, ask: () => Promise<T>): Promise<{ answer?: T; copy?: Copy }> {
    const known = this.#askAgainMs > performance.now() ? this.#lastCopy(collection) : undefined;
    if (known) return { copy: known };
    try {
      const answer = await ask();
      if (this.#askAgainMs > 0) this.#onAway(undefined);
      this.#askAgainMs = 0;
      return { answer };
    } catch (error) {
      const copy = error instanceof FleetwallError && error.retryable ? this.#lastCopy(collection) : undefined;
      if (!copy) throw error;
      if (this.#askAgainMs === 0) this.#onAway(error);
      this.#askAgainMs = performance.now() + ASK_AGAIN_MS;
      return { copy };
    }
  }

  async #copy<T>(collection: string): Promise<Versioned<T>[]> {
    // Watch first, so that no change falls between.
    if (!this.#followed.has(collection)) {
      this.#followed.set(
        collection,
        this.#registry.watch(collection, (change) => this.#onChange(change)),
      );
    }
    let documents: Versioned<T>[];
    try {
      documents = await this.#registry.list<T>(collection);
    } catch (error) {
      // Without a complete reading there is nothing to keep current.
      this.#followed.get(collection)?.();
      this.#followed.delete(collection);
      throw error;
    }
    this.#copies.set(collection, new Map(documents.map((document) => [document.id, structuredClone(document)])));
    this.#save(collection);
    return documents;
  }

  #onChange({ collection, id, version, value }: RegistryChange): void {
    const copy = this.#copies.get(collection);
    if (!copy || (copy.get(id)?.version ?? 0) >= version) return;
    if (value === undefined) copy.delete(id);
    else copy.set(id, { id, version, value });
    this.#save(collection);
  }

  #lastCopy(collection: string): Copy | undefined {
    const copy = this.#copies.get(collection) ?? this.#load(collection);
    if (copy) this.#copies.set(collection, copy);
    return copy;
  }

  #load(collection: string): Copy | undefined {
    try {
      const documents = JSON.parse(readFileSync(this.#fileOf(collection), 'utf8')) as Versioned<unknown>[];
      return new Map(documents.map((document) => [document.id, document]));
    } catch {
      // None yet, or one that a full disk has cut short: as if there were none.
      return undefined;
    }
  }

  /** Whole or not at all. A copy that cannot be written is one that will be missed later, no failure of the read. */
  #save(collection: string): void {
    const file = this.#fileOf(collection);
    try {
      writeFileSync(`${file}.new`, JSON.stringify(inOrder(this.#copies.get(collection) ?? new Map())), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      process.emitWarning(`no copy of ${collection} could be written: ${String(error)}`);
    }
  }

  /** Names of collections may be any text. */
  #fileOf(collection: string): string {
    return join(this.#directory, `${createHash('sha256').update(collection).digest('hex').slice(0, 32)}.json`);
  }
}

function inOrder(copy: Copy): Versioned<unknown>[] {
  return [...copy.values()].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
}
