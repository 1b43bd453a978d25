import createClient from 'openapi-fetch';
import { type Problem, ProblemError } from './problem.js';
import type { paths } from './schema.js';
import { seenTenant } from './seen-tenant.js';

/** The only way to the server. The header is what no page of another site can send. */
export const api = createClient<paths>({ baseUrl: '/api/v1', headers: { 'x-fleetwall': '1' } });

api.use({
  onRequest: ({ request, schemaPath }) => {
    const tenant = isOwn(schemaPath) ? undefined : seenTenant();
    if (tenant !== undefined) request.headers.set('x-fleetwall-tenant', tenant);
    return request;
  },
});

/** What is about the person, and about who there is to choose from, is the same whatever tenant is looked at. */
function isOwn(path: string): boolean {
  return /^\/(me|session|setup|password|tenants|tenant-names)(\/|$)/.test(path);
}

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the server answered. Throws ProblemError: as the server said it, or `unreachable` when nothing came back. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ProblemError(UNREACHABLE);
  });
  if (response.ok) return data as T;
  throw new ProblemError(isProblem(error) ? error : { ...UNREADABLE, status: response.status });
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
}

const UNREACHABLE: Problem = {
  type: 'about:blank',
  title: 'No answer',
  status: 0,
  detail: 'The console does not answer.',
  code: 'unreachable',
  hint: 'Look at the connection, and whether the service runs.',
};

const UNREADABLE: Problem = {
  ...UNREACHABLE,
  title: 'Unreadable answer',
  detail: 'What came back is not an answer of the console.',
  code: 'unreadable',
  hint: 'A proxy in between may have answered; its log says more.',
};
