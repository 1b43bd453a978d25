import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const shared = process.env['FLEETWALL_SHARED'] ?? fileURLToPath(new URL('../../../../../../shared', import.meta.url));
const data = join(shared, 'data');

export interface SharedFile {
  name: string;
  path: string;
  /** The records as evtx_dump prints them, one JSON object each. */
  expected: unknown[];
}

/** EVTX files that others made, where they lie, with what evtx_dump 0.15.1 reads of them; none where they are absent. */
export function sharedFiles(): SharedFile[] {
  return [...withReference('evtx', 'evtx-expected'), ...withJson('sigma/regression_data')];
}

function withReference(folder: string, expectedFolder: string): SharedFile[] {
  return evtxFilesOf(folder).flatMap((path) => {
    const lines = textOf(`${join(data, expectedFolder, relative(join(data, folder), path))}.jsonl`);
    if (lines === undefined) return [];
    const expected = lines.split('\n').filter((line) => line !== '');
    return [{ name: relative(data, path), path, expected: expected.map(parsed) }];
  });
}

function withJson(folder: string): SharedFile[] {
  return evtxFilesOf(folder).flatMap((path) => {
    const text = textOf(path.replace(/\.evtx$/, '.json'));
    return text === undefined ? [] : [{ name: relative(data, path), path, expected: documentsOf(text) }];
  });
}

/** One or more indented JSON objects behind one another. */
function documentsOf(text: string): unknown[] {
  return text
    .split(/^(?=\{)/m)
    .filter((one) => one.trim() !== '')
    .map(parsed);
}

/** With numbers beyond 2^53 as their text. */
function parsed(json: string): unknown {
  return JSON.parse(json.replace(/":(\s*)(-?\d{16,})(?=[,}\n])/g, '":$1"$2"'));
}

function evtxFilesOf(folder: string): string[] {
  const root = join(data, folder);
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true }) as string[];
  return names
    .filter((name) => name.endsWith('.evtx'))
    .sort()
    .map((name) => join(root, name));
}

function textOf(path: string): string | undefined {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)).toString() : undefined;
}
