import { z } from 'zod';
import { CSRF_HEADER, SESSION_COOKIE, TENANT_HEADER } from './names.js';
import type { Route } from './route.js';
import { API_ROOT, FEED_ROOT, ROUTES } from './routes.js';

/** RFC 9457, with what Fleetwall's errors say besides. */
const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Does not change; see docs/errors.md.'),
  hint: z.string().describe('What to do about it.'),
  column: z.int().optional().describe('Where a query cannot be read, from 1.'),
});

/** The API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), made of the table of routes. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fleetwall console',
      version: '1',
      description: `Who answers for all tenants may send the header ${TENANT_HEADER} with the name of one: the answer is what somebody of that tenant with the same role would get.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: API_ROOT }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
        token: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
    },
  };
}

function operationOf(name: string, route: Route): object {
  const { tag, summary, roles, isFleetWide, isFeed, scope, body } = route;
  const parameters = [
    ...parametersOf('path', route.params),
    ...parametersOf('query', route.query),
    ...(route.method === 'get' ? [] : [CSRF_PARAMETER]),
  ];
  const tokens = scope === undefined ? [] : [{ token: [scope] }, ...(isFeed ? [{ key: [scope] }] : [])];
  return {
    operationId: name,
    tags: [tag],
    summary,
    'x-roles': roles,
    ...(isFleetWide ? { 'x-fleet-wide': true } : {}),
    security: roles === 'anyone' ? [] : [{ session: [] }, ...tokens],
    ...(isFeed ? { servers: [{ url: API_ROOT }, { url: FEED_ROOT }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }
      : {}),
    responses: responsesOf(route),
  };
}

const CSRF_PARAMETER = {
  name: CSRF_HEADER,
  in: 'header',
  required: false,
  description: 'Any value. Required with a session: no page of another site can send it.',
  schema: { type: 'string' },
};

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function responsesOf({ status, answer, streams = [] }: Route): object {
  const content = {
    ...(answer ? { 'application/json': { schema: schemaOf(answer, 'output') } } : {}),
    ...Object.fromEntries(streams.map((type) => [type, { schema: { type: 'string' } }])),
  };
  return {
    [status ?? 200]: { description: 'Done', ...(Object.keys(content).length > 0 ? { content } : {}) },
    default: {
      description: 'Refused or failed',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
