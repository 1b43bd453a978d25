import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryConformance } from '@fleetwall/testkit';
import { createLmdbRegistry } from './lmdb-registry.js';

registryConformance('LMDB', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-registry-'));
  const registry = createLmdbRegistry({ directory });
  const others: ReturnType<typeof createLmdbRegistry>[] = [];
  return {
    registry,
    openAnother: async () => {
      const other = createLmdbRegistry({ directory });
      others.push(other);
      return other;
    },
    dispose: async () => {
      for (const one of [registry, ...others]) await one.close();
      rmSync(directory, { recursive: true });
    },
  };
});
