import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { SOURCES } from './registry.js';

const FOLDERS = fileURLToPath(new URL('.', import.meta.url));

function samplesOf(folder: string): string[] {
  const directory = join(FOLDERS, folder, 'samples');
  if (!existsSync(directory)) return [];
  const logs = readdirSync(directory).filter((name) => /\.(log|ndjson)$/.test(name));
  return logs.flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean));
}

const folders = readdirSync(FOLDERS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const formats = SOURCES.flatMap(({ name, formats = [] }) => formats.map((format) => ({ source: name, format })));

describe('a log with a form of its own', () => {
  it.each(formats.map(({ source, format }) => [source, format.name, format] as const))(
    'of %s (%s) is recognised in no other samples than its own',
    (source, _, format) => {
      const elsewhere = folders.filter(({ name }) => name !== source).flatMap(({ name }) => samplesOf(name));
      expect(elsewhere.length).toBeGreaterThan(100);
      expect(elsewhere.filter((line) => format.recognises(line))).toEqual([]);
    },
  );
});
