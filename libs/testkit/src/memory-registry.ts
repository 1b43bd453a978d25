import { coreError, type Registry, type RegistryChange, type Versioned } from '@fleetwall/core';

interface Stored {
  version: number;
  json: string;
}

/** The reference registry: maps of JSON texts. For tests; nothing outlives the process. */
export function createMemoryRegistry(): Registry {
  const collections = new Map<string, Map<string, Stored>>();
  const watchers = new Map<string, Set<(change: RegistryChange) => void>>();
  let lastVersion = 0;

  const documentsOf = (collection: string) => {
    const documents = collections.get(collection) ?? new Map<string, Stored>();
    collections.set(collection, documents);
    return documents;
  };
  const check = (collection: string, id: string, ifVersion: number | undefined) => {
    const actual = documentsOf(collection).get(id)?.version ?? 0;
    if (ifVersion !== undefined && ifVersion !== actual) {
      throw coreError('REGISTRY_CONFLICT', { collection, id, actual, expected: ifVersion });
    }
  };
  const tell = (change: RegistryChange) => {
    for (const watcher of [...(watchers.get(change.collection) ?? [])]) watcher(change);
  };
  const read = <T>(id: string, stored: Stored): Versioned<T> => ({
    id,
    version: stored.version,
    value: JSON.parse(stored.json) as T,
  });

  return {
    async get<T>(collection: string, id: string) {
      const stored = documentsOf(collection).get(id);
      return stored && read<T>(id, stored);
    },

    async list<T>(collection: string) {
      return [...documentsOf(collection)]
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map(([id, stored]) => read<T>(id, stored));
    },

    async put(collection, id, value, ifVersion) {
      check(collection, id, ifVersion);
      const stored = { version: ++lastVersion, json: JSON.stringify(value) };
      documentsOf(collection).set(id, stored);
      tell({ collection, id, version: stored.version, value: JSON.parse(stored.json) });
      return stored.version;
    },

    async delete(collection, id, ifVersion) {
      check(collection, id, ifVersion);
      if (documentsOf(collection).delete(id)) tell({ collection, id, version: ++lastVersion });
    },

    watch(collection, onChange) {
      const ours = (change: RegistryChange) => onChange(change);
      const all = watchers.get(collection) ?? new Set();
      watchers.set(collection, all.add(ours));
      return () => void all.delete(ours);
    },

    async close() {
      watchers.clear();
    },
  };
}
