import type { Input, LineSink, RawLine } from '@fleetwall/collector';
import { emptyStats } from '@fleetwall/collector';

/** Lines that the service itself writes, for the self-test: they go the way of every other line. */
export class InjectedInput implements Input {
  readonly name = 'injected';
  readonly finished: Promise<void>;
  readonly #stats = emptyStats();
  #finish: () => void = () => undefined;
  #sink: LineSink | undefined;
  #count = 0;

  constructor() {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async start(_bookmarks: unknown, sink: LineSink): Promise<void> {
    this.#sink = sink;
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#finish();
  }

  stats() {
    return this.#stats;
  }

  /** Resolves when the lines are durable in the spool. */
  async inject(texts: readonly string[], nowMs: number): Promise<void> {
    const lines = texts.map((text): RawLine => {
      const id = `selftest-${nowMs.toString(36)}-${this.#count++}`;
      return { text, truncated: false, id, stream: 'selftest', history: false, readMs: nowMs };
    });
    await this.#sink?.({ lines, bookmarks: {} });
    this.#stats.lines += lines.length;
  }
}
