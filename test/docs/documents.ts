import { configSchema } from '@fleetwall/config';
import { openApiDocument } from '@fleetwall/console-service';
import { policySchema } from '@fleetwall/response';
import { SOURCES } from '@fleetwall/sources';
import { z } from 'zod';
import { configurationPage, type JsonSchema, samplePage } from './configuration.js';
import { errorsPage, type NamedTable } from './error-tables.js';
import { sourcesPage } from './sources.js';

export const CONFIG_JSON_SCHEMA = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;

/** Every generated document by its path, as it has to stand. */
export function documents(tables: readonly NamedTable[]): Map<string, string> {
  return new Map([
    ['docs/errors.md', errorsPage(tables)],
    ['docs/configuration.md', configurationPage(CONFIG_JSON_SCHEMA)],
    ['docs/generated/fleetwall.sample.yml', samplePage(CONFIG_JSON_SCHEMA)],
    ['docs/generated/fleetwall.schema.json', json(CONFIG_JSON_SCHEMA)],
    ['docs/generated/policy.schema.json', json(z.toJSONSchema(policySchema, { io: 'input' }))],
    ['docs/generated/openapi.json', json(openApiDocument())],
    ['docs/generated/sources.md', sourcesPage(SOURCES)],
  ]);
}

function json(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
