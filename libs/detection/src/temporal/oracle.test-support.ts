import type { AddOutcome, ValueEpisode } from '../windows/index.js';
import { compareOccurrences, type Occurrence } from './occurrence.js';
import type { Pattern } from './pattern.js';

const MAX_AHEAD_MS = 300_000;

/** Whether some of these match, by trying all there is to try; with `last`, whether a match ends with it. */
export function matches(pattern: Pattern, all: readonly Occurrence[], last?: Occurrence): boolean {
  if (pattern.type === 'ordered') return chains(pattern, all, last);
  return all.some((first) => {
    const toMs = last?.timeMs ?? first.timeMs + pattern.windowMs;
    if (last && (first.timeMs > toMs || toMs - first.timeMs > pattern.windowMs)) return false;
    const window = all.filter(({ timeMs }) => timeMs >= first.timeMs && timeMs <= toMs);
    const number = pattern.type === 'count' ? window.length : new Set(window.map(({ value }) => value)).size;
    return number >= pattern.threshold;
  });
}

function chains({ threshold, windowMs }: Pattern, all: readonly Occurrence[], last?: Occurrence): boolean {
  const goOn = (chain: readonly Occurrence[]): boolean => {
    const end = chain.at(-1);
    if (chain.length === threshold) return last === undefined || end === last;
    return all.some((next) => {
      if (next.step !== chain.length) return false;
      if (end && (next.timeMs < end.timeMs || next.id === end.id)) return false;
      return next.timeMs - (chain[0] ?? next).timeMs <= windowMs && goOn([...chain, next]);
    });
  };
  return goOn([]);
}

/** All that is connected by steps of at most a window, oldest first. */
export function clusters({ windowMs }: Pattern, all: readonly Occurrence[]): Occurrence[][] {
  const found: Occurrence[][] = [];
  for (const one of [...all].sort(compareOccurrences)) {
    const last = found.at(-1);
    if (last && one.timeMs - (last.at(-1) as Occurrence).timeMs <= windowMs) last.push(one);
    else found.push([one]);
  }
  return found;
}

interface State {
  loose: Occurrence[];
  episode: Occurrence[] | undefined;
  firedMs: number;
}

/** The contract of episode windows by plain arrays: every question is answered by looking at everything. */
export class EpisodeOracle {
  readonly #keys = new Map<string, State>();
  readonly #over: unknown[] = [];
  #nowMs = 0;

  constructor(
    readonly pattern: Pattern,
    readonly latenessMs: number,
  ) {}

  add(key: string, given: Occurrence, nowMs: number): AddOutcome {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const one = { ...given, timeMs: Math.min(given.timeMs, this.#nowMs + MAX_AHEAD_MS) };
    if (this.#nowMs - one.timeMs > this.latenessMs) return 'late';
    const state = this.#state(key);
    const heldFromMs = this.#nowMs - this.pattern.windowMs - this.latenessMs;
    const known = [...state.loose, ...(state.episode ?? [])].filter(({ timeMs }) => timeMs >= heldFromMs);
    if (known.some(({ id, step }) => id === one.id && step === one.step)) return 'duplicate';
    const before = state.episode?.length ?? 0;
    const wasOpen = state.episode !== undefined;
    state.loose.push(one);
    this.#absorb(state);
    if (matches(this.pattern, state.loose)) {
      if (!wasOpen) state.firedMs = one.timeMs;
      state.episode = [...(state.episode ?? []), one];
      state.loose = state.loose.filter((other) => other !== one);
      this.#absorb(state);
    }
    if (!wasOpen) return state.episode ? 'fired' : 'counted';
    return (state.episode?.length ?? 0) > before ? 'grew' : 'counted';
  }

  episode(key: string) {
    const state = this.#state(key);
    return state.episode && this.#view(key, state);
  }

  expire(nowMs: number): unknown[] {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    for (const key of this.#keys.keys()) this.#state(key);
    return this.#over.splice(0);
  }

  #state(key: string): State {
    const state = this.#keys.get(key) ?? { loose: [], episode: undefined, firedMs: 0 };
    this.#keys.set(key, state);
    const heldFromMs = this.#nowMs - this.pattern.windowMs - this.latenessMs;
    if (state.episode && Math.max(...state.episode.map(({ timeMs }) => timeMs)) < heldFromMs) {
      this.#over.push(this.#view(key, state));
      state.episode = undefined;
    }
    state.loose = state.loose.filter(({ timeMs }) => timeMs >= heldFromMs);
    return state;
  }

  #absorb(state: State): void {
    const { episode } = state;
    if (!episode) return;
    for (;;) {
      const times = episode.map(({ timeMs }) => timeMs);
      const fromMs = Math.min(...times) - this.pattern.windowMs;
      const toMs = Math.max(...times) + this.pattern.windowMs;
      const near = state.loose.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs);
      if (near.length === 0) return;
      episode.push(...near);
      state.loose = state.loose.filter((one) => !near.includes(one));
    }
  }

  #view(key: string, { episode = [], firedMs }: State) {
    return { ...summaryOf(this.pattern, episode), key, firedMs };
  }
}

/** What an episode of these tells, whatever the order in which they came. */
export function summaryOf({ tells }: Pattern, all: readonly Occurrence[]) {
  const values = new Map<string, { count: number; firstMs: number; lastMs: number }>();
  for (const { value, timeMs } of [...all].sort(compareOccurrences)) {
    const span = values.get(value);
    values.set(value, { count: (span?.count ?? 0) + 1, firstMs: span?.firstMs ?? timeMs, lastMs: timeMs });
  }
  const times = all.map(({ timeMs }) => timeMs);
  const count = tells === 'values' ? values.size : all.length;
  return { count, firstMs: Math.min(...times), lastMs: Math.max(...times), values };
}

/** Of a real episode, what the oracle tells. */
export function seen(episode: ValueEpisode | undefined) {
  if (!episode) return undefined;
  const { attempts: _, ...rest } = episode;
  return rest;
}
