import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import type { Looked } from './event-queries.js';

const KEY = ['searches'] as const;

export function useSavedSearches(isWanted: boolean) {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/searches', { signal })),
    enabled: isWanted,
  });
}

/** The query of a link that is too long to stand in an address. */
export function useLinkedSearch(id: string | undefined) {
  return useQuery({
    queryKey: [...KEY, id],
    queryFn: ({ signal }) => answer(api.GET('/searches/{id}', { params: { path: { id: id as string } }, signal })),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface Kept extends Looked {
  columns: string;
  /** Absent: a link. */
  name?: string;
  isShared: boolean;
}

export function useSaveSearch() {
  return useMutation({
    mutationFn: (body: Kept) => answer(api.POST('/searches', { body })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY, exact: true }),
  });
}

export function useRemoveSearch() {
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE('/searches/{id}', { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY, exact: true }),
  });
}
