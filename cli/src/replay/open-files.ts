import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unfit } from '../log-paths.js';
import { kindOf, type Unsupported } from './file-kind.js';
import { LogFile } from './log-file.js';
import type { ReplayFile } from './replay-file.js';
import { WindowsFile } from './windows-file.js';

/** A file below a named directory that is not read, and why. */
export interface SkippedFile {
  path: string;
  reason: string;
}

export interface OpenedFiles {
  files: ReplayFile[];
  skipped: SkippedFile[];
}

/**
 * The files that are named, and all below the directories that are named, in order of path, each told by its first bytes. Links
 * below a directory are not followed. What cannot be read there is skipped, with the reason; what is named itself must be
 * readable.
 *
 * @throws PATH_UNREADABLE
 */
export function openReplayFiles(paths: readonly string[]): OpenedFiles {
  const opened: OpenedFiles = { files: [], skipped: [] };
  for (const path of paths) {
    if (lstatSync(path).isDirectory()) openBelow(path, opened);
    else {
      const file = openFile(path, true);
      if ('reason' in file) throw unfit(path, file.reason, file.instead);
      opened.files.push(file);
    }
  }
  return opened;
}

function openBelow(directory: string, opened: OpenedFiles): void {
  for (const path of filesBelow(directory, opened.skipped)) {
    try {
      const file = openFile(path, false);
      if ('reason' in file) opened.skipped.push({ path, reason: file.reason });
      else if (file.sizeBytes > 0) opened.files.push(file);
    } catch (error) {
      opened.skipped.push({ path, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  }
}

function filesBelow(directory: string, skipped: SkippedFile[]): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesBelow(path, skipped);
      return entry.isFile() ? [path] : [];
    });
  } catch (error) {
    skipped.push({ path: directory, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    return [];
  }
}

function openFile(path: string, isNamed: boolean): ReplayFile | Unsupported {
  const kind = kindOf(path, isNamed);
  if (typeof kind !== 'string') return kind;
  return kind === 'evtx' || kind === 'xml' ? new WindowsFile(path, kind) : new LogFile(path, kind);
}
