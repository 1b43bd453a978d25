import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import type { Range } from '../app/range.js';

const PAGE = 200;
const BUCKETS = 60;
const LIVE_POLL_MS = 30_000;

/** What is looked for, and when. */
export interface Looked extends Range {
  query: string;
}

export function useEvents(looked: Looked) {
  return useInfiniteQuery({
    queryKey: ['events', looked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...looked, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return answer(api.GET('/events', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: (before) => before,
    // What was found is of the time when it was asked for; new events are the live tail's.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

/** @param isLive then it is asked for again now and then, since the range ends now */
export function useHistogram(looked: Looked, isLive: boolean) {
  return useQuery({
    queryKey: ['histogram', looked],
    queryFn: ({ signal }) =>
      answer(api.GET('/events/histogram', { params: { query: { ...looked, buckets: BUCKETS } }, signal })),
    placeholderData: (before) => before,
    refetchInterval: isLive ? LIVE_POLL_MS : false,
  });
}

export function useTop(looked: Looked, field: string | undefined) {
  return useQuery({
    queryKey: ['top', looked, field],
    queryFn: ({ signal }) =>
      answer(api.GET('/events/top', { params: { query: { ...looked, field: field as string, limit: 10 } }, signal })),
    enabled: field !== undefined,
  });
}

/** The same search once more: the range may end now. */
export function askAgain(): void {
  for (const key of ['events', 'histogram', 'top']) void queryClient.resetQueries({ queryKey: [key] });
}

/** What the same host wrote around an event. */
export function useSurrounding(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['surrounding', id],
    queryFn: ({ signal }) => answer(api.GET('/events/{id}/surrounding', { params: { path: { id } }, signal })),
    enabled: isWanted,
  });
}
