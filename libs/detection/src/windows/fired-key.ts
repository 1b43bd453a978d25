import { AttemptList } from './attempt-list.js';
import type { Attempt, Episode, WindowOptions } from './windows.js';

/** Attempts an episode shows. */
export const SHOWN_ATTEMPTS = 64;
/** Of these, at most so many are those that made it fire; the others are the latest. */
export const SHOWN_FIRED = 32;

export interface FiredKeyState {
  key: string;
  log: number[];
  loose: number[];
  count: number;
  firstMs: number;
  lastMs: number;
  firedMs: number;
  /** Attempts of the episode that were not made on a web application; absent in an older snapshot: all of them. */
  notWeb?: number;
}

export type IsWeb = (host: number) => boolean;

/** A key that fired: its episode, and attempts more than a window away from it, which count on their own. */
export class FiredKey {
  /** Attempts of the episode: all of them up to the limit, beyond it those that fired and the latest. */
  readonly log: AttemptList;
  readonly loose: AttemptList;
  count: number;
  firstMs: number;
  lastMs: number;
  readonly firedMs: number;
  readonly #isWeb: IsWeb;
  #notWeb: number;

  constructor(
    readonly key: string,
    state: Omit<FiredKeyState, 'key'>,
    isWeb: IsWeb,
  ) {
    this.log = new AttemptList(state.log);
    this.loose = new AttemptList(state.loose);
    this.count = state.count;
    this.firstMs = state.firstMs;
    this.lastMs = state.lastMs;
    this.firedMs = state.firedMs;
    this.#isWeb = isWeb;
    this.#notWeb = state.notWeb ?? state.count;
  }

  /** An episode around the attempts of one key that reached the threshold with the one at `index`. */
  static open(
    key: string,
    loose: AttemptList,
    index: number,
    { threshold, windowMs }: Pick<WindowOptions, 'threshold' | 'windowMs'>,
    isWeb: IsWeb,
  ): FiredKey {
    const firedMs = loose.time(index);
    markFired(loose, index, threshold, windowMs);
    const log = loose.takeBetween(firedMs, firedMs);
    const state = { log: log.numbers, loose: loose.numbers, count: log.length, firstMs: firedMs, lastMs: firedMs };
    const fired = new FiredKey(key, { ...state, firedMs, notWeb: log.count((host) => !isWeb(host)) }, isWeb);
    fired.absorb(windowMs);
    return fired;
  }

  get isWeb(): boolean {
    return this.#notWeb === 0;
  }

  get bytes(): number {
    return 400 + this.key.length * 2 + (this.log.numbers.length + this.loose.numbers.length) * 8;
  }

  /** Takes in an attempt within a window of the episode, and what that brings within one; false when it is further away. */
  takeNear(timeMs: number, id: number, host: number, who: number, windowMs: number): boolean {
    if (timeMs < this.firstMs - windowMs || timeMs > this.lastMs + windowMs) return false;
    this.log.insert(timeMs, id, host, who);
    this.count += 1;
    if (!this.#isWeb(host)) this.#notWeb += 1;
    this.firstMs = Math.min(this.firstMs, timeMs);
    this.lastMs = Math.max(this.lastMs, timeMs);
    if (this.loose.length > 0) this.absorb(windowMs);
    return true;
  }

  /** Moves what lies within a window of the episode into it, until nothing does; answers whether anything did. */
  absorb(windowMs: number): boolean {
    let moved = 0;
    for (;;) {
      const near = this.loose.takeBetween(this.firstMs - windowMs, this.lastMs + windowMs);
      if (near.length === 0) return moved > 0;
      moved += this.log.merge(near);
      this.count += near.length;
      this.#notWeb += this.#notWebIn(near);
      this.firstMs = Math.min(this.firstMs, near.time(0));
      this.lastMs = Math.max(this.lastMs, near.time(near.length - 1));
    }
  }

  /** Takes a loose attempt that reached the threshold on its own into the episode, with all in between. */
  join(index: number, threshold: number, windowMs: number): void {
    const timeMs = this.loose.time(index);
    markFired(this.loose, index, threshold, windowMs);
    this.firstMs = Math.min(this.firstMs, timeMs);
    this.lastMs = Math.max(this.lastMs, timeMs);
    this.absorb(windowMs);
  }

  /** Keeps the log at no more than twice `limit`, by dropping the oldest that did not fire. */
  boundLog(limit: number): void {
    if (this.log.length <= limit * 2) return;
    const excess = this.log.length - limit;
    let dropped = 0;
    this.log.take((index) => !this.log.fired(index) && dropped++ < excess);
  }

  /** Keeps the loose attempts at no more than `limit`; answers how many of the oldest were dropped. */
  boundLoose(limit: number): number {
    const excess = Math.max(0, this.loose.length - limit);
    this.loose.numbers.splice(0, excess * 3);
    return excess;
  }

  /** Time of the last attempt at or before `toMs`, when those up to then reach the threshold by themselves. */
  firedBy(toMs: number, threshold: number, windowMs: number): number | undefined {
    let end = this.log.length;
    while (end > 0 && this.log.time(end - 1) > toMs) end -= 1;
    for (let start = end - threshold; start >= 0; start--) {
      if (this.log.time(start + threshold - 1) - this.log.time(start) <= windowMs) return this.log.time(end - 1);
    }
    return undefined;
  }

  /** After attempts were taken out of the log. */
  shrink(removed: AttemptList): void {
    const whole = this.log.length + removed.length === this.count;
    this.count -= removed.length;
    this.#notWeb -= this.#notWebIn(removed);
    if (this.log.length === 0) return;
    if (whole) this.firstMs = this.log.time(0);
    this.lastMs = this.log.time(this.log.length - 1);
  }

  episode(): Episode {
    const { length } = this.log;
    const from = Math.max(0, length - SHOWN_ATTEMPTS);
    const shown: number[] = [];
    for (let index = from - 1; index >= 0 && shown.length < SHOWN_FIRED; index--) {
      if (this.log.fired(index)) shown.unshift(index);
    }
    for (let index = from + shown.length; index < length; index++) shown.push(index);
    const attempts: Attempt[] = shown.map((index) => this.log.attempt(index));
    const { key, count, firstMs, lastMs, firedMs } = this;
    return { key, attempts, count, firstMs, lastMs, firedMs };
  }

  state(): FiredKeyState {
    const { key, count, firstMs, lastMs, firedMs } = this;
    const lists = { log: this.log.numbers, loose: this.loose.numbers };
    return { key, ...lists, count, firstMs, lastMs, firedMs, notWeb: this.#notWeb };
  }

  #notWebIn(list: AttemptList): number {
    return list.count((host) => !this.#isWeb(host));
  }
}

/** Whether some window holds the threshold; with `index`, some window that has this attempt in it. */
export function holdsThreshold(list: AttemptList, threshold: number, windowMs: number, index?: number): boolean {
  const from = index === undefined ? 0 : Math.max(0, index - threshold + 1);
  const to = Math.min(index ?? list.length, list.length - threshold);
  for (let start = from; start <= to; start++) {
    if (list.time(start + threshold - 1) - list.time(start) <= windowMs) return true;
  }
  return false;
}

function markFired(list: AttemptList, index: number, threshold: number, windowMs: number): void {
  const last = Math.min(index, list.length - threshold);
  for (let start = Math.max(0, index - threshold + 1); start <= last; start++) {
    if (list.time(start + threshold - 1) - list.time(start) > windowMs) continue;
    for (let at = start; at < start + threshold; at++) list.markFired(at);
  }
}
