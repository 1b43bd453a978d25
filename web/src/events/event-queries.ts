import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import type { Range } from '../app/range.js';

const PAGE = 200;
const BUCKETS = 60;

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
  });
}

export function useHistogram(looked: Looked) {
  return useQuery({
    queryKey: ['histogram', looked],
    queryFn: ({ signal }) =>
      answer(api.GET('/events/histogram', { params: { query: { ...looked, buckets: BUCKETS } }, signal })),
    placeholderData: (before) => before,
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

/** What the same host wrote around an event. */
export function useSurrounding(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['surrounding', id],
    queryFn: ({ signal }) => answer(api.GET('/events/{id}/surrounding', { params: { path: { id } }, signal })),
    enabled: isWanted,
  });
}
