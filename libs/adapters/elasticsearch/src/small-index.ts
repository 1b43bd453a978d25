import { setTimeout as delay } from 'node:timers/promises';
import type { Client, estypes } from '@elastic/elasticsearch';
import type { Connection } from './connection.js';

const SEARCHABLE_WITHIN_MS = 20_000;
const PAUSE_MS = 100;

/** Creates an index of one shard if there is none; another process may be faster. Fails with ELASTICSEARCH_DENIED and others. */
export async function createSmallIndex(
  connection: Connection,
  name: string,
  mappings: estypes.MappingTypeMapping,
  settings: estypes.IndicesIndexSettings = {},
): Promise<void> {
  await connection.run(`create ${name}`, async (client) => {
    if (!(await client.indices.exists({ index: name }))) {
      const index = { number_of_shards: 1, auto_expand_replicas: '0-1', ...settings };
      await client.indices.create({ index: name, settings: { index }, mappings }).catch((error: unknown) => {
        if (!/resource_already_exists_exception/.test(String(error))) throw error;
      });
    }
    await untilSearchable(client, name);
  });
}

/** It can be there and not answer yet, when another process has only just made it. */
async function untilSearchable(client: Client, name: string): Promise<void> {
  const endMs = performance.now() + SEARCHABLE_WITHIN_MS;
  for (;;) {
    try {
      await client.count({ index: name });
      return;
    } catch (error) {
      if (!/no_shard_available/.test(String(error)) || performance.now() > endMs) throw error;
      await delay(PAUSE_MS);
    }
  }
}
