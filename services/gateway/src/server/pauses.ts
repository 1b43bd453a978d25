/** What can be stopped from reading. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Several reasons to stop reading; it goes on when none is left. */
export class Pauses<Reason extends string> {
  readonly #reasons = new Set<Reason>();

  constructor(
    private readonly reader: Pausable,
    private readonly onResume: () => void,
  ) {}

  get isPaused(): boolean {
    return this.#reasons.size > 0;
  }

  add(reason: Reason): void {
    if (this.#reasons.size === 0) this.reader.pause();
    this.#reasons.add(reason);
  }

  remove(reason: Reason): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0) return;
    this.onResume();
    this.reader.resume();
  }
}
