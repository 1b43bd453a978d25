import type { estypes } from '@elastic/elasticsearch';
import type { Connection } from './connection.js';

const READY_WITHIN_SECONDS = 20;

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
    // It can be there and not answer yet, when another process has only just made it.
    await client.cluster.health({ index: name, wait_for_status: 'yellow', timeout: `${READY_WITHIN_SECONDS}s` });
  });
}
