/** Something that is done from the beginning to the end, one round at a time; who asks meanwhile gets one more round. */
export class Rounds {
  readonly #round: () => Promise<void>;
  #isAsked = false;
  #running: Promise<void> | undefined;

  /** @param round never rejects */
  constructor(round: () => Promise<void>) {
    this.#round = round;
  }

  ask(): void {
    this.#isAsked = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#round();
    }
    // In the same step as the last look: who asks after it begins anew.
    this.#running = undefined;
  }
}
