// A writer for the tests to kill: puts documents without end and prints each id once its document is stored.
import { writeSync } from 'node:fs';
import { createLmdbRegistry } from './lmdb-registry.js';

const registry = createLmdbRegistry({ directory: process.argv[2] });
for (let i = 0; ; i++) {
  const version = await registry.put('c', `id${i}`, { i });
  writeSync(1, `id${i} ${version}\n`);
}
