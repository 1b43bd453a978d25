import { mkdirSync } from 'node:fs';
import { coreError, type Registry, type RegistryChange, type Versioned } from '@fleetwall/core';
import { type Database, open, type RootDatabase } from 'lmdb';
import { LmdbWrites } from '../lmdb-writes.js';
import { collectionRange, documentKey, idOfKey } from './document-key.js';
import { registryError } from './errors.js';

export interface LmdbRegistryOptions {
  /** Made when it does not exist; several processes may have it open. */
  directory: string;
}

/** A deleted document stays as a mark of its deletion for a week, for watchers. */
type Stored = { version: number; value: unknown } | { version: number; deletedMs: number };

type Outcome = { version: number } | { conflict: number };

const POLL_MS = 250;
const KEEP_DELETIONS_MS = 7 * 86_400_000;
const SWEEP_MS = 86_400_000;

/** The registry of a single machine: an LMDB environment in a directory. */
export function createLmdbRegistry(options: LmdbRegistryOptions): Registry {
  return new LmdbRegistry(options.directory);
}

/**
 * Versions come from one counter, so they also grow over deletions. `changes` maps the version of every document's last
 * change to its key: a watcher reads on from the version it has seen, and misses nothing however late it comes (of
 * several changes to one document it then sees the last).
 */
class LmdbRegistry implements Registry {
  readonly #root: RootDatabase;
  readonly #documents: Database<Stored, Buffer>;
  readonly #changes: Database<[collection: string, id: string], number>;
  readonly #counter: Database<number, string>;
  readonly #watchers = new Set<{ collection: string; onChange: (change: RegistryChange) => void }>();
  readonly #writes: LmdbWrites;
  readonly #sweepTimer: NodeJS.Timeout;
  #pollTimer: NodeJS.Timeout | undefined;
  #seenVersion = 0;
  #closed = false;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    // Without overlapping syncs a transaction resolves when it is on disk.
    this.#root = open({ path: directory, noSubdir: false, maxDbs: 3, overlappingSync: false });
    this.#writes = new LmdbWrites(this.#root);
    this.#documents = this.#root.openDB({ name: 'documents', keyEncoding: 'binary', encoding: 'json' });
    this.#changes = this.#root.openDB({ name: 'changes', encoding: 'json' });
    this.#counter = this.#root.openDB({ name: 'counter', encoding: 'json' });
    const sweep = () => void this.#write(() => this.#forgetOldDeletions()).catch(() => {});
    this.#sweepTimer = setInterval(sweep, SWEEP_MS).unref();
    sweep();
  }

  async get<T>(collection: string, id: string): Promise<Versioned<T> | undefined> {
    this.#refresh();
    const stored = this.#documents.get(documentKey(collection, id));
    return stored && 'value' in stored ? { id, version: stored.version, value: stored.value as T } : undefined;
  }

  async list<T>(collection: string): Promise<Versioned<T>[]> {
    this.#refresh();
    const documents: Versioned<T>[] = [];
    for (const { key, value: stored } of this.#documents.getRange(collectionRange(collection))) {
      if (!('value' in stored)) continue;
      documents.push({ id: idOfKey(collection, key), version: stored.version, value: stored.value as T });
    }
    return documents;
  }

  async put<T>(collection: string, id: string, value: T, ifVersion?: number): Promise<number> {
    if (JSON.stringify(value) === undefined) throw registryError('REGISTRY_VALUE_REFUSED', { collection, id });
    return this.#change(collection, id, ifVersion, (version) => ({ version, value }));
  }

  async delete(collection: string, id: string, ifVersion?: number): Promise<void> {
    await this.#change(collection, id, ifVersion, (version) => ({ version, deletedMs: Date.now() }));
  }

  watch(collection: string, onChange: (change: RegistryChange) => void): () => void {
    this.#refresh();
    if (this.#watchers.size > 0) this.#deliver();
    else this.#seenVersion = this.#lastVersion();
    const watcher = { collection, onChange };
    this.#watchers.add(watcher);
    this.#pollTimer ??= setInterval(() => this.#deliver(), POLL_MS).unref();
    return () => void this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pollTimer);
    clearInterval(this.#sweepTimer);
    this.#watchers.clear();
    await this.#writes.settled();
    await this.#root.close();
  }

  async #change(
    collection: string,
    id: string,
    ifVersion: number | undefined,
    changed: (version: number) => Stored,
  ): Promise<number> {
    const key = documentKey(collection, id);
    const outcome = await this.#write((): Outcome => {
      const stored = this.#documents.get(key);
      const actual = stored && 'value' in stored ? stored.version : 0;
      if (ifVersion !== undefined && ifVersion !== actual) return { conflict: actual };
      const version = this.#lastVersion() + 1;
      const next = changed(version);
      if (actual === 0 && !('value' in next)) return { version: 0 };
      if (stored) this.#changes.remove(stored.version);
      this.#counter.put('version', version);
      this.#changes.put(version, [collection, id]);
      this.#documents.put(key, next);
      return { version };
    });
    if ('conflict' in outcome) {
      const details = { collection, id, actual: outcome.conflict, expected: ifVersion as number };
      throw coreError('REGISTRY_CONFLICT', details);
    }
    this.#deliver();
    return outcome.version;
  }

  async #write<T>(work: () => T): Promise<T> {
    this.#check();
    return this.#writes.run(work);
  }

  #deliver(): void {
    if (this.#closed || this.#watchers.size === 0) return;
    this.#refresh();
    const changes: RegistryChange[] = [];
    for (const { key: version, value } of this.#changes.getRange({ start: this.#seenVersion + 1 })) {
      const [collection, id] = value;
      const stored = this.#documents.get(documentKey(collection, id));
      this.#seenVersion = version;
      const change = { collection, id, version };
      changes.push(stored && 'value' in stored ? { ...change, value: stored.value } : change);
    }
    for (const change of changes) {
      for (const watcher of [...this.#watchers]) if (watcher.collection === change.collection) tell(watcher, change);
    }
  }

  #forgetOldDeletions(): void {
    const beforeMs = Date.now() - KEEP_DELETIONS_MS;
    for (const { key: version, value } of [...this.#changes.getRange()]) {
      const key = documentKey(...value);
      const stored = this.#documents.get(key);
      if (!stored || !('deletedMs' in stored) || stored.deletedMs > beforeMs) continue;
      this.#documents.remove(key);
      this.#changes.remove(version);
    }
  }

  #lastVersion(): number {
    return this.#counter.get('version') ?? 0;
  }

  /** Reads from here on see what other processes have committed. */
  #refresh(): void {
    this.#check();
    this.#root.resetReadTxn();
  }

  #check(): void {
    if (this.#closed) throw registryError('REGISTRY_CLOSED');
  }
}

/** One watcher's failure is its own: the others are told, and the write that caused it has succeeded. */
function tell(watcher: { onChange: (change: RegistryChange) => void }, change: RegistryChange): void {
  try {
    watcher.onChange(structuredClone(change));
  } catch (error) {
    process.emitWarning(`a watcher of ${change.collection} failed: ${String(error)}`);
  }
}
