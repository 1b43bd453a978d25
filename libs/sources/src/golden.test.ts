import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenSuite } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from './line-parser.js';
import { SOURCES } from './registry.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const folders = readdirSync(here).filter((name) => existsSync(join(here, name, 'samples')));

function run(lines: string[]) {
  const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'sample-host' });
  return lines.map((line) => parser.parse(line));
}

describe.each(folders)('golden samples of %s', (folder) => goldenSuite(join(here, folder), run, { it, expect }));

describe('every source', () => {
  it.each(SOURCES.map(({ name }) => name))('%s has samples and a description of its fields', (name) => {
    expect(existsSync(join(here, name, 'README.md'))).toBe(true);
    expect(readdirSync(join(here, name, 'samples')).some((file) => file.endsWith('.log'))).toBe(true);
  });
});
