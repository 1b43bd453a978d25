/** A document and the version it had when read; versions only grow. */
export interface Versioned<T> {
  id: string;
  version: number;
  value: T;
}

export interface RegistryChange {
  collection: string;
  id: string;
  version: number;
  /** Absent when the document was deleted. */
  value?: unknown;
}

/** Port: versioned JSON documents in named collections. Every adapter passes `registryConformance` of the testkit. */
export interface Registry {
  get<T>(collection: string, id: string): Promise<Versioned<T> | undefined>;
  /** In order of id. */
  list<T>(collection: string): Promise<Versioned<T>[]>;
  /**
   * Writes if the stored version is still `ifVersion` (0: must not exist; absent: whatever is there). Answers the new
   * version; fails with REGISTRY_CONFLICT. Durable when it resolves.
   */
  put<T>(collection: string, id: string, value: T, ifVersion?: number): Promise<number>;
  delete(collection: string, id: string, ifVersion?: number): Promise<void>;
  /** Calls back after every change, also those of other processes (within a second), until the returned function is called. */
  watch(collection: string, onChange: (change: RegistryChange) => void): () => void;
  close(): Promise<void>;
}
