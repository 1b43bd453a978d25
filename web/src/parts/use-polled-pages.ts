import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { queryClient } from '../api/query-client.js';
import { type PageShape, withFreshHead } from './fresh-head.js';

interface Props<P, R> extends PageShape<P, R> {
  queryKey: readonly unknown[];
  /** The page at a cursor; the first one without. */
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<P>;
  pollMs: number;
}

/** A list that loads on scrolling, newest first. Only its first page is polled, however many are loaded. */
export function usePolledPages<P extends { cursor?: string }, R>({ queryKey, read, pollMs, ...shape }: Props<P, R>) {
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam || undefined, signal),
    initialPageParam: '',
    getNextPageParam: ({ cursor }: P) => cursor,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const poll = useQuery({
    queryKey: ['head', ...queryKey],
    queryFn: async ({ signal }) => {
      const head = await read(undefined, signal);
      queryClient.setQueryData<InfiniteData<P, string>>(queryKey, (before) => {
        if (!before) return before;
        const next = withFreshHead(before.pages, head, shape);
        return { pages: next, pageParams: ['', ...next.slice(0, -1).map(({ cursor }) => cursor ?? '')] };
      });
      return true;
    },
    // What has just been loaded is fresh, and a page under way is not to be mixed with an older first one.
    initialData: true,
    initialDataUpdatedAt: pages.dataUpdatedAt,
    staleTime: pollMs,
    refetchInterval: pollMs,
    enabled: pages.isSuccess && !pages.isFetching,
    gcTime: 0,
  });
  // A poll that failed stands beside the rows, as every other failure does.
  return { ...pages, error: pages.error ?? poll.error };
}
