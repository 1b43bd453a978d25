import { cliError, EXIT } from './errors.js';
import { unreadable } from './log-paths.js';
import type { Output } from './output.js';
import { Progress } from './progress.js';
import { MAX_FILES } from './replay/evidence-index.js';
import { humanReport, LogFile, ReplayEngine, type ReplayOptions, reportOf } from './replay/index.js';

/** Replays the files with a progress bar for whoever looks. Throws PATH_UNREADABLE, TOO_MANY_FILES. */
export async function runReplay(paths: readonly string[], options: ReplayOptions, output: Output) {
  if (paths.length > MAX_FILES) throw cliError('TOO_MANY_FILES', { count: paths.length, limit: MAX_FILES });
  const files = paths.map((path) => new LogFile(path));
  const progress = new Progress(output, 'replay');
  const onInterrupt = () => {
    progress.end();
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onInterrupt);
  try {
    const engine = new ReplayEngine({ ...options, onProgress: (done, total) => progress.update(done, total) });
    const report = await reportOf(await engine.run(files), files);
    return { report, humanReport };
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
