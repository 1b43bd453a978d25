import type { estypes } from '@elastic/elasticsearch';
import { decodePosition, encodePosition, type PagePosition } from '@fleetwall/core';
import { type BulkItem, type BulkOutcome, BulkWriter } from '../bulk-writer.js';
import type { Connection } from '../connection.js';
import { elasticsearchError } from '../errors.js';
import { createSmallIndex } from '../small-index.js';

/** One kind of document: how it changes, and what it is found by. */
export interface Kind<Document, Change extends { id: string }> {
  /** `fleetwall-alerts`. */
  index: string;
  /** Of {@link Kind.searchFields}. */
  properties: Record<string, estypes.MappingProperty>;
  /** The field that pages are ordered by, newest first. */
  timeField: string;
  /** The document after a change; the stored one itself when the change is old. */
  apply: (stored: Document | undefined, change: Change) => Document;
  searchFields: (document: Document) => Record<string, unknown>;
}

interface Stored {
  id: string;
  /** The document as one text, so that nothing is mapped by what it holds. */
  json: string;
}

type Hit = estypes.SearchHit<Stored>;

const MAX_LIMIT = 1_000;
/** Documents read and written at a time; an alert with all its contributors has some 100 KB. */
const GROUP = 200;

/**
 * The latest state of documents that change. A change is written only over the state it was made from (`if_seq_no`,
 * `if_primary_term`); when somebody else was faster, it is applied again to what they wrote. So any number of indexers
 * may write the same changes at the same time.
 */
export class LatestState<Document, Change extends { id: string }> {
  readonly #connection: Connection;
  readonly #kind: Kind<Document, Change>;
  readonly #writer: BulkWriter;

  constructor(connection: Connection, kind: Kind<Document, Change>, options: { refresh?: boolean }) {
    this.#connection = connection;
    this.#kind = kind;
    this.#writer = new BulkWriter(connection, options);
  }

  async create(): Promise<void> {
    const { index, properties } = this.#kind;
    const all = {
      id: { type: 'keyword' },
      json: { type: 'keyword', index: false, doc_values: false },
      ...properties,
    } as const;
    await createSmallIndex(this.#connection, index, { dynamic: false, properties: all }, { refresh_interval: '1s' });
  }

  /** Changes of one document in order. */
  async put(changes: Change[]): Promise<void> {
    const byId = new Map<string, Change[]>();
    for (const change of changes) byId.set(change.id, [...(byId.get(change.id) ?? []), change]);
    const ids = [...byId.keys()];
    for (let at = 0; at < ids.length; at += GROUP) await this.#putGroup(ids.slice(at, at + GROUP), byId);
  }

  async #putGroup(ids: string[], byId: Map<string, Change[]>): Promise<void> {
    let waiting = ids;
    while (waiting.length > 0) {
      const stored = await this.#read(waiting);
      const written: string[] = [];
      const items: BulkItem[] = [];
      for (const id of waiting) {
        const before = stored.get(id);
        let document = before?.document;
        for (const change of byId.get(id) ?? []) document = this.#kind.apply(document, change);
        if (document === undefined || document === before?.document) continue;
        written.push(id);
        items.push(this.#itemOf(id, document, before?.place));
      }
      const outcomes = await this.#write(items);
      waiting = written.filter((_, i) => outcomes[i] === 'conflict');
    }
  }

  async get(id: string): Promise<Document | undefined> {
    return (await this.#read([id])).get(id)?.document;
  }

  async page(
    { limit, cursor }: { limit: number; cursor?: string },
    filter: estypes.QueryDslQueryContainer[],
    positionOf: (document: Document) => PagePosition,
  ): Promise<{ page: Document[]; cursor?: string }> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
      throw elasticsearchError('ELASTICSEARCH_QUERY_REFUSED', { reason: `the limit is not 1 to ${MAX_LIMIT}` });
    }
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    if (cursor !== undefined && !after) throw elasticsearchError('ELASTICSEARCH_CURSOR_INVALID');
    const sort = [{ [this.#kind.timeField]: 'desc' as const }, { id: 'asc' as const }];
    // One more than asked for tells whether there is another page.
    const hits = await this.#search({ bool: { filter } }, sort, limit + 1, after);
    const page = hits.slice(0, limit).map((hit) => documentOf<Document>(hit));
    const last = page.at(-1);
    return last !== undefined && hits.length > limit ? { page, cursor: encodePosition(positionOf(last)) } : { page };
  }

  /**
   * Each match as `change` leaves it: undefined removes it, itself leaves it. What has changed meanwhile is looked at again.
   * Answers the ids of what is removed, and how many others changed.
   */
  async changeWhere(
    query: estypes.QueryDslQueryContainer,
    change: (document: Document) => Document | undefined,
  ): Promise<{ removed: string[]; changed: number }> {
    const removed: string[] = [];
    let changed = 0;
    let hits: Hit[] = [];
    do {
      hits = await this.#search(query, [{ id: 'asc' }], GROUP, hits.at(-1)?.sort);
      let ids = hits.map(({ _id }) => _id as string);
      while (ids.length > 0) {
        const found = [...(await this.#read(ids))].flatMap(([id, { document, place }]) => {
          const left = change(document);
          return left === document ? [] : [{ id, left, place }];
        });
        const outcomes = await this.#write(
          found.map(({ id, left, place }) =>
            left === undefined ? this.#removalOf(id, place) : this.#itemOf(id, left, place),
          ),
        );
        const written = found.filter((_, i) => outcomes[i] === 'written');
        removed.push(...written.filter(({ left }) => left === undefined).map(({ id }) => id));
        changed += written.filter(({ left }) => left !== undefined).length;
        ids = found.filter((_, i) => outcomes[i] === 'conflict').map(({ id }) => id);
      }
    } while (hits.length === GROUP);
    return { removed, changed };
  }

  /** Answers how many; what has changed meanwhile stays. */
  async removeWhere(query: estypes.QueryDslQueryContainer): Promise<number> {
    let removed = 0;
    let hits: Hit[] = [];
    do {
      hits = await this.#search(query, [{ id: 'asc' }], MAX_LIMIT, hits.at(-1)?.sort);
      const outcomes = await this.#write(hits.map((hit) => this.#removalOf(hit._id as string, placeOf(hit))));
      removed += outcomes.filter((outcome) => outcome === 'written').length;
    } while (hits.length === MAX_LIMIT);
    return removed;
  }

  async #search(
    query: estypes.QueryDslQueryContainer,
    sort: estypes.SortCombinations[],
    size: number,
    after: estypes.SortResults | undefined,
  ): Promise<Hit[]> {
    const { index } = this.#kind;
    const { hits } = await this.#connection.run(`search ${index}`, (client) =>
      client.search<Stored>({
        index,
        query,
        sort,
        size,
        _source: ['json'],
        seq_no_primary_term: true,
        allow_partial_search_results: false,
        track_total_hits: false,
        ...(after && { search_after: after }),
      }),
    );
    return hits.hits;
  }

  /** As written last, whether searches see it yet or not. */
  async #read(ids: string[]): Promise<Map<string, { document: Document; place: object }>> {
    const { index } = this.#kind;
    const { docs } = await this.#connection.run(`read from ${index}`, (client) =>
      client.mget<Stored>({ index, ids, _source: ['json'] }),
    );
    const found = new Map<string, { document: Document; place: object }>();
    for (const doc of docs) {
      if (!('found' in doc) || !doc.found || !doc._source) continue;
      found.set(doc._id, { document: JSON.parse(doc._source.json) as Document, place: placeOf(doc) });
    }
    return found;
  }

  /** Fails when one of them will never be taken. */
  async #write(items: BulkItem[]): Promise<BulkOutcome[]> {
    const outcomes = await this.#writer.write(items);
    const refused = outcomes.find((outcome) => typeof outcome === 'object');
    if (refused) {
      throw elasticsearchError('ELASTICSEARCH_FAILED', {
        operation: `write to ${this.#kind.index}`,
        reason: refused.rejected,
      });
    }
    return outcomes;
  }

  #removalOf(id: string, place: object): BulkItem {
    return { action: JSON.stringify({ delete: { _index: this.#kind.index, _id: id, ...place } }) };
  }

  #itemOf(id: string, document: Document, place: object | undefined): BulkItem {
    const { index, searchFields } = this.#kind;
    const where = { _index: index, _id: id };
    const action = JSON.stringify(place ? { index: { ...where, ...place } } : { create: where });
    return { action, source: JSON.stringify({ ...searchFields(document), id, json: JSON.stringify(document) }) };
  }
}

/** What it must still be when it is written over. */
function placeOf({ _seq_no, _primary_term }: { _seq_no?: number; _primary_term?: number }): object {
  return { if_seq_no: _seq_no, if_primary_term: _primary_term };
}

function documentOf<Document>(hit: Hit): Document {
  return JSON.parse((hit._source as Stored).json) as Document;
}
