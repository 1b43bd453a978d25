import type { RootDatabase } from 'lmdb';

/** Writing transactions of a database, so that closing can wait for those under way. */
export class LmdbWrites {
  readonly #root: RootDatabase;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(root: RootDatabase) {
    this.#root = root;
  }

  /** Durable when it resolves. */
  async run<T>(work: () => T): Promise<T> {
    const writing = this.#root.transaction(work);
    this.#underWay.add(writing);
    try {
      return await writing;
    } finally {
      this.#underWay.delete(writing);
    }
  }

  /** Resolves when none is under way any more, whatever became of them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}
