/**
 * Keeps work to a share of one processor core by resting after each piece as long as the share asks: 50 % rests as long
 * as it worked. Reading waits meanwhile, so nothing is lost; it is only later.
 */
export class Pace {
  readonly #restPerWork: number;
  #debtMs = 0;
  restedMs = 0;

  /** @param share of one core, above 0, at most 1 (no rest) */
  constructor(share: number) {
    this.#restPerWork = 1 / share - 1;
  }

  /** Accounts for work done; resolves when it has been rested for. Short rests are saved up, since timers are coarse. */
  async rest(workMs: number): Promise<void> {
    this.#debtMs += workMs * this.#restPerWork;
    if (this.#debtMs < MIN_REST_MS) return;
    const restMs = this.#debtMs;
    this.#debtMs = 0;
    this.restedMs += restMs;
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

const MIN_REST_MS = 5;
