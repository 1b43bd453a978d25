import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { Alert } from '../api/types.js';
import { EVER } from '../app/range.js';
import { usePolledPages } from '../parts/use-polled-pages.js';

const POLL_MS = 10_000;
const PAGE = 500;

export type AlertTab = 'open' | 'acknowledged' | 'closed' | 'withdrawn';

const FILTERS = {
  open: { state: 'open', status: 'open' },
  acknowledged: { status: 'acknowledged' },
  closed: { status: 'closed' },
  withdrawn: { state: 'withdrawn' },
} as const;

export function useAlerts(tab: AlertTab) {
  return usePolledPages({
    queryKey: ['alerts', tab],
    read: (cursor, signal) => {
      const query = { ...FILTERS[tab], ...EVER, limit: PAGE, ...(cursor ? { cursor } : {}) };
      return answer(api.GET('/alerts', { params: { query }, signal }));
    },
    pollMs: POLL_MS,
    rowsOf: ({ alerts }) => alerts,
    withRows: (page, alerts) => ({ ...page, alerts }),
    idOf: ({ id }) => id,
  });
}

export function useAlert(id: string) {
  return useQuery({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => answer(api.GET('/alerts/{id}', { params: { path: { id } }, signal })),
    refetchInterval: POLL_MS,
  });
}

/** What people note of an alert. */
export interface Note {
  status?: Alert['status'];
  verdict?: NonNullable<Alert['verdict']>;
  assignee?: string | null;
}

/** Notes the same of several alerts, one after the other; saved at once. */
export function useNoteAlerts() {
  return useMutation({
    mutationFn: async ({ ids, note }: { ids: string[]; note: Note }) => {
      for (const id of ids) await answer(api.PATCH('/alerts/{id}', { params: { path: { id } }, body: note }));
    },
    onSettled: refreshAlerts,
  });
}

export function useCommentAlert(id: string) {
  return useMutation({
    mutationFn: (text: string) =>
      answer(api.POST('/alerts/{id}/comments', { params: { path: { id } }, body: { text } })),
    onSettled: refreshAlerts,
  });
}

function refreshAlerts(): void {
  refresh('alerts', 'alert', 'overview');
}

const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'];

/** Gravest first, then newest. */
export function byGravity(a: Alert, b: Alert): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || Date.parse(b.last) - Date.parse(a.last);
}
