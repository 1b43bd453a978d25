import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { cliError, EXIT } from './errors.js';
import { unreadable } from './log-paths.js';
import type { Output } from './output.js';
import { Progress } from './progress.js';
import { MAX_FILES } from './replay/evidence-index.js';
import {
  openReplayFiles,
  ReplayEngine,
  type ReplayFile,
  type ReplayOptions,
  type ReplayResult,
} from './replay/index.js';

/** From here on the heap grows by less at a time, which costs time: without it, it would double and double again. */
const LARGE_HEAP_BYTES = 160e6;
const GROW_LESS = '--heap-growing-percent=50';

/**
 * Replays the files with a progress bar for whoever looks; `tell` writes what came of it. Throws PATH_UNREADABLE,
 * TOO_MANY_FILES.
 */
export async function runReplay(
  paths: readonly string[],
  options: ReplayOptions,
  output: Output,
  tell: (result: ReplayResult, files: readonly ReplayFile[]) => Promise<void>,
): Promise<void> {
  const { files, skipped } = openReplayFiles(paths);
  if (files.length > MAX_FILES) throw cliError('TOO_MANY_FILES', { count: files.length, limit: MAX_FILES });
  const progress = new Progress(output, 'replay');
  const onInterrupt = () => {
    progress.end();
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onInterrupt);
  try {
    const onProgress = (done: number, total: number) => {
      progress.update(done, total);
      if (getHeapStatistics().used_heap_size > LARGE_HEAP_BYTES) setFlagsFromString(GROW_LESS);
    };
    const engine = new ReplayEngine({ ...options, onProgress });
    const result = await engine.run(files);
    progress.end();
    await tell({ ...result, skipped }, files);
  } catch (error) {
    throw readFailure(error);
  } finally {
    process.off('SIGINT', onInterrupt);
    progress.end();
  }
}

function readFailure(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && path !== undefined ? unreadable(path, code, error) : error;
}
