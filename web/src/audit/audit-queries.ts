import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import type { AuditEntry } from '../api/types.js';
import type { Search } from '../app/search.js';

const PAGE = 200;
const CHECK_MS = 60_000;

export const OUTCOMES = ['all', 'done', 'refused', 'failed'] as const;

/** What the address of the page asks for. */
export interface AuditFilter {
  outcome?: AuditEntry['outcome'];
  who?: string;
  what?: string;
  about?: string;
}

export function filterOf({ tab, who, what, q }: Search): AuditFilter {
  const outcome = OUTCOMES.find((each) => each === tab) ?? 'all';
  return {
    ...(outcome === 'all' ? {} : { outcome }),
    ...(who ? { who } : {}),
    ...(what ? { what } : {}),
    ...(q ? { about: q } : {}),
  };
}

export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return answer(api.GET('/audit', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
  });
}

/** Whether the records are as they were written. */
export function useChain() {
  return useQuery({
    queryKey: ['audit', 'chain'],
    queryFn: ({ signal }) => answer(api.GET('/audit/chain', { signal })),
    refetchInterval: CHECK_MS,
  });
}
