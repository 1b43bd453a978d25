import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { answer, api } from '../api/client.js';
import { isSignedOut } from '../api/problem.js';
import { ME, nowIs } from '../api/query-client.js';
import type { Me, Role } from '../api/types.js';
import type { Search } from '../app/search.js';

/** Who is signed in; null: nobody. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: async () => {
      try {
        return await answer(api.GET('/me'));
      } catch (error) {
        if (isSignedOut(error)) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Inside the shell somebody is signed in. */
export function useAccount(): Me {
  return useMe().data as Me;
}

/** The same, and who looks at one tenant is as somebody of it. */
export function useSignedIn(): Me {
  const me = useAccount();
  const { tenant } = useSearch({ strict: false }) as Search;
  return me.tenant === undefined && tenant !== undefined ? { ...me, tenant } : me;
}

export function useSignIn() {
  return useMutation({
    mutationFn: (body: { name: string; password: string }) => answer(api.POST('/session', { body })),
    onSuccess: nowIs,
  });
}

export function useSignOut() {
  return useMutation({
    mutationFn: async ({ isOfProvider }: Me) => {
      await answer(api.DELETE('/session'));
      // The provider would let in whoever sits down here next.
      if (isOfProvider) window.location.assign('/api/v1/session/oidc/end');
    },
    onSuccess: () => nowIs(null),
  });
}

/** How one may sign in besides by name and password. */
export function useWays() {
  return useQuery({
    queryKey: ['ways'],
    queryFn: () => answer(api.GET('/session/ways')),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

type Rights = Pick<Me, 'role' | 'tenant'>;

/**
 * As the API's table of routes: who sees evidence, who decides, who may lift, who answers for people and channels;
 * `…Fleet`: those alone who are of no tenant.
 */
export const may = {
  read: (role: Role) => role !== 'helpdesk',
  decide: (role: Role) => role === 'analyst' || role === 'administrator',
  lift: (role: Role) => role !== 'viewer',
  administer: (role: Role) => role === 'administrator',
  decideFleet: ({ role, tenant }: Rights): boolean => may.decide(role) && tenant === undefined,
  administerFleet: ({ role, tenant }: Rights): boolean => may.administer(role) && tenant === undefined,
};
