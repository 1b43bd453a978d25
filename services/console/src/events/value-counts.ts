import type { EventStore, FleetwallError, Query } from '@fleetwall/core';
import type { Caller } from '../api/caller.js';
import { columnTypeOf, hasListableValues } from './event-fields.js';
import type { Events, Found, Search } from './events.js';

/** Looked at when the store itself cannot say what begins so (numbers, lists). */
const MOST_LOOKED_AT = 1_000;
/** Longer ones nobody picks from a list. */
const MOST_CHARS = 500;

export interface Wanted extends Search {
  field: string;
  /** As far as it is written; ASCII letters without regard to case. */
  prefix: string;
  limit: number;
}

/** What a value of a field may be, for who writes a query: the most frequent first, of the caller's tenant alone. */
export class ValueCounts {
  constructor(
    private readonly store: EventStore,
    private readonly events: Events,
  ) {}

  /** Of a query that cannot be read, as a half-written one, the values are those of the whole range. */
  async of({ field, prefix, limit, ...search }: Wanted, caller: Caller) {
    if (!hasListableValues(field)) return { field, values: [], isNarrowed: true };
    const { found, isNarrowed } = this.#found(search, caller);
    const begun = prefix === '' || !isText(field) ? found : { ...found, query: withPrefix(found.query, field, prefix) };
    const counted = await this.store.top({ ...begun, field, limit: prefix === '' ? limit : MOST_LOOKED_AT });
    const start = asciiLower(prefix);
    const values = counted
      .filter(({ value }) => value.length <= MOST_CHARS && asciiLower(value.slice(0, prefix.length)) === start)
      .slice(0, limit);
    return { field, values, isNarrowed };
  }

  #found(search: Search, caller: Caller): { found: Found; isNarrowed: boolean } {
    try {
      return { found: this.events.found(search, caller), isNarrowed: true };
    } catch (error) {
      if ((error as FleetwallError).code !== 'QUERY_INVALID') throw error;
      return { found: this.events.found({ ...search, query: '' }, caller), isNarrowed: false };
    }
  }
}

function withPrefix(query: Query, field: string, value: string): Query {
  return { type: 'and', of: [query, { type: 'prefix', field, value }] };
}

/** What is in no table may be a number. */
function isText(field: string): boolean {
  const type = columnTypeOf(field);
  return type === 'text' || type === 'address';
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
