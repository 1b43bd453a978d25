import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that nobody else may read, whole or not at all: a process that ends meanwhile must be able to start again. */
export function writePrivateFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
