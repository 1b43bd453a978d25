import type { RegistryChange } from '@fleetwall/core';
import type { RegistryIndex, StoredDocument } from './registry-index.js';

interface Watcher {
  collection: string;
  onChange: (change: RegistryChange) => void;
}

/** Writes that run at the same time may become visible in another order than their numbers. */
const LOOK_BACK = 1_000;

/**
 * Tells watchers of changes: those of this process at once, those of others by asking for what was written since. A
 * change is known by document and version, so that none is told twice.
 */
export class ChangeFeed {
  readonly #index: RegistryIndex;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #watchers = new Set<Watcher>();
  /** The version of each document that was told last, or was there before. */
  readonly #told = new Map<string, number>();
  #nextSeqNo = 0;
  #begun: Promise<void> | undefined;
  #polling: Promise<void> | undefined;
  #failing = false;
  #stopped = false;

  constructor(index: RegistryIndex, pollMs: number, onError: (error: unknown) => void) {
    this.#index = index;
    this.#onError = onError;
    this.#timer = setInterval(() => this.#poll(), pollMs).unref();
  }

  watch(collection: string, onChange: (change: RegistryChange) => void): () => void {
    const watcher = { collection, onChange };
    this.#watchers.add(watcher);
    this.#poll();
    return () => void this.#watchers.delete(watcher);
  }

  /** Learns what is there already and so is no change. Own writes come after it. */
  begin(): Promise<void> {
    this.#begun ??= this.#read(() => undefined).catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    return this.#begun;
  }

  /** A change of this process. */
  tell(document: StoredDocument): void {
    if (!this.#note(document)) return;
    const { collection, id, version, json } = document;
    for (const watcher of [...this.#watchers]) {
      if (watcher.collection !== collection) continue;
      // Everybody gets a value of their own.
      const change = { collection, id, version };
      callBack(watcher, json === undefined ? change : { ...change, value: JSON.parse(json) as unknown });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#watchers.clear();
    await this.#polling;
  }

  #poll(): void {
    if (this.#stopped || this.#polling || (this.#watchers.size === 0 && !this.#begun)) return;
    this.#polling = this.#look()
      .then(() => {
        this.#failing = false;
      })
      .catch((error: unknown) => {
        // Once is enough, however long it lasts.
        if (!this.#stopped && !this.#failing) this.#onError(error);
        this.#failing = true;
      })
      .finally(() => {
        this.#polling = undefined;
      });
  }

  async #look(): Promise<void> {
    if (!this.#begun) await this.begin();
    else await this.#read((document) => this.tell(document));
  }

  async #read(onDocument: (document: StoredDocument) => void): Promise<void> {
    const changes = await this.#index.changesFrom(Math.max(0, this.#nextSeqNo - LOOK_BACK));
    for (const { seqNo, document } of changes) {
      onDocument(document);
      this.#note(document);
      this.#nextSeqNo = Math.max(this.#nextSeqNo, seqNo + 1);
    }
  }

  /** Whether it is newer than what was told. */
  #note({ collection, id, version }: StoredDocument): boolean {
    const key = JSON.stringify([collection, id]);
    if ((this.#told.get(key) ?? 0) >= version) return false;
    this.#told.set(key, version);
    return true;
  }
}

/** One watcher's failure is its own: the others are told, and the write that caused it has succeeded. */
function callBack({ collection, onChange }: Watcher, change: RegistryChange): void {
  try {
    onChange(change);
  } catch (error) {
    process.emitWarning(`a watcher of ${collection} failed: ${String(error)}`);
  }
}
