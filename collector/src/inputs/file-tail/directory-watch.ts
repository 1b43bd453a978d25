import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Problems, reasonOf } from '../problems.js';

/** `appeared`: a name came, went or was exchanged; `changed`: its content did. */
export type WatchEvent = 'appeared' | 'changed';

interface Watched {
  watcher: FSWatcher;
  inode: bigint;
}

/**
 * Watches directories, not files: one watch each (inotify on Linux), however many files are in it, and none is lost when a
 * file is exchanged. Watches are hints only; whoever uses them looks from time to time as well.
 */
export class DirectoryWatch {
  /** Whether everything that exists and was asked for is watched. */
  isComplete = false;
  private readonly watched = new Map<string, Watched>();

  /** `name` is undefined when the system does not tell it. */
  constructor(
    private readonly onEvent: (directory: string, event: WatchEvent, name: string | undefined) => void,
    private readonly problems: Problems,
  ) {}

  /** Watches exactly these directories from now on; one that was removed and made again is watched anew. */
  async follow(directories: Set<string>): Promise<void> {
    for (const directory of this.watched.keys()) if (!directories.has(directory)) this.unwatch(directory);
    this.isComplete = true;
    for (const directory of directories) {
      const inode = await inodeOf(directory);
      if (this.watched.get(directory)?.inode === inode) continue;
      this.unwatch(directory);
      if (inode !== undefined) this.watch(directory, inode);
    }
  }

  close(): void {
    for (const directory of [...this.watched.keys()]) this.unwatch(directory);
  }

  private watch(directory: string, inode: bigint): void {
    try {
      const watcher = watch(directory, (type, name) =>
        this.onEvent(directory, type === 'rename' ? 'appeared' : 'changed', name ?? undefined),
      );
      watcher.on('error', () => this.unwatch(directory));
      this.watched.set(directory, { watcher, inode });
      this.problems.clear(directory, 'WATCH_UNAVAILABLE');
    } catch (error) {
      this.isComplete = false;
      this.problems.report(directory, 'WATCH_UNAVAILABLE', { path: directory, reason: reasonOf(error) });
    }
  }

  private unwatch(directory: string): void {
    this.watched.get(directory)?.watcher.close();
    this.watched.delete(directory);
  }
}

async function inodeOf(directory: string): Promise<bigint | undefined> {
  try {
    const found = await stat(directory, { bigint: true });
    return found.isDirectory() ? found.ino : undefined;
  } catch {
    return undefined;
  }
}
