import type { AddOutcome, Attempt, Episode, Retraction, Standing, ValuedAttempt, WindowOptions } from './windows.js';

const KEPT_ATTEMPTS = 64;
const MAX_AHEAD_MS = 300_000;

interface Open<A> {
  attempts: A[];
  firedMs: number;
}

interface KeyState<A> {
  loose: A[];
  open: Open<A> | undefined;
  retracted: Map<string, number>;
}

/** The contract by plain arrays: every question is answered by looking at everything, so nothing is kept too short. */
export class WindowsOracle<A extends Attempt> {
  readonly #keys = new Map<string, KeyState<A>>();
  readonly #over: Episode<A>[] = [];
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly options: WindowOptions,
    readonly measure: (attempts: readonly A[]) => number,
    /** What an episode shows besides, of all its attempts. */
    readonly besides: (attempts: readonly A[]) => object = () => ({}),
  ) {}

  add(key: string, given: A, nowMs: number): AddOutcome {
    this.#advance(nowMs);
    const attempt = { ...given, timeMs: Math.min(given.timeMs, this.#nowMs + MAX_AHEAD_MS) };
    if (this.#nowMs - attempt.timeMs > this.options.latenessMs) return 'late';
    const state = this.#state(key);
    if (this.#knows(state, attempt.id)) return 'duplicate';
    state.loose = inOrder([...state.loose, attempt]);
    if (state.open) {
      const before = state.open.attempts.length;
      this.#absorb(state);
      if (state.open.attempts.length > before) return 'grew';
    }
    if (!this.#holdsThreshold(state.loose)) return 'counted';
    const outcome = state.open ? 'grew' : 'fired';
    state.open ??= { attempts: [], firedMs: attempt.timeMs };
    state.loose = state.loose.filter((one) => one.id !== attempt.id);
    state.open.attempts.push(attempt);
    this.#absorb(state);
    return outcome;
  }

  episode(key: string): Episode<A> | undefined {
    const state = this.#keys.get(key);
    if (state) this.#settle(key, state);
    return state?.open && this.#view(key, state.open);
  }

  /** All attempts of a key that are held, and those of its episode. */
  attempts(key: string): A[] {
    const { loose, open } = this.#state(key);
    return [...loose, ...(open?.attempts ?? [])];
  }

  standing(key: string, who: number, fromMs: number, toMs: number): Standing {
    const state = this.#state(key);
    const asked = [...state.loose, ...(state.open?.attempts ?? [])].filter(
      (one) => one.timeMs >= fromMs && one.timeMs <= toMs,
    );
    const own = asked.filter((one) => one.who === who).length;
    return { own, others: asked.length - own };
  }

  retract(key: string, who: number, fromMs: number, toMs: number, nowMs: number): Retraction {
    this.#advance(nowMs);
    const state = this.#state(key);
    const goes = (one: A) => one.who === who && one.timeMs >= fromMs && one.timeMs <= toMs;
    const removed = inOrder([...state.loose, ...(state.open?.attempts ?? [])].filter(goes));
    for (const one of removed) state.retracted.set(one.id, one.timeMs);
    const before = state.open && this.#view(key, state.open);
    state.loose = state.loose.filter((one) => !goes(one));
    if (state.open) state.open.attempts = state.open.attempts.filter((one) => !goes(one));
    if (!state.open || this.#holdsThreshold(state.open.attempts)) return { removed, withdrawn: undefined };
    state.loose = inOrder([...state.loose, ...state.open.attempts]);
    state.open = undefined;
    return { removed, withdrawn: before };
  }

  expire(nowMs: number): Episode<A>[] {
    this.#advance(nowMs);
    for (const [key, state] of this.#keys) {
      this.#settle(key, state);
      if (state.loose.length === 0 && !state.open && state.retracted.size === 0) this.#keys.delete(key);
    }
    return this.#over.splice(0);
  }

  #state(key: string): KeyState<A> {
    let state = this.#keys.get(key);
    if (!state) {
      state = { loose: [], open: undefined, retracted: new Map() };
      this.#keys.set(key, state);
    }
    this.#settle(key, state);
    return state;
  }

  #advance(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  /** Brings one key up to the clock: its episode may be over, its attempts out of reach. */
  #settle(key: string, state: KeyState<A>): void {
    const { windowMs, latenessMs } = this.options;
    const heldFromMs = this.#nowMs - windowMs - latenessMs;
    if (state.open && Math.max(...state.open.attempts.map((one) => one.timeMs)) < heldFromMs) {
      this.#over.push(this.#view(key, state.open));
      state.open = undefined;
    }
    state.loose = state.loose.filter((one) => one.timeMs >= heldFromMs);
    for (const [id, timeMs] of state.retracted) {
      if (timeMs < this.#nowMs - latenessMs) state.retracted.delete(id);
    }
  }

  #knows(state: KeyState<A>, id: string): boolean {
    const heldFromMs = this.#nowMs - this.options.windowMs - this.options.latenessMs;
    return (
      state.retracted.has(id) ||
      state.loose.some((one) => one.id === id) ||
      (state.open?.attempts.some((one) => one.id === id && one.timeMs >= heldFromMs) ?? false)
    );
  }

  #holdsThreshold(attempts: readonly A[]): boolean {
    const { threshold, windowMs } = this.options;
    return attempts.some(
      ({ timeMs }) =>
        this.measure(attempts.filter((one) => one.timeMs >= timeMs && one.timeMs <= timeMs + windowMs)) >= threshold,
    );
  }

  /** Moves what lies within a window of the episode into it, until nothing does. */
  #absorb(state: KeyState<A>): void {
    const open = state.open as Open<A>;
    for (;;) {
      const times = open.attempts.map((one) => one.timeMs);
      const from = Math.min(...times) - this.options.windowMs;
      const to = Math.max(...times) + this.options.windowMs;
      const near = state.loose.filter((one) => one.timeMs >= from && one.timeMs <= to);
      if (near.length === 0) return;
      open.attempts = inOrder([...open.attempts, ...near]);
      state.loose = state.loose.filter((one) => !near.includes(one));
    }
  }

  #view(key: string, open: Open<A>): Episode<A> {
    return {
      key,
      attempts: open.attempts.slice(-KEPT_ATTEMPTS),
      count: this.measure(open.attempts),
      firstMs: open.attempts[0]?.timeMs ?? 0,
      lastMs: open.attempts.at(-1)?.timeMs ?? 0,
      firedMs: open.firedMs,
      ...this.besides(open.attempts),
    };
  }
}

function inOrder<A extends Attempt>(attempts: A[]): A[] {
  return attempts.sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
}

/** Distinct values, the measure of `value_count`. */
export function distinctValues(attempts: readonly ValuedAttempt[]): number {
  return new Set(attempts.map((one) => one.value)).size;
}
