/** So much work may be done at once after a quiet time, in milliseconds of processor time at a share of 1. */
const BURST_MS = 1_000;
/** Work that reading did not cause (someone's search) makes it slower, and never holds it for longer than this. */
const LONGEST_REST_MS = 2_000;
/** Timers are coarse: shorter rests are saved up. */
const SHORTEST_REST_MS = 5;

/**
 * Keeps this process to a share of one processor core by letting reading rest. All of its processor time counts, on every
 * thread: what a line costs is mostly what follows its reading. Nothing is lost meanwhile; it is only read later.
 */
export class Pace {
  readonly #share: number;
  readonly #usedMs: () => number;
  readonly #nowMs: () => number;
  #lastUsedMs: number;
  #lastMs: number;
  /** Processor time that may be used before a rest is due; negative: how much was used too much. */
  #balanceMs: number;

  /**
   * @param share of one core, above 0, at most 1
   * @param usedMs processor time that the process has used so far
   * @param nowMs by a clock that never jumps
   */
  constructor(share: number, usedMs = processorTimeMs, nowMs = () => performance.now()) {
    this.#share = share;
    this.#usedMs = usedMs;
    this.#nowMs = nowMs;
    this.#lastUsedMs = usedMs();
    this.#lastMs = nowMs();
    this.#balanceMs = BURST_MS * share;
  }

  /** How long reading has to rest now, in milliseconds; 0 when it need not. */
  due(): number {
    const usedMs = this.#usedMs();
    const nowMs = this.#nowMs();
    const earnedMs = (nowMs - this.#lastMs) * this.#share - (usedMs - this.#lastUsedMs);
    const least = -LONGEST_REST_MS * this.#share;
    this.#balanceMs = Math.max(least, Math.min(this.#balanceMs + earnedMs, BURST_MS * this.#share));
    this.#lastUsedMs = usedMs;
    this.#lastMs = nowMs;
    const restMs = -this.#balanceMs / this.#share;
    return restMs < SHORTEST_REST_MS ? 0 : restMs;
  }

  /** Resolves when what is due has been rested for. */
  async rest(): Promise<void> {
    const restMs = this.due();
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

function processorTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
