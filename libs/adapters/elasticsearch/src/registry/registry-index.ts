import { createHash } from 'node:crypto';
import { errors, type estypes } from '@elastic/elasticsearch';
import type { Connection } from '../connection.js';
import { createSmallIndex } from '../small-index.js';

/** A document as it is stored: its value as one text, so that nothing is mapped by what it holds. */
export interface StoredDocument {
  collection: string;
  id: string;
  version: number;
  /** Absent in the mark of a deletion. */
  json?: string;
  deletedMs?: number;
}

/** Which state of a document a write may replace. */
export interface Place {
  if_seq_no: number;
  if_primary_term: number;
}

/** A change and its number; numbers grow with the writes of the one shard. */
export interface NumberedDocument {
  seqNo: number;
  document: StoredDocument;
}

const PAGE = 1_000;

const MAPPINGS: estypes.MappingTypeMapping = {
  dynamic: false,
  properties: {
    collection: { type: 'keyword' },
    id: { type: 'keyword' },
    version: { type: 'long' },
    deletedMs: { type: 'long' },
    json: { type: 'keyword', index: false, doc_values: false },
  },
};

/** The index `<prefix>-registry`, made with its first use. */
export class RegistryIndex {
  readonly #connection: Connection;
  readonly #name: string;
  #ready: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#name = `${connection.prefix}-registry`;
  }

  async read(collection: string, id: string): Promise<{ document: StoredDocument; place: Place } | undefined> {
    await this.#prepare();
    const found = await this.#connection.run('read from the registry', (client) =>
      client.get<StoredDocument>({ index: this.#name, id: idOf(collection, id) }, { ignore: [404] }),
    );
    if (!found.found || !found._source) return undefined;
    const place = { if_seq_no: found._seq_no as number, if_primary_term: found._primary_term as number };
    return { document: found._source, place };
  }

  /** False when the document is no longer what it was at `place` (absent: not there at all). */
  async write(document: StoredDocument, place: Place | undefined): Promise<boolean> {
    await this.#prepare();
    return this.#connection.run('write to the registry', async (client) => {
      try {
        await client.index({
          index: this.#name,
          id: idOf(document.collection, document.id),
          document,
          // The registry is small and seldom written: everybody's next list shall see it.
          refresh: true,
          ...(place ?? { op_type: 'create' }),
        });
        return true;
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode === 409) return false;
        throw error;
      }
    });
  }

  /** In order of id, marks of deletions left out. */
  async list(collection: string): Promise<StoredDocument[]> {
    const condition = { bool: { filter: [{ term: { collection } }], must_not: [{ exists: { field: 'deletedMs' } }] } };
    return (await this.#search(condition, [{ id: 'asc' }])).map(({ _source }) => _source as StoredDocument);
  }

  /** Every change numbered at or after `seqNo`, marks of deletions included; the last one of each document. */
  async changesFrom(seqNo: number): Promise<NumberedDocument[]> {
    const hits = await this.#search({ range: { _seq_no: { gte: seqNo } } }, [{ _seq_no: 'asc' }]);
    return hits.map(({ _seq_no, _source }) => ({ seqNo: _seq_no as number, document: _source as StoredDocument }));
  }

  async forgetDeletionsBefore(timeMs: number): Promise<void> {
    const old = await this.#search({ range: { deletedMs: { lt: timeMs } } }, [{ _seq_no: 'asc' }]);
    for (const { _id, _seq_no, _primary_term } of old) {
      await this.#connection.run('forget a deletion', (client) =>
        client.delete(
          {
            index: this.#name,
            id: _id as string,
            if_seq_no: _seq_no as number,
            if_primary_term: _primary_term as number,
          },
          // Gone, or written again meanwhile.
          { ignore: [404, 409] },
        ),
      );
    }
  }

  async #search(
    query: estypes.QueryDslQueryContainer,
    sort: estypes.SortCombinations[],
  ): Promise<estypes.SearchHit<StoredDocument>[]> {
    await this.#prepare();
    const all: estypes.SearchHit<StoredDocument>[] = [];
    let after: estypes.SortResults | undefined;
    do {
      const { hits } = await this.#connection.run('search the registry', (client) =>
        client.search<StoredDocument>({
          index: this.#name,
          query,
          sort,
          size: PAGE,
          seq_no_primary_term: true,
          allow_partial_search_results: false,
          track_total_hits: false,
          ...(after && { search_after: after }),
        }),
      );
      all.push(...hits.hits);
      after = hits.hits.length === PAGE ? hits.hits.at(-1)?.sort : undefined;
    } while (after);
    return all;
  }

  #prepare(): Promise<void> {
    this.#ready ??= this.#create().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /** One shard: its numbering of writes is the order of changes. */
  async #create(): Promise<void> {
    await this.#connection.checkServer();
    await createSmallIndex(this.#connection, this.#name, MAPPINGS);
  }
}

/** Ids may be longer than what the server takes as an id, and of two parts. */
function idOf(collection: string, id: string): string {
  const length = Buffer.byteLength(collection);
  return createHash('sha256').update(`${length}:${collection}${id}`).digest('hex');
}
