import { z } from 'zod';
import { defineRoutes } from '../api/route.js';

const given = (most: number) => z.string().max(most).optional();

/** Browsers come here by links and redirections: answers are redirections too, with the code of an error in the fragment. */
export const OIDC_ROUTES = defineRoutes({
  signInWays: {
    method: 'get',
    path: '/session/ways',
    tag: 'Session',
    summary: 'How one may sign in besides by name and password.',
    roles: 'anyone',
    answer: z.object({ provider: z.string().optional().describe('What the button says: Sign in with ….') }),
  },
  beginOidc: {
    method: 'get',
    path: '/session/oidc',
    tag: 'Session',
    summary: 'Goes to the sign-in provider.',
    roles: 'anyone',
    query: z.strictObject({ to: given(2_000).describe('Path of the page to come back to.') }),
    status: 302,
  },
  finishOidc: {
    method: 'get',
    path: '/session/oidc/callback',
    tag: 'Session',
    summary: 'Where the provider sends the browser back to. Sets the cookie of a new session.',
    roles: 'anyone',
    query: z.object({
      code: given(2_000),
      state: given(500),
      iss: given(500),
      error: given(200),
      error_description: given(2_000),
    }),
    status: 302,
  },
  endOidc: {
    method: 'get',
    path: '/session/oidc/end',
    tag: 'Session',
    summary: 'Goes to the provider to sign out there too, after the session here has ended.',
    roles: 'anyone',
    status: 302,
  },
});
