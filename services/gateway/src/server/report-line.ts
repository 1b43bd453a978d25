import { setTimeout as delay } from 'node:timers/promises';

/** Tells the newest of what comes, one at a time and at most one a second; what newer words overtake is not told. */
export class ReportLine<T> {
  #latest: T | undefined;
  #telling: Promise<void> | undefined;

  /**
   * @param tell may reject: then it is told again, unless there is a newer word
   * @param signal ends the pauses; the last word is still told once
   */
  constructor(
    private readonly tell: (word: T) => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly signal: AbortSignal,
    private readonly pauseMs = 1_000,
  ) {}

  say(word: T): void {
    this.#latest = word;
    this.#telling ??= this.#run().finally(() => {
      this.#telling = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#latest !== undefined) {
      const word = this.#latest;
      this.#latest = undefined;
      const isLast = this.signal.aborted;
      try {
        await this.tell(word);
      } catch (error) {
        this.onError(error);
        if (!isLast) this.#latest ??= word;
      }
      await delay(this.pauseMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }
}
