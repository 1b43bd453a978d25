import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreConformance } from '@fleetwall/testkit';
import { createDuckDbEventStore } from './duckdb-event-store.js';

eventStoreConformance('DuckDB', async ({ clock }) => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-events-'));
  const store = await createDuckDbEventStore({ directory, clock });
  return {
    store,
    dispose: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});
