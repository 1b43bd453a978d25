import type { Logger } from 'pino';

/** Work that fails is tried again after 5 s at the latest: what was not told for longer than this is over. */
const STANDS_MS = 15_000;
const LOG_EVERY_MS = 30_000;
const MAX_KINDS = 100;

interface Trouble {
  message: string;
  lastMs: number;
  loggedMs: number;
  unlogged: number;
}

/** Failures of work that is tried again by itself: which of them stand, and a log that they do not flood. */
export class Troubles {
  readonly #log: Logger;
  readonly #kinds = new Map<string, Trouble>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The first failure of a kind is logged at once, those after it at most twice a minute, with their number. */
  tell(error: unknown, nowMs = Date.now()): void {
    const message = error instanceof Error ? error.message : String(error);
    const trouble = this.#kinds.get(message) ?? { message, lastMs: 0, loggedMs: Number.NEGATIVE_INFINITY, unlogged: 0 };
    if (!this.#kinds.has(message)) this.#remember(trouble);
    trouble.lastMs = nowMs;
    trouble.unlogged++;
    if (nowMs - trouble.loggedMs < LOG_EVERY_MS) return;
    this.#log.error({ err: error, times: trouble.unlogged }, 'work failed and is tried again');
    trouble.loggedMs = nowMs;
    trouble.unlogged = 0;
  }

  /** What fails now, in words for people. */
  standing(nowMs = Date.now()): string[] {
    return [...this.#kinds.values()].filter(({ lastMs }) => nowMs - lastMs < STANDS_MS).map(({ message }) => message);
  }

  #remember(trouble: Trouble): void {
    if (this.#kinds.size >= MAX_KINDS) this.#kinds.delete(this.#kinds.keys().next().value as string);
    this.#kinds.set(trouble.message, trouble);
  }
}
