import type { Progress, ValueEpisode } from '../windows/index.js';
import { type Occurrence, placeOf } from './occurrence.js';
import { bytesOf } from './occurrence-keys.js';
import type { Pattern } from './pattern.js';

/** Occurrences an episode shows; of these, so many at most are those that made it fire, the others are the latest. */
const SHOWN = 64;
const SHOWN_FIRED = 32;
/** Values that an episode keeps apart; further ones count as one. */
const MAX_VALUES = 10_000;

/** As JSON in a snapshot. */
export interface FiredPatternState {
  key: string;
  list: Occurrence[];
  /** Those that made it fire, as `id step`. */
  firedIds: string[];
  values: [value: string, span: Progress][];
  count: number;
  firstMs: number;
  lastMs: number;
  firedMs: number;
}

/**
 * A key with an episode: the time from its first to its last occurrence, all of which belong to it. What else the key
 * holds is more than a window away from that time.
 */
export class FiredPattern {
  readonly key: string;
  /** All that is held of the key, in order. */
  readonly list: Occurrence[];
  firstMs: number;
  lastMs: number;
  readonly firedMs: number;
  /** Values of which something came into the episode since this was emptied. */
  readonly grown = new Set<string>();
  #count: number;
  readonly #firedIds: Set<string>;
  readonly #values: Map<string, Progress>;
  readonly #pattern: Pattern;

  constructor({ key, list, firedIds, values, count, firstMs, lastMs, firedMs }: FiredPatternState, pattern: Pattern) {
    this.key = key;
    this.list = list;
    this.firstMs = firstMs;
    this.lastMs = lastMs;
    this.firedMs = firedMs;
    this.#count = count;
    this.#firedIds = new Set(firedIds);
    this.#values = new Map(values);
    this.#pattern = pattern;
  }

  /** An episode around a match. */
  static open(
    key: string,
    list: Occurrence[],
    match: readonly number[],
    firedMs: number,
    pattern: Pattern,
  ): FiredPattern {
    const { timeMs } = list[match[0] as number] as Occurrence;
    const empty = { key, list, firedIds: [], values: [], count: 0, firedMs };
    const fired = new FiredPattern({ ...empty, firstMs: timeMs, lastMs: timeMs }, pattern);
    for (const one of list) if (one.timeMs === timeMs) fired.#take(one);
    fired.join(match);
    return fired;
  }

  get bytes(): number {
    return 400 + this.key.length * 2 + this.#values.size * 150 + bytesOf(this.list);
  }

  /** Takes in one that was just put into the list, if it is within a window of the episode. */
  takeNear(one: Occurrence): boolean {
    const { windowMs } = this.#pattern;
    if (one.timeMs < this.firstMs - windowMs || one.timeMs > this.lastMs + windowMs) return false;
    if (one.timeMs >= this.firstMs && one.timeMs <= this.lastMs) this.#take(one);
    this.#absorb();
    return true;
  }

  /** Takes in a match, with all in between and what is within a window of it. */
  join(match: readonly number[]): void {
    for (const index of match) this.#firedIds.add(identityOf(this.list[index] as Occurrence));
    const times = match.map((index) => (this.list[index] as Occurrence).timeMs);
    this.#stretch(Math.min(this.firstMs, ...times), Math.max(this.lastMs, ...times));
    this.#absorb();
  }

  /** What is held of the key and no part of the episode. */
  outside(): Occurrence[] {
    return this.list.filter(({ timeMs }) => timeMs < this.firstMs || timeMs > this.lastMs);
  }

  episode(): ValueEpisode {
    const inside = this.list.slice(placeOf(this.list, this.firstMs), placeOf(this.list, this.lastMs + 1));
    const from = Math.max(0, inside.length - SHOWN);
    const fired = inside.slice(0, from).filter((one) => this.#firedIds.has(identityOf(one)));
    const shown = fired.slice(-SHOWN_FIRED);
    const attempts = [...shown, ...inside.slice(from + shown.length)].map(({ id, timeMs, host, who, value }) => {
      return { id, timeMs, host, who, value };
    });
    const values = new Map([...this.#values].map(([value, span]) => [value, { ...span }]));
    return { key: this.key, attempts, firedMs: this.firedMs, values, ...this.progress() };
  }

  /** Occurrences are counted, but of a `value_count` its values. */
  progress(): Progress {
    return { count: this.#count, firstMs: this.firstMs, lastMs: this.lastMs };
  }

  progressOf(value: string): Progress | undefined {
    const span = this.#values.get(value);
    return span && { ...span };
  }

  state(): FiredPatternState {
    const { key, list, firstMs, lastMs, firedMs } = this;
    const sets = { firedIds: [...this.#firedIds], values: [...this.#values] };
    return { key, list, ...sets, count: this.#count, firstMs, lastMs, firedMs };
  }

  /** Grows by what is within a window of it, until nothing is. */
  #absorb(): void {
    const { windowMs } = this.#pattern;
    for (;;) {
      const first = this.list[placeOf(this.list, this.firstMs - windowMs)] as Occurrence;
      const last = this.list[placeOf(this.list, this.lastMs + windowMs + 1) - 1] as Occurrence;
      if (first.timeMs >= this.firstMs && last.timeMs <= this.lastMs) return;
      this.#stretch(Math.min(first.timeMs, this.firstMs), Math.max(last.timeMs, this.lastMs));
    }
  }

  /** Sets a longer time, and takes in what came into it. */
  #stretch(firstMs: number, lastMs: number): void {
    const before = this.list.slice(placeOf(this.list, firstMs), placeOf(this.list, this.firstMs));
    const after = this.list.slice(placeOf(this.list, this.lastMs + 1), placeOf(this.list, lastMs + 1));
    this.firstMs = firstMs;
    this.lastMs = lastMs;
    for (const one of [...before, ...after]) this.#take(one);
  }

  #take({ value, timeMs }: Occurrence): void {
    this.grown.add(value);
    const span = this.#values.get(value);
    if (span) {
      span.count += 1;
      span.firstMs = Math.min(span.firstMs, timeMs);
      span.lastMs = Math.max(span.lastMs, timeMs);
    } else if (this.#values.size < MAX_VALUES) {
      this.#values.set(value, { count: 1, firstMs: timeMs, lastMs: timeMs });
    }
    if (this.#pattern.tells === 'occurrences' || span === undefined) this.#count += 1;
  }
}

function identityOf({ id, step }: Occurrence): string {
  return `${id} ${step}`;
}
