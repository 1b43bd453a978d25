import { idText } from './attempt-codec.js';
import type { Attempt } from './windows.js';

const FIELDS = 3;
const WHO_RANGE = 0x100000000;
const FIRED = WHO_RANGE * 0x10000;

/**
 * Attempts of one key as plain numbers, oldest first, equal times by id: time, id, and (fired bit, host, who) in one.
 * A third of the memory of objects, and JSON as it stands.
 */
export class AttemptList {
  constructor(readonly numbers: number[] = []) {}

  get length(): number {
    return this.numbers.length / FIELDS;
  }

  time(index: number): number {
    return this.numbers[index * FIELDS] as number;
  }

  who(index: number): number {
    return (this.numbers[index * FIELDS + 2] as number) % WHO_RANGE;
  }

  host(index: number): number {
    return Math.floor(((this.numbers[index * FIELDS + 2] as number) % FIRED) / WHO_RANGE);
  }

  /** How many were made on hosts that `isMeant` says yes to. */
  count(isMeant: (host: number) => boolean): number {
    let count = 0;
    for (let index = 0; index < this.length; index++) if (isMeant(this.host(index))) count += 1;
    return count;
  }

  /** Whether this one was in a window that fired. */
  fired(index: number): boolean {
    return (this.numbers[index * FIELDS + 2] as number) >= FIRED;
  }

  markFired(index: number): void {
    if (!this.fired(index)) (this.numbers[index * FIELDS + 2] as number) += FIRED;
  }

  attempt(index: number): Attempt {
    return {
      id: idText(this.numbers[index * FIELDS + 1] as number),
      timeMs: this.time(index),
      host: this.host(index),
      who: this.who(index),
    };
  }

  /** All of them, or those of one person. */
  attemptsOf(who?: number): Attempt[] {
    const attempts: Attempt[] = [];
    for (let index = 0; index < this.length; index++) {
      if (who === undefined || this.who(index) === who >>> 0) attempts.push(this.attempt(index));
    }
    return attempts;
  }

  /** The index where it went. */
  insert(timeMs: number, id: number, host: number, who: number): number {
    let index = this.length;
    while (index > 0 && this.#isAfter(index - 1, timeMs, id)) index -= 1;
    const tail = host * WHO_RANGE + who;
    if (index === this.length) this.numbers.push(timeMs, id, tail);
    else this.numbers.splice(index * FIELDS, 0, timeMs, id, tail);
    return index;
  }

  /** Whether the id is here with a time of `fromMs` or later. */
  has(id: number, fromMs: number): boolean {
    for (let index = this.length - 1; index >= 0 && this.time(index) >= fromMs; index--) {
      if (this.numbers[index * FIELDS + 1] === id) return true;
    }
    return false;
  }

  /** Drops what is older than `fromMs`. */
  dropBefore(fromMs: number): void {
    let index = 0;
    while (index < this.length && this.time(index) < fromMs) index += 1;
    if (index > 0) this.numbers.splice(0, index * FIELDS);
  }

  /** Takes out what lies from `fromMs` to `toMs`. */
  takeBetween(fromMs: number, toMs: number): AttemptList {
    let from = 0;
    while (from < this.length && this.time(from) < fromMs) from += 1;
    let to = from;
    while (to < this.length && this.time(to) <= toMs) to += 1;
    return new AttemptList(this.numbers.splice(from * FIELDS, (to - from) * FIELDS));
  }

  /** Takes over all of `other`; answers how many. */
  merge(other: AttemptList): number {
    for (let index = 0; index < other.length; index++) {
      const from = index * FIELDS;
      const at = this.insert(other.numbers[from] as number, other.numbers[from + 1] as number, 0, 0);
      this.numbers[at * FIELDS + 2] = other.numbers[from + 2] as number;
    }
    return other.length;
  }

  /** Takes out those that `goes` says yes to. */
  take(goes: (index: number) => boolean): AttemptList {
    const taken: number[] = [];
    let kept = 0;
    for (let index = 0; index < this.length; index++) {
      const three = this.numbers.slice(index * FIELDS, index * FIELDS + FIELDS);
      if (goes(index)) {
        taken.push(...three);
      } else {
        for (const number of three) this.numbers[kept++] = number;
      }
    }
    this.numbers.length = kept;
    return new AttemptList(taken);
  }

  clearFired(): void {
    for (let at = 2; at < this.numbers.length; at += FIELDS) (this.numbers[at] as number) %= FIRED;
  }

  #isAfter(index: number, timeMs: number, id: number): boolean {
    const time = this.time(index);
    return time > timeMs || (time === timeMs && (this.numbers[index * FIELDS + 1] as number) > id);
  }
}
