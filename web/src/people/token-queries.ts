import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import type { paths } from '../api/schema.js';

export type NewToken = paths['/tokens']['post']['requestBody']['content']['application/json'];
export type Scope = NewToken['scopes'][number];

/** As the API has them. */
export const SCOPES: readonly Scope[] = [
  'alerts:read',
  'alerts:write',
  'events:read',
  'blocks:read',
  'blocks:write',
  'system:read',
  'tenants:write',
];

const refresh = () => void queryClient.invalidateQueries({ queryKey: ['tokens'] });

/** One's own, or with `isAll` everybody's and those of the installation. */
export function useTokens(isAll: boolean) {
  return useQuery({
    queryKey: ['tokens', isAll],
    queryFn: ({ signal }) => answer(isAll ? api.GET('/tokens', { signal }) : api.GET('/me/tokens', { signal })),
  });
}

/** Answers the secret, this once. */
export function useCreateToken(isOwn: boolean) {
  return useMutation({
    mutationFn: ({ name, scopes, tenant, days }: NewToken) =>
      isOwn
        ? answer(api.POST('/me/tokens', { body: { name, scopes, ...(days === undefined ? {} : { days }) } }))
        : answer(
            api.POST('/tokens', {
              body: { name, scopes, ...(days === undefined ? {} : { days }), ...(tenant ? { tenant } : {}) },
            }),
          ),
    onSettled: refresh,
  });
}

export function useRevokeToken(isOwn: boolean) {
  return useMutation({
    mutationFn: ({ name, owner }: { name: string; owner?: string | undefined }) =>
      isOwn
        ? answer(api.DELETE('/me/tokens/{name}', { params: { path: { name } } }))
        : answer(api.DELETE('/tokens/{name}', { params: { path: { name }, query: owner ? { owner } : {} } })),
    onSettled: refresh,
  });
}
