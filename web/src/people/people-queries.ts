import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client.js';
import { queryClient, refresh } from '../api/query-client.js';
import type { Role } from '../api/types.js';

/** People who may sign in. */
export function usePeople() {
  return useQuery({
    queryKey: ['people', 'accounts'],
    queryFn: ({ signal }) => answer(api.GET('/accounts', { signal })),
  });
}

export interface Rights {
  role: Role;
  /** Empty: all tenants. */
  tenant: string;
}

export function useInvite() {
  return useMutation({
    mutationFn: ({ name, role, tenant }: Rights & { name: string }) =>
      answer(api.POST('/accounts', { body: { name, role, ...(tenant ? { tenant } : {}) } })),
    onSettled: () => refresh('people'),
  });
}

export function useChangePerson(name: string) {
  return useMutation({
    mutationFn: (body: { role?: Role; tenant?: string | null; disabled?: boolean }) =>
      answer(api.PATCH('/accounts/{name}', { params: { path: { name } }, body })),
    onSettled: () => refresh('people'),
  });
}

/** Acts on one person that need nothing but the name. */
export function usePersonActs(name: string) {
  const params = { path: { name } };
  const link = useMutation({
    mutationFn: () => answer(api.POST('/accounts/{name}/link', { params })),
    onSettled: () => refresh('people'),
  });
  const endSessions = useMutation({
    mutationFn: () => answer(api.DELETE('/accounts/{name}/sessions', { params })),
    onSettled: () => refresh('people'),
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE('/accounts/{name}', { params })),
    onSettled: () => refresh('people'),
  });
  return { link, endSessions, remove };
}

export function usePersonSessions(name: string) {
  return useQuery({
    queryKey: ['people', 'sessions', name],
    queryFn: ({ signal }) => answer(api.GET('/accounts/{name}/sessions', { params: { path: { name } }, signal })),
  });
}

export function useMySessions() {
  return useQuery({
    queryKey: ['people', 'my sessions'],
    queryFn: ({ signal }) => answer(api.GET('/me/sessions', { signal })),
  });
}

export function useEndMySession() {
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE('/me/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => refresh('people'),
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { old: string; new: string }) => answer(api.PUT('/me/password', { body })),
    onSettled: () => void queryClient.invalidateQueries(),
  });
}
