// The sample lines of every source, as they stand in libs/sources/src/<source>/samples.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../libs/sources/src/', import.meta.url));

const EXTENSIONS = { windows: '.xml', beats: '.ndjson' };

/** Folders with samples; `header` is the headers of syslog, `windows` records of Windows' event log. */
export function sourceNames() {
  return readdirSync(SOURCES).filter((name) => existsSync(join(SOURCES, name, 'samples')));
}

/** @returns one list of lines for each sample file; records of Windows are XML, those of Beats JSON. */
export function sampleFiles(name) {
  const samples = join(SOURCES, name, 'samples');
  const extension = EXTENSIONS[name] ?? '.log';
  return readdirSync(samples)
    .filter((file) => file.endsWith(extension))
    .map((file) => readFileSync(join(samples, file), 'utf8').split('\n'))
    .map((lines) => lines.filter((line) => line !== '' && !line.startsWith('# ')));
}
