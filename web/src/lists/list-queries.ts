import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { AllowEntry, DenyEntry } from '../api/types.js';

const POLL_MS = 10_000;

export type ListName = 'allow' | 'deny';
export type Entry = AllowEntry & Pick<DenyEntry, 'block' | 'refusal'>;

export const LIST_WORDS = { allow: 'allowlist', deny: 'denylist' } as const;

async function entriesOf(list: ListName, signal?: AbortSignal): Promise<Entry[]> {
  const init = signal ? { signal } : {};
  if (list === 'allow') return (await answer(api.GET('/lists/allow', init))).entries;
  return (await answer(api.GET('/lists/deny', init))).entries;
}

export function useEntries(list: ListName) {
  return useQuery({
    queryKey: ['lists', list],
    queryFn: ({ signal }) => entriesOf(list, signal),
    refetchInterval: POLL_MS,
  });
}

/** @param target undefined: not asked yet */
export function useAllowPreview(target: string | undefined) {
  return useQuery({
    queryKey: ['list-preview', 'allow', target],
    queryFn: () => answer(api.POST('/lists/allow/preview', { body: { target: target as string } })),
    enabled: target !== undefined,
    gcTime: 0,
  });
}

export function useDenyPreview(target: string | undefined) {
  return useQuery({
    queryKey: ['list-preview', 'deny', target],
    queryFn: () => answer(api.POST('/lists/deny/preview', { body: { target: target as string } })),
    enabled: target !== undefined,
    gcTime: 0,
  });
}

/** What a person writes of an entry. */
export interface Written {
  reason: string;
  owner?: string;
  duration?: string;
  until?: string;
}

interface Change {
  list: ListName;
  target: string;
  /** null: take it off the list. */
  written: Written | null;
}

/** Answers the target in its canonical form, and the entry as it was before: what undoes it. */
export function useChangeList() {
  return useMutation({
    mutationFn: async ({ list, target, written }: Change) => {
      const before = (await entriesOf(list)).find((entry) => entry.target === target);
      const path = { params: { path: { target } } };
      if (written === null) {
        await answer(
          list === 'allow' ? api.DELETE('/lists/allow/{target}', path) : api.DELETE('/lists/deny/{target}', path),
        );
        return { target, before };
      }
      const init = { ...path, body: written };
      const after = await answer(
        list === 'allow' ? api.PUT('/lists/allow/{target}', init) : api.PUT('/lists/deny/{target}', init),
      );
      return { target: after.target, before };
    },
    onSettled: () => refresh('lists', 'blocks', 'alert', 'overview', 'address'),
  });
}

/** An entry as it is put back; one that is over by then is not. */
export function writtenOf({ reason, owner, until }: Entry): Written {
  return { reason, owner, ...(until ? { until } : {}) };
}
