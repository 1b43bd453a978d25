import type { Query, TimeRange } from '@fleetwall/core';
import type { BulkWriter } from '../bulk-writer.js';
import type { Connection } from '../connection.js';
import { elasticsearchError } from '../errors.js';
import { inRange } from './compile-query.js';
import { eventIndices } from './layout.js';
import { ALL_DAYS } from './search.js';

const PAGE = 5_000;

/**
 * Deletes every match, then has the segments written anew that held one: until then its bytes would lie in the server's
 * files. What a search does not see yet is made visible first.
 */
export async function eraseEvents(
  connection: Connection,
  writer: BulkWriter,
  { query, range }: { query: Query; range: TimeRange },
): Promise<number> {
  const condition = inRange(query, range);
  const index = eventIndices(connection.prefix);
  const touched = new Set<string>();
  let erased = 0;
  for (;;) {
    await connection.run('refresh', (client) => client.indices.refresh({ index, allow_no_indices: true }));
    const { hits } = await connection.run('search what to erase', (client) =>
      client.search({ index, ...ALL_DAYS, query: condition, size: PAGE, _source: false, track_total_hits: false }),
    );
    const places = hits.hits.map(({ _index, _id }) => ({ _index, _id: _id as string }));
    if (places.length === 0) break;
    const outcomes = await writer.write(places.map((place) => ({ action: JSON.stringify({ delete: place }) })));
    const refused = outcomes.find((outcome) => typeof outcome === 'object');
    if (refused) throw elasticsearchError('ELASTICSEARCH_FAILED', { operation: 'erase', reason: refused.rejected });
    erased += outcomes.length;
    for (const { _index } of places) touched.add(_index);
  }
  for (const name of touched) {
    await connection.run(`expunge from ${name}`, (client) =>
      client.indices.forcemerge({ index: name, only_expunge_deletes: true, ignore_unavailable: true }),
    );
  }
  return erased;
}
