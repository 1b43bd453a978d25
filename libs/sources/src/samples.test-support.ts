import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Folders with lines of text as samples: the sources, and the headers of syslog. */
export const SAMPLED = readdirSync(here).filter((folder) => sampleFiles(folder).length > 0);

/** The lines of each sample file. */
export function sampleFiles(folder: string): string[][] {
  const samples = join(here, folder, 'samples');
  if (!existsSync(samples)) return [];
  return readdirSync(samples)
    .filter((file) => file.endsWith('.log'))
    .map((file) => readFileSync(join(samples, file), 'utf8').split('\n'))
    .map((lines) => lines.filter((line) => line !== '' && !line.startsWith('# ')));
}
