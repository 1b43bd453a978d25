import { stat } from 'node:fs/promises';

/**
 * Looks every `everyMs` whether one of some files is another than before, by name: an editor, a mount and a symbolic link
 * that is turned all show, which notifications of directories do not give everywhere. One call of `onChange` at a time.
 */
export class WatchedFiles {
  readonly #paths: readonly string[];
  readonly #onChange: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #last: string;
  #looking: Promise<void> | undefined;

  static async open(paths: readonly string[], everyMs: number, onChange: () => Promise<void>): Promise<WatchedFiles> {
    return new WatchedFiles(paths, everyMs, onChange, await stateOf(paths));
  }

  private constructor(paths: readonly string[], everyMs: number, onChange: () => Promise<void>, last: string) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#last = last;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, everyMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const now = await stateOf(this.#paths);
    if (now === this.#last) return;
    this.#last = now;
    await this.#onChange();
  }
}

async function stateOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs }) => [dev, ino, size, mtimeNs].join(),
        (error: NodeJS.ErrnoException) => error.code ?? 'unreadable',
      ),
    ),
  );
  return states.join(' ');
}
