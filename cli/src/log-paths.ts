import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { printable } from '@fleetwall/core';
import { cliError } from './errors.js';

const REASONS: Record<string, [reason: string, instead: string]> = {
  ENOENT: [
    'there is no such file or directory',
    'Check the spelling; a pattern like *.log is for the shell to fill in.',
  ],
  ENOTDIR: ['a part of the path is no directory', 'Check the spelling.'],
  EACCES: ['no permission', 'Run the command as a user who may read it (sudo), or copy the file.'],
  EPERM: ['no permission', 'Run the command as a user who may read it (sudo), or copy the file.'],
  EISDIR: ['it is a directory', 'Name the files in it, for example with a pattern: DIRECTORY/*.log.'],
};

/** Looks at every file before the first is read. Throws PATH_UNREADABLE for the first that cannot be. */
export function checkLogPaths(paths: readonly string[], { pipes = false, directories = false } = {}): void {
  for (const path of paths) {
    const stats = statsOf(path);
    if (stats.isDirectory()) {
      if (directories) continue;
      throw unreadable(path, 'EISDIR');
    }
    if (!stats.isFile() && !pipes) {
      throw unfit(path, 'it is not a regular file', 'It is read twice; write what it gives into a file first.');
    }
  }
}

function statsOf(path: string): Stats {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path);
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? '', error);
  }
}

/** An error of the file system or of zlib (`Z_…`, https://nodejs.org/docs/latest-v20.x/api/zlib.html#zlib-constants) in words. */
export function unreadable(path: string, code: string, cause?: unknown) {
  const [reason, instead] = code.startsWith('Z_')
    ? [
        'its gzip data is damaged or ends early',
        'Fetch the file again, or unpack what is left of it: gunzip < FILE > OTHER.',
      ]
    : (REASONS[code] ?? [code || String(cause), 'Check the disk and the path.']);
  return unfit(path, reason, instead, cause);
}

/** PATH_UNREADABLE in words: why the file is not read, and what to do instead. */
export function unfit(path: string, reason: string, instead: string, cause?: unknown) {
  return cliError('PATH_UNREADABLE', { path: printable(path), reason, instead }, { cause });
}
