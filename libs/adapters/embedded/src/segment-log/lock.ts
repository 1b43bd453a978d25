import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { logError } from './errors.js';

/** Directories that this process has locked: a lock file with our own process id but not in here is from before. */
const ours = new Set<string>();

/**
 * Makes this process the only one that uses the directory, until the returned function is called. A lock whose process
 * is gone is taken over. Throws LOG_LOCKED.
 *
 * The file holds the process id and, where `/proc` tells, when that process began, since ids are used again (a
 * container's first process is always 1).
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = resolve(directory, 'lock');
  if (ours.has(path)) throw logError('LOG_LOCKED', { directory, pid: process.pid });
  ours.add(path);
  try {
    await mkdir(directory, { recursive: true });
    while (!(await created(path))) await takeOverStale(path, directory);
  } catch (error) {
    ours.delete(path);
    throw error;
  }
  return async () => {
    await unlink(path).catch(() => {});
    ours.delete(path);
  };
}

/** False when there is a lock. Linked whole from another name, so that nobody ever reads half a lock. */
async function created(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, ownerText(process.pid));
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => {});
  }
}

/** Moves a dead process's lock aside. Throws LOG_LOCKED when its process lives. */
async function takeOverStale(path: string, directory: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const pid = Number.parseInt(text, 10);
  if (isAlive(pid) && text === ownerText(pid) && pid !== process.pid) throw logError('LOG_LOCKED', { directory, pid });
  const aside = `${path}.stale.${process.pid}`;
  // Renaming, not removing: of two that found the same stale lock, one moves it and the other fails.
  await rename(path, aside).catch(() => {});
  const moved = await readFile(aside, 'utf8').catch(() => text);
  if (moved !== text) {
    await rename(aside, path);
    throw logError('LOG_LOCKED', { directory, pid: Number.parseInt(moved, 10) });
  }
  await unlink(aside).catch(() => {});
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** `<pid> <start time>`; the start time is field 22 of /proc/pid/stat (proc(5)), absent on other systems. */
function ownerText(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}\n`;
  } catch {
    return `${pid}\n`;
  }
}
