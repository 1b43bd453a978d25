import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { SOURCES } from './registry.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The sample lines of one source. */
function linesOf(folder: string): string[] {
  const samples = join(here, folder, 'samples');
  if (!existsSync(samples)) return [];
  return readdirSync(samples)
    .filter((file) => file.endsWith('.log'))
    .flatMap((file) => readFileSync(join(samples, file), 'utf8').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('# '));
}

/** Access logs may come through syslog under the name of their server. */
const RELATED: Readonly<Record<string, string>> = { apache: 'web-access', nginx: 'web-access' };

const formats = SOURCES.flatMap(({ name, formats: own = [] }) => own.map((format) => ({ source: name, format })));

describe('a log with a form of its own', () => {
  it.each(SOURCES.map(({ name }) => name))('is not found in lines of another source: %s', (name) => {
    const claims = linesOf(name).flatMap((line) =>
      formats
        .filter(({ source, format }) => source !== name && source !== RELATED[name] && format.recognises(line))
        .map(({ source }) => `${source}: ${line}`),
    );
    expect(claims).toEqual([]);
  });
});
