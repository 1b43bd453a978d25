// The sample lines of every source, as they stand in libs/sources/src/<source>/samples.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evtxLogonChunk } from '../../libs/testkit/dist/evtx-logons.js';

const SOURCES = fileURLToPath(new URL('../../libs/sources/src/', import.meta.url));

/** Windows' own files of events, which are no lines: each is one of a stream, a character a byte. */
export const EVTX = 'evtx';
/** Of a chunk, up to where its records end. */
const FREE_AT = 48;

const EXTENSIONS = { windows: '.xml', beats: '.ndjson' };

/** Folders with samples; `header` is the headers of syslog, `windows` records of Windows' event log. */
export function sourceNames() {
  return readdirSync(SOURCES).filter((name) => existsSync(join(SOURCES, name, 'samples')));
}

/** @returns one list of lines for each sample file; records of Windows are XML, those of Beats JSON. */
export function sampleFiles(name) {
  if (name === EVTX)
    return [['alice'], ['', 'Administrator'], ['a\u202eb<&>', 'x'.repeat(40)]].map((users) => [chunkOf(users)]);
  const samples = join(SOURCES, name, 'samples');
  const extension = EXTENSIONS[name] ?? '.log';
  return readdirSync(samples)
    .filter((file) => file.endsWith(extension))
    .map((file) => readFileSync(join(samples, file), 'utf8').split('\n'))
    .map((lines) => lines.filter((line) => line !== '' && !line.startsWith('# ')));
}

function chunkOf(users) {
  const chunk = evtxLogonChunk(users).finish();
  return chunk.toString('latin1', 0, chunk.readUInt32LE(FREE_AT));
}
