import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { DEFAULT_RANGE, type Range } from '../app/range.js';

const POLL_MS = 10_000;

/** What nav, strip and Overview show. Without a range: what does not heed it. */
export function useOverview(isWanted = true, range: Range = DEFAULT_RANGE) {
  return useQuery({
    queryKey: ['overview', range],
    queryFn: ({ signal }) => answer(api.GET('/overview', { params: { query: range }, signal })),
    enabled: isWanted,
    refetchInterval: POLL_MS,
    placeholderData: (before) => before,
  });
}
