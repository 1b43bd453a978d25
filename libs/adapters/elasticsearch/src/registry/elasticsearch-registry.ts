import { coreError, type Registry, type RegistryChange, type Versioned } from '@fleetwall/core';
import { Connection, type ElasticsearchConnectionOptions } from '../connection.js';
import { elasticsearchError } from '../errors.js';
import { ChangeFeed } from './change-feed.js';
import { RegistryIndex, type StoredDocument } from './registry-index.js';

export interface ElasticsearchRegistryOptions extends ElasticsearchConnectionOptions {
  /** How often watchers look for the changes of others, milliseconds; 1,000 when absent. */
  pollMs?: number;
  /** Told when looking for changes begins to fail; it goes on trying. A warning of the process when absent. */
  onError?: (error: unknown) => void;
}

const KEEP_DELETIONS_MS = 7 * 86_400_000;
const SWEEP_MS = 3_600_000;

/**
 * The registry of a cluster: one small index. It connects with its first use, so that a service can start from its last
 * copy while the server is away (`createCachedRegistry`).
 */
export function createElasticsearchRegistry(options: ElasticsearchRegistryOptions): Registry {
  return new ElasticsearchRegistry(options);
}

/**
 * A write happens only if the document is what was read (`if_seq_no`, `if_primary_term`), else it is read again. A
 * deleted document stays as a mark for a week. A version is the time of the write in milliseconds, or one more than the
 * version before: so versions also grow over deletions that nobody remembers.
 */
class ElasticsearchRegistry implements Registry {
  readonly #connection: Connection;
  readonly #index: RegistryIndex;
  readonly #feed: ChangeFeed;
  readonly #sweepTimer: NodeJS.Timeout;

  constructor(options: ElasticsearchRegistryOptions) {
    this.#connection = new Connection({ requestTimeoutMs: 10_000, ...options });
    this.#index = new RegistryIndex(this.#connection);
    const onError = options.onError ?? ((error: unknown) => process.emitWarning(String(error)));
    this.#feed = new ChangeFeed(this.#index, options.pollMs ?? 1_000, onError);
    this.#sweepTimer = setInterval(() => void this.#sweep().catch(onError), SWEEP_MS).unref();
  }

  async get<T>(collection: string, id: string): Promise<Versioned<T> | undefined> {
    checkName(collection, id);
    await this.#feed.begin();
    const found = await this.#index.read(collection, id);
    return found && versionedOf<T>(found.document);
  }

  async list<T>(collection: string): Promise<Versioned<T>[]> {
    checkName(collection, '');
    // What changes after this reading is told to those who watch already.
    await this.#feed.begin();
    const documents = await this.#index.list(collection);
    return documents.map((document) => versionedOf<T>(document)).filter((one) => one !== undefined);
  }

  async put<T>(collection: string, id: string, value: T, ifVersion?: number): Promise<number> {
    const json: string | undefined = JSON.stringify(value);
    if (json === undefined) {
      throw elasticsearchError('ELASTICSEARCH_VALUE_REFUSED', { collection, id, reason: 'its value is not JSON' });
    }
    return this.#change(collection, id, ifVersion, (version) => ({ collection, id, version, json }));
  }

  async delete(collection: string, id: string, ifVersion?: number): Promise<void> {
    const deletedMs = Date.now();
    await this.#change(collection, id, ifVersion, (version) => ({ collection, id, version, deletedMs }));
  }

  watch(collection: string, onChange: (change: RegistryChange) => void): () => void {
    this.#connection.check();
    return this.#feed.watch(collection, onChange);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await this.#feed.stop();
    await this.#connection.close();
  }

  async #change(
    collection: string,
    id: string,
    ifVersion: number | undefined,
    changed: (version: number) => StoredDocument,
  ): Promise<number> {
    checkName(collection, id);
    await this.#feed.begin();
    for (;;) {
      const found = await this.#index.read(collection, id);
      const before = found?.document.version ?? 0;
      const actual = found?.document.json === undefined ? 0 : before;
      if (ifVersion !== undefined && ifVersion !== actual) {
        throw coreError('REGISTRY_CONFLICT', { collection, id, actual, expected: ifVersion });
      }
      const document = changed(Math.max(before + 1, Date.now()));
      if (actual === 0 && document.json === undefined) return 0;
      if (!(await this.#index.write(document, found?.place))) continue;
      this.#feed.tell(document);
      return document.version;
    }
  }

  async #sweep(): Promise<void> {
    await this.#index.forgetDeletionsBefore(Date.now() - KEEP_DELETIONS_MS);
  }
}

function versionedOf<T>({ id, version, json }: StoredDocument): Versioned<T> | undefined {
  return json === undefined ? undefined : { id, version, value: JSON.parse(json) as T };
}

function checkName(collection: string, id: string): void {
  for (const [text, maxBytes] of [
    [collection, 128],
    [id, 512],
  ] as const) {
    const bytes = Buffer.byteLength(text);
    const reason = bytes > maxBytes ? `its name has ${bytes} bytes` : undefined;
    // Every half surrogate becomes the same replacement character, so two ids would be one.
    const wrong = reason ?? (Buffer.from(text).toString() === text ? undefined : 'its name is not well-formed Unicode');
    if (wrong)
      throw elasticsearchError('ELASTICSEARCH_VALUE_REFUSED', { collection, id: id.slice(0, 100), reason: wrong });
  }
}
