import { hashKey, MutationCache, QueryCache, QueryClient, type QueryKey } from '@tanstack/react-query';
import { isSignedOut } from './problem.js';
import { seenTenant } from './seen-tenant.js';
import type { Me } from './types.js';

/** Who is signed in; null: nobody. */
export const ME = ['me'] as const;
/** Known to be the same whatever tenant is looked at. */
const OF_ALL: readonly unknown[] = [ME[0], 'ways', 'tenant names'];

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: forgetWhoWas }),
  mutationCache: new MutationCache({ onError: forgetWhoWas }),
  defaultOptions: {
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true, queryKeyHashFn: hashOf },
    mutations: { retry: false },
  },
});

/** Another tenant's answers are others, under the same key. */
function hashOf(key: QueryKey): string {
  return hashKey(OF_ALL.includes(key[0]) ? key : [seenTenant() ?? null, ...key]);
}

/** Asks again, now or when it is shown next, for all whose key begins with one of these. */
export function refresh(...keys: string[]): void {
  for (const key of keys) void queryClient.invalidateQueries({ queryKey: [key] });
}

/** A session that ended elsewhere: the page stays, and asks who is there. */
function forgetWhoWas(error: unknown): void {
  if (isSignedOut(error)) queryClient.setQueryData(ME, null);
}

/** Someone signed in or out: what another person saw is not for this one. */
export function nowIs(me: Me | null): void {
  queryClient.setQueryData(ME, me);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
}
