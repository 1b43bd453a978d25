/** What this needs to know of a key that fired. */
interface Fired {
  readonly key: string;
  lastMs: number;
  readonly bytes: number;
}

const STEPS = 1024;

/**
 * The keys that fired, by text, and by when their episode will be over: filed under a step of time at or before that, and
 * looked at again when the step has come. Within `maxBytes`, else the one that fired first is given up.
 */
export class FiredKeys<F extends Fired> {
  readonly #keys = new Map<string, { fired: F; step: number; bytes: number }>();
  readonly #steps = new Map<number, Set<F>>();
  readonly #stepMs: number;
  #bytes = 0;
  /** No key is filed under an earlier step. */
  #soonest = Number.POSITIVE_INFINITY;

  /** `reachMs` after its last attempt an episode is over. */
  constructor(
    readonly reachMs: number,
    readonly maxBytes: number,
  ) {
    this.#stepMs = Math.max(1, Math.ceil(reachMs / STEPS));
  }

  get size(): number {
    return this.#keys.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): F | undefined {
    return this.#keys.get(key)?.fired;
  }

  values(): Iterable<F> {
    const entries = this.#keys.values();
    return (function* () {
      for (const { fired } of entries) yield fired;
    })();
  }

  /** Files a key; also after its last attempt moved back in time, or when it grew. */
  put(fired: F): void {
    const known = this.#keys.get(fired.key);
    const step = Math.floor((fired.lastMs + this.reachMs) / this.#stepMs);
    if (known) {
      this.#bytes += fired.bytes - known.bytes;
      known.bytes = fired.bytes;
      // Filed too early is found again then; filed too late would be missed.
      if (step >= known.step) return;
      this.#unfile(known.step, fired);
      known.step = step;
    } else {
      this.#keys.set(fired.key, { fired, step, bytes: fired.bytes });
      this.#bytes += fired.bytes;
    }
    this.#file(step, fired);
  }

  delete(fired: F): void {
    const known = this.#keys.get(fired.key);
    if (!known) return;
    this.#keys.delete(fired.key);
    this.#bytes -= known.bytes;
    this.#unfile(known.step, fired);
  }

  /** The one to give up while there is more than fits. */
  surplus(): F | undefined {
    if (this.#bytes <= this.maxBytes) return undefined;
    return this.#keys.values().next().value?.fired;
  }

  isOver(fired: F, nowMs: number): boolean {
    return nowMs > fired.lastMs + this.reachMs;
  }

  /** Those that are over, at most `limit`. */
  over(nowMs: number, limit: number): F[] {
    const over: F[] = [];
    const due = Math.floor(nowMs / this.#stepMs);
    if (due < this.#soonest) return over;
    let soonest = Number.POSITIVE_INFINITY;
    for (const [step, filed] of this.#steps) {
      soonest = Math.min(soonest, step);
      if (step > due) continue;
      for (const fired of filed) {
        if (over.length >= limit) return over;
        if (this.isOver(fired, nowMs)) over.push(fired);
        else this.#refile(step, fired);
      }
    }
    this.#soonest = soonest;
    return over;
  }

  clear(): void {
    this.#keys.clear();
    this.#steps.clear();
    this.#bytes = 0;
    this.#soonest = Number.POSITIVE_INFINITY;
  }

  #refile(from: number, fired: F): void {
    const step = Math.floor((fired.lastMs + this.reachMs) / this.#stepMs);
    const known = this.#keys.get(fired.key);
    if (step === from || !known) return;
    this.#unfile(from, fired);
    known.step = step;
    this.#file(step, fired);
  }

  #file(step: number, fired: F): void {
    this.#soonest = Math.min(this.#soonest, step);
    const filed = this.#steps.get(step);
    if (filed) filed.add(fired);
    else this.#steps.set(step, new Set([fired]));
  }

  #unfile(step: number, fired: F): void {
    const filed = this.#steps.get(step);
    filed?.delete(fired);
    if (filed?.size === 0) this.#steps.delete(step);
  }
}
