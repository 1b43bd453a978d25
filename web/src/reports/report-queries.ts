import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';

const POLL_MS = 3_000;

export function useChannels() {
  return useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => answer(api.GET('/reports/channels', { signal })),
    refetchInterval: POLL_MS,
  });
}

export type Sent = { what: 'test' | 'daily' | 'weekly'; name: string };

/** Puts a message into the channel's outbox; what became of it is among the deliveries seconds later. */
export function useSend() {
  return useMutation({
    mutationFn: ({ what, name }: Sent) =>
      answer(
        what === 'test'
          ? api.POST('/reports/channels/{name}/test', { params: { path: { name } } })
          : api.POST('/reports/channels/{name}/summaries/{period}', { params: { path: { name, period: what } } }),
      ),
    onSettled: () => refresh('channels'),
  });
}
