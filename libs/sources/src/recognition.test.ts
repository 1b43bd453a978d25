import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { FormatIndex } from './format-index.js';
import { SOURCES } from './registry.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Every line of every sample, of whatever form. */
const LINES = readdirSync(here).flatMap((folder) => {
  const samples = join(here, folder, 'samples');
  const files = existsSync(samples) ? readdirSync(samples).filter((name) => /\.(?:log|ndjson)$/.test(name)) : [];
  return files
    .flatMap((name) => readFileSync(join(samples, name), 'utf8').split('\n').filter(Boolean))
    .map((line) => ({ folder, line }));
});

const FORMATS = SOURCES.flatMap(({ name, formats = [] }) => formats.map((format) => ({ source: name, format })));

describe('a log with a form of its own', () => {
  it.each(FORMATS.map(({ source, format }) => [source, format.name, format] as const))(
    'of %s (%s) is recognised in no other samples than its own, and in those by the first character, too',
    (source, _, format) => {
      const elsewhere = LINES.filter(({ folder }) => folder !== source);
      expect(elsewhere.length).toBeGreaterThan(100);
      expect(elsewhere.filter(({ line }) => format.recognises(line))).toEqual([]);
      const own = LINES.filter(({ folder, line }) => folder === source && format.recognises(line));
      const index = new FormatIndex([format]);
      expect(own.filter(({ line }) => index.find(line) === undefined)).toEqual([]);
    },
  );

  it('is one alone, also where a source has several', () => {
    const byMany = LINES.filter(({ line }) => FORMATS.filter(({ format }) => format.recognises(line)).length > 1);
    expect(byMany).toEqual([]);
  });
});
