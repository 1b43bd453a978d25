import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { Block } from '../api/types.js';
import { EVER } from '../app/range.js';
import { usePolledPages } from '../parts/use-polled-pages.js';

const POLL_MS = 5_000;
const PAGE = 500;

export const BLOCK_TABS = [
  'active',
  'held',
  'expired',
  'lifted',
  'withdrawn',
  'too-late',
  'dry-run',
] as const satisfies readonly Block['state'][];
export type BlockTab = (typeof BLOCK_TABS)[number];

/** Blocks of a state; those in force do not heed the range. `address`: those that share an address with it. */
export function useBlocks(state: BlockTab, address: string | undefined) {
  return usePolledPages({
    queryKey: ['blocks', state, address],
    read: (cursor, signal) => {
      const query = { state, ...EVER, limit: PAGE, ...(address ? { address } : {}), ...(cursor ? { cursor } : {}) };
      return answer(api.GET('/blocks', { params: { query }, signal }));
    },
    pollMs: POLL_MS,
    rowsOf: ({ blocks }) => blocks,
    withRows: (page, blocks) => ({ ...page, blocks }),
    idOf: ({ id }) => id,
  });
}

/** Blocks in force that share an address with the target: what a lift of exactly the target leaves. */
export function useBlocksOf(target: string | undefined) {
  return useQuery({
    queryKey: ['blocks', 'of', target],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/blocks', { params: { query: { state: 'active', address: target as string, limit: 100 } }, signal }),
      ),
    enabled: target !== undefined,
  });
}

export function useLift() {
  return useMutation({
    mutationFn: ({ target, comment }: { target: string; comment: string }) =>
      answer(api.DELETE('/blocks/{target}', { params: { path: { target }, query: comment ? { comment } : {} } })),
    onSettled: refreshBlocks,
  });
}

export interface Wanted {
  target: string;
  scope: string;
  duration: string;
  ports: Block['ports'];
}

export function usePreview() {
  return useMutation({ mutationFn: (body: Wanted) => answer(api.POST('/blocks/preview', { body })) });
}

export function useBlock() {
  return useMutation({
    mutationFn: (body: Wanted & { comment: string }) => answer(api.POST('/blocks', { body })),
    onSettled: refreshBlocks,
  });
}

function refreshBlocks(): void {
  refresh('blocks', 'alert', 'overview', 'address');
}
