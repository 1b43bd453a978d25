import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { answer, api } from '../api/client.js';
import { DEFAULT_RANGE } from '../app/range.js';
import { rangeOf, useSearchState } from '../app/search.js';

const POLL_MS = 10_000;

/**
 * What nav, strip and Overview show, asked for once by all of them. The range is that of Overview; on other pages, which
 * show only what does not heed it, the usual one.
 */
export function useOverview(isWanted = true) {
  const [search] = useSearchState();
  const isOverview = useLocation({ select: ({ pathname }) => pathname === '/overview' });
  const range = isOverview ? rangeOf(search) : DEFAULT_RANGE;
  return useQuery({
    queryKey: ['overview', range],
    queryFn: ({ signal }) => answer(api.GET('/overview', { params: { query: range }, signal })),
    enabled: isWanted,
    refetchInterval: POLL_MS,
    placeholderData: (before) => before,
  });
}
