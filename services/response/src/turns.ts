/** Longest time that nothing else gets a turn, as far as single steps allow. */
const TURN_MS = 25;

/** Work on the event loop in turns: health, metrics and heartbeats are answered in between, however much there is to do. */
export class Turns {
  #beganMs = 0;
  #askedMs = 0;

  /** Whether others have waited long enough. Who has not asked for so long has not worked, and begins a turn. */
  get isOver(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#askedMs >= TURN_MS) this.#beganMs = nowMs;
    this.#askedMs = nowMs;
    return nowMs - this.#beganMs >= TURN_MS;
  }

  /** Lets others have theirs. */
  async pass(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#beganMs = performance.now();
  }
}
