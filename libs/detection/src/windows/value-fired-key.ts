import { type IsWeb, SHOWN_ATTEMPTS, SHOWN_FIRED } from './fired-key.js';
import { holdsValues, insertInOrder, takeBetween, takeWhere } from './value-list.js';
import type { Progress, ValuedAttempt, ValueEpisode } from './windows.js';

const MAX_VALUES = 10_000;

interface ValueSpan extends Progress {
  /** Attempts that were not made on a web application; absent in an older snapshot: all of them. */
  notWeb?: number;
}

export interface ValueFiredState {
  key: string;
  log: ValuedAttempt[];
  loose: ValuedAttempt[];
  firedIds: string[];
  values: [value: string, span: ValueSpan][];
  more: number;
  whole: boolean;
  firstMs: number;
  lastMs: number;
  firedMs: number;
  /** Attempts that were not made on a web application, of values beyond those that are told apart as well. */
  notWeb?: number;
}

/** A key that fired for its distinct values: its episode, and attempts more than a window away from it. */
export class ValueFiredKey {
  readonly key: string;
  /** Attempts of the episode: all of them up to the limit, beyond it those that fired and the latest. */
  readonly log: ValuedAttempt[];
  readonly loose: ValuedAttempt[];
  readonly #firedIds: Set<string>;
  readonly #ids: Set<string>;
  readonly #values: Map<string, ValueSpan>;
  /** Attempts with values beyond the 10,000 that are told apart; each counts as one value. */
  #more: number;
  /** Whether the log has every attempt of the episode. */
  #whole: boolean;
  firstMs: number;
  lastMs: number;
  readonly firedMs: number;
  /** Values that ceased to be of the web alone with the last attempt, which may have brought others into the episode. */
  ceased: string[] = [];
  readonly #isWeb: IsWeb;
  #notWeb: number;

  constructor(state: ValueFiredState, isWeb: IsWeb) {
    this.key = state.key;
    this.log = state.log;
    this.loose = state.loose;
    this.#firedIds = new Set(state.firedIds);
    this.#ids = new Set(state.log.map((one) => one.id));
    this.#values = new Map(state.values);
    this.#more = state.more;
    this.#whole = state.whole;
    this.firstMs = state.firstMs;
    this.lastMs = state.lastMs;
    this.firedMs = state.firedMs;
    this.#isWeb = isWeb;
    // What an older snapshot does not tell is never zero again.
    this.#notWeb = state.notWeb ?? Number.MAX_SAFE_INTEGER / 2;
  }

  /** An episode around the attempt at `timeMs`, with which the attempts `firing` reached the threshold. */
  static open(
    key: string,
    loose: ValuedAttempt[],
    firing: ValuedAttempt[],
    timeMs: number,
    windowMs: number,
    isWeb: IsWeb,
  ): ValueFiredKey {
    const firedIds = firing.map((one) => one.id);
    const times = { firstMs: timeMs, lastMs: timeMs, firedMs: timeMs };
    const empty = { log: [], values: [], more: 0, whole: true, notWeb: 0 };
    const fired = new ValueFiredKey({ key, loose, firedIds, ...empty, ...times }, isWeb);
    fired.absorb(windowMs);
    return fired;
  }

  get bytes(): number {
    return 600 + this.key.length * 2 + (this.log.length + this.loose.length) * 200 + this.#values.size * 150;
  }

  /** Whether an attempt with this id and a time of `fromMs` or later is in the episode. */
  hasInLog(id: string, fromMs: number): boolean {
    return this.#ids.has(id) && this.log.some((one) => one.id === id && one.timeMs >= fromMs);
  }

  /** Takes in an attempt within a window of the episode, and what that brings within one; false when it is further away. */
  takeNear(attempt: ValuedAttempt, windowMs: number): boolean {
    if (attempt.timeMs < this.firstMs - windowMs || attempt.timeMs > this.lastMs + windowMs) return false;
    this.#take(attempt);
    if (this.loose.length > 0) this.absorb(windowMs);
    return true;
  }

  /** Moves what lies within a window of the episode into it, until nothing does; answers whether anything did. */
  absorb(windowMs: number): boolean {
    for (let moved = false; ; moved = true) {
      const near = takeBetween(this.loose, this.firstMs - windowMs, this.lastMs + windowMs);
      if (near.length === 0) return moved;
      for (const one of near) this.#take(one);
    }
  }

  /** Takes loose attempts that reached the threshold on their own into the episode, with all in between. */
  join(firing: ValuedAttempt[], timeMs: number, windowMs: number): void {
    for (const { id } of firing) this.#firedIds.add(id);
    this.firstMs = Math.min(this.firstMs, timeMs);
    this.lastMs = Math.max(this.lastMs, timeMs);
    this.absorb(windowMs);
  }

  /** Keeps the log at no more than twice `limit`, by dropping the oldest that did not fire. */
  bound(limit: number): void {
    if (this.log.length <= limit * 2) return;
    let excess = this.log.length - limit;
    for (const { id } of takeWhere(this.log, (one) => excess > 0 && !this.#firedIds.has(one.id) && excess-- > 0)) {
      this.#ids.delete(id);
    }
    this.#whole = false;
  }

  /** Takes attempts out; answers them and the values that have none left in the episode. */
  remove(goes: (one: ValuedAttempt) => boolean): ValuedAttempt[] {
    const gone = takeWhere(this.log, goes);
    for (const { id, value, host } of gone) {
      this.#ids.delete(id);
      const notWeb = this.#isWeb(host) ? 0 : 1;
      this.#notWeb -= notWeb;
      const span = this.#values.get(value);
      if (!span) this.#more -= 1;
      else if (span.count === 1) this.#values.delete(value);
      else {
        if (span.notWeb !== undefined) span.notWeb -= notWeb;
        span.count -= 1;
      }
    }
    for (const value of new Set(gone.map((one) => one.value))) this.#respan(value);
    if (this.log.length > 0) {
      if (this.#whole) this.firstMs = (this.log[0] as ValuedAttempt).timeMs;
      this.lastMs = (this.log.at(-1) as ValuedAttempt).timeMs;
    }
    return gone;
  }

  /** Whether all attempts were made on web applications, those of one value alone where it is given. */
  isWeb(value?: string): boolean {
    return (value === undefined ? this.#notWeb : this.#values.get(value)?.notWeb) === 0;
  }

  hasValue(value: string): boolean {
    return this.#values.has(value);
  }

  /** Whether it still is an episode. Where the log is not whole, windows are forgotten and all values together decide. */
  holds(threshold: number, windowMs: number): boolean {
    if (!this.#whole) return this.#values.size + this.#more >= threshold;
    return holdsValues(this.log, threshold, windowMs);
  }

  episode(): ValueEpisode {
    const from = Math.max(0, this.log.length - SHOWN_ATTEMPTS);
    const fired = this.log.slice(0, from).filter((one) => this.#firedIds.has(one.id));
    const shown = fired.slice(-SHOWN_FIRED);
    const attempts = [...shown, ...this.log.slice(from + shown.length)].map((one) => ({ ...one }));
    const values = new Map([...this.#values].map(([value, span]) => [value, progressOf(span)]));
    const { key, firstMs, lastMs, firedMs } = this;
    return { key, attempts, count: values.size + this.#more, firstMs, lastMs, firedMs, values };
  }

  progress(): Progress {
    return { count: this.#values.size + this.#more, firstMs: this.firstMs, lastMs: this.lastMs };
  }

  progressOf(value: string): Progress | undefined {
    const span = this.#values.get(value);
    return span && progressOf(span);
  }

  state(): ValueFiredState {
    const { key, log, loose, firstMs, lastMs, firedMs } = this;
    const lists = { key, log, loose, firedIds: [...this.#firedIds], values: [...this.#values] };
    return { ...lists, more: this.#more, whole: this.#whole, firstMs, lastMs, firedMs, notWeb: this.#notWeb };
  }

  #take(one: ValuedAttempt): void {
    insertInOrder(this.log, one);
    this.#ids.add(one.id);
    this.firstMs = Math.min(this.firstMs, one.timeMs);
    this.lastMs = Math.max(this.lastMs, one.timeMs);
    const notWeb = this.#isWeb(one.host) ? 0 : 1;
    this.#notWeb += notWeb;
    const span = this.#values.get(one.value);
    if (span) {
      span.count += 1;
      if (span.notWeb === 0 && notWeb > 0) this.ceased.push(one.value);
      if (span.notWeb !== undefined) span.notWeb += notWeb;
      span.firstMs = Math.min(span.firstMs, one.timeMs);
      span.lastMs = Math.max(span.lastMs, one.timeMs);
    } else if (this.#values.size < MAX_VALUES) {
      this.#values.set(one.value, { count: 1, firstMs: one.timeMs, lastMs: one.timeMs, notWeb });
    } else {
      this.#more += 1;
    }
  }

  /** Sets the first and last time of a value by what the log still has of it. */
  #respan(value: string): void {
    const span = this.#values.get(value);
    const left = this.log.filter((one) => one.value === value);
    if (!span || left.length === 0) return;
    if (left.length === span.count) span.firstMs = (left[0] as ValuedAttempt).timeMs;
    span.lastMs = (left.at(-1) as ValuedAttempt).timeMs;
  }
}

function progressOf({ count, firstMs, lastMs }: ValueSpan): Progress {
  return { count, firstMs, lastMs };
}
