import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema, loadConfig } from '@fleetwall/config';
import { describe, expect, it } from '@jest/globals';
import { optionsOf } from './docs/configuration.js';
import { CONFIG_JSON_SCHEMA, documents } from './docs/documents.js';
import { readErrorTables } from './docs/error-tables.js';
import { brokenLinks, markdownFiles } from './docs/links.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isUpdate = process.env['UPDATE_DOCS'] === '1';
const tables = await readErrorTables(ROOT);

describe('generated documents', () => {
  it.each([...documents(tables)])('%s is what the sources say (else: npm run docs)', (path, text) => {
    const file = join(ROOT, path);
    if (isUpdate) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('the sample configuration loads, and holds exactly the defaults', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetwall-docs-'));
    try {
      const sample = join(ROOT, 'docs/generated/fleetwall.sample.yml');
      const { config } = loadConfig({ FLEETWALL_CONFIG: sample }, directory);
      expect(config).toEqual(configSchema.parse({}));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('every option says what it is for', () => {
    const options = optionsOf(CONFIG_JSON_SCHEMA);
    expect(options.filter(({ schema }) => !schema.description?.endsWith('.')).map(({ path }) => path)).toEqual([]);
  });
});

describe('error codes', () => {
  const codes = tables.flatMap(({ table }) => Object.keys(table));

  it('are found in every package that throws', () => {
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['CORE_ERRORS', 'CLI_ERRORS', 'LOG_ERRORS']));
    expect(codes.length).toBeGreaterThan(60);
  });

  it('are unique over all packages', () => {
    const twice = codes.filter((code, i) => codes.indexOf(code) !== i);
    expect(twice).toEqual([]);
  });

  it('are all rows of a table: no error is made up on the spot', () => {
    const sources = ['libs', 'services', 'collector', 'cli'].flatMap((folder) =>
      (readdirSync(join(ROOT, folder), { recursive: true }) as string[])
        .map((name) => join(ROOT, folder, name))
        .filter((path) => /\/src\/.*\.ts$/.test(path) && !/\/node_modules\/|\/dist\/|\.test\.ts$/.test(path)),
    );
    const made = sources.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/(?:new FleetwallError\(|\bcode: )'([A-Z][A-Z_]+)'/g)].map(
        (match) => match[1] as string,
      ),
    );
    expect(made.filter((code) => !codes.includes(code))).toEqual([]);
  });
});

describe('links', () => {
  it.each(markdownFiles(ROOT))('%s points at what is there', (file) => {
    expect(brokenLinks(ROOT, file)).toEqual([]);
  });
});
