import type { z } from 'zod';

/**
 * What a person may be. `helpdesk` finds and lifts an address; `analyst` sees all evidence and decides; `viewer` only sees;
 * an `administrator` also sees the audit log and the system, and answers for people.
 */
export const ROLES = ['viewer', 'helpdesk', 'analyst', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a program's token may be good for. Nothing without a scope can be done with a token. `decisions:web` adds to
 * `decisions:read` what is blocked on the ports of web applications only.
 */
export const SCOPES = [
  'alerts:read',
  'alerts:write',
  'events:read',
  'blocks:read',
  'blocks:write',
  'system:read',
  'tenants:write',
  'decisions:read',
  'decisions:web',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Those who see evidence. */
export const READERS: readonly Role[] = ['viewer', 'analyst', 'administrator'];
/** Those who decide about alerts, blocks and lists. */
export const DECIDERS: readonly Role[] = ['analyst', 'administrator'];

/**
 * One endpoint. The guard, the OpenAPI document and the matrix test read the same row: what is not here does not exist.
 */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Under `/api/v1`, `/alerts/{id}`. */
  path: string;
  tag: string;
  summary: string;
  /** Roles that may; `anyone` is also who has not signed in. */
  roles: readonly Role[] | 'anyone';
  /** Only for those who answer for all tenants. */
  isFleetWide?: boolean;
  /** What a token needs; without one the endpoint is for people alone. */
  scope?: Scope;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** 200, or 204 without an answer, when absent. */
  status?: 200 | 201 | 204 | 302;
  /** For programs that know nothing of this API: also under {@link FEED_ROOT}, and with the token where they can put it. */
  isFeed?: boolean;
  /** Of the body of the answer; absent when there is none. */
  answer?: z.ZodType;
  /** Content types of an answer that is streamed and has no schema. */
  streams?: readonly string[];
  /** An act: it leaves a record, done or refused. */
  audited?: boolean;
}

/** Checks the rows, and keeps their types. */
export function defineRoutes<const R extends Record<string, Route>>(routes: R): R {
  return routes;
}

/** What the handler of a route is given. */
export interface Asked<R extends Route> {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  body: Parsed<R['body']>;
}

type Parsed<S> = S extends z.ZodType ? z.infer<S> : undefined;
