import type { SavedSearch } from '../api/types.js';
import { rangeOf, useSearchState } from '../app/search.js';
import type { Looked } from './event-queries.js';
import { useLinkedSearch, useSaveSearch } from './saved-queries.js';

/** Longer addresses are cut by mail programs and proxies: then the query is kept by the server, and the address names it. */
const MOST_ADDRESS_CHARS = 2_000;

/** The query and the range of the page, and what changes the query; both stand in the address, or are named by it. */
export function useLooked() {
  const [search, change] = useSearchState();
  const linked = useLinkedSearch(search.saved);
  const save = useSaveSearch();
  const range = rangeOf(search);
  const query = search.saved === undefined ? (search.q ?? '') : linked.data?.query;
  const looked: Looked | undefined = query === undefined ? undefined : { query, ...range };
  const run = (q: string) => {
    if (addressLength(q) <= MOST_ADDRESS_CHARS) return change({ q, saved: '', row: '' });
    const link = { ...range, query: q, columns: search.columns ?? '', isShared: true };
    return save.mutate(link, { onSuccess: ({ id }) => change({ q: '', saved: id, row: '' }) });
  };
  const open = ({ id, query: q, from, to, columns }: SavedSearch) => {
    const named = addressLength(q) <= MOST_ADDRESS_CHARS ? { q, saved: '' } : { q: '', saved: id };
    change({ ...named, from, to, columns, row: '' });
  };
  return { looked, run, open, linked, saveError: save.error };
}

function addressLength(q: string): number {
  const address = new URL(window.location.href);
  address.searchParams.set('q', q);
  return address.href.length;
}
