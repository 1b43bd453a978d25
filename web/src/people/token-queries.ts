import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { refresh } from '../api/query-client.js';
import type { paths } from '../api/schema.js';

export type NewToken = paths['/tokens']['post']['requestBody']['content']['application/json'];
export type Scope = NewToken['scopes'][number];

/** As the API has them: the type wants every one. */
const EACH: Record<Scope, true> = {
  'alerts:read': true,
  'alerts:write': true,
  'events:read': true,
  'blocks:read': true,
  'blocks:write': true,
  'system:read': true,
  'tenants:write': true,
  'decisions:read': true,
  'decisions:web': true,
};
export const SCOPES = Object.keys(EACH) as Scope[];

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
    mutationFn: ({ tenant, ...body }: NewToken) =>
      isOwn
        ? answer(api.POST('/me/tokens', { body }))
        : answer(api.POST('/tokens', { body: { ...body, ...(tenant ? { tenant } : {}) } })),
    onSettled: () => refresh('tokens'),
  });
}

export function useRevokeToken(isOwn: boolean) {
  return useMutation({
    mutationFn: ({ name, owner }: { name: string; owner?: string | undefined }) =>
      isOwn
        ? answer(api.DELETE('/me/tokens/{name}', { params: { path: { name } } }))
        : answer(api.DELETE('/tokens/{name}', { params: { path: { name }, query: owner ? { owner } : {} } })),
    onSettled: () => refresh('tokens'),
  });
}
