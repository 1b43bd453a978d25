import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { Rule } from '../api/types.js';

const POLL_MS = 10_000;

export type Mode = Rule['mode'];

export function useRules() {
  return useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => answer(api.GET('/rules', { signal })),
    refetchInterval: POLL_MS,
  });
}

export function usePolicies() {
  return useQuery({
    queryKey: ['policies'],
    queryFn: ({ signal }) => answer(api.GET('/policies', { signal })),
  });
}

/** With its file: for those who answer for all tenants. */
export function useRule(name: string, isAsked: boolean) {
  return useQuery({
    queryKey: ['rules', name],
    queryFn: ({ signal }) => answer(api.GET('/rules/{name}', { params: { path: { name } }, signal })),
    enabled: isAsked,
  });
}

export function useTrial() {
  return useMutation({
    mutationFn: (body: { text: string; zone: string; rule?: string }) => answer(api.POST('/rules/test', { body })),
  });
}

export function useSwitchRule() {
  return useMutation({
    mutationFn: ({ name, mode, comment }: { name: string; mode: Mode; comment: string }) =>
      answer(api.PUT('/rules/{name}/mode', { params: { path: { name } }, body: { mode, comment } })),
    onSettled: () => refresh('rules'),
  });
}
