import type { FleetEvent } from '@fleetwall/core';
import type { KeptLine } from './kept-lines.js';

export interface OrderedEvent {
  /** Milliseconds since 1970 UTC. */
  timeMs: number;
  event: FleetEvent | undefined;
  /** In place of the event: a line that is read only if it is asked for. */
  kept: KeptLine | undefined;
  /** Where the line stands: which file, and its offset in it. */
  file: number;
  offset: number;
}

/**
 * Puts events into the order of their own time: holds each until everything an hour (or what was asked) older than the
 * newest has come, then hands it on. Buckets of a second, each sorted when it is handed on; equal times keep the order
 * of arrival. Bounded: beyond `maxEvents` the oldest go early, which is counted.
 */
export class EventOrder {
  readonly #buckets = new Map<number, OrderedEvent[]>();
  readonly #holdMs: number;
  readonly #maxEvents: number;
  #held = 0;
  /** The next second to hand on. */
  #next = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  /** Events that came after their second had been handed on: they are handed on at once. */
  late = 0;
  early = 0;

  constructor({ holdMs = 3_600_000, maxEvents = 300_000 } = {}) {
    this.#holdMs = holdMs;
    this.#maxEvents = maxEvents;
  }

  add(item: OrderedEvent): void {
    let second = Math.floor(item.timeMs / 1000);
    if (this.#released !== undefined && second < this.#released) {
      this.late++;
      second = this.#released;
    }
    const bucket = this.#buckets.get(second);
    if (bucket) bucket.push(item);
    else this.#buckets.set(second, [item]);
    this.#held++;
    if (second < this.#next) this.#next = second;
    if (second > this.#newest) this.#newest = second;
  }

  /** The first second that has not been handed on. */
  #released: number | undefined;

  /** Hands on what is older than `watermarkMs` less the hold; everything, when no watermark is given. */
  *take(watermarkMs = Number.POSITIVE_INFINITY): Generator<OrderedEvent[]> {
    const until =
      watermarkMs === Number.POSITIVE_INFINITY ? watermarkMs : Math.floor((watermarkMs - this.#holdMs) / 1000);
    while (this.#held > 0) {
      const full = this.#held > this.#maxEvents;
      if (this.#next >= until && !full) return;
      const bucket = this.#buckets.get(this.#next);
      if (bucket === undefined) {
        this.#advance();
        continue;
      }
      if (this.#next >= until) this.early += bucket.length;
      this.#buckets.delete(this.#next);
      this.#held -= bucket.length;
      this.#released = this.#next + 1;
      this.#next = this.#held > 0 ? this.#next + 1 : Number.POSITIVE_INFINITY;
      yield isInOrder(bucket) ? bucket : bucket.sort(byTime);
    }
  }

  /** Skips empty seconds: step by step while they are near, by the keys when there is a gap. */
  #advance(): void {
    for (let step = 1; step <= 600; step++) {
      if (this.#buckets.has(this.#next + step)) {
        this.#next += step;
        return;
      }
    }
    let next = this.#newest;
    for (const second of this.#buckets.keys()) if (second > this.#next && second < next) next = second;
    this.#next = next;
  }
}

function isInOrder(bucket: readonly OrderedEvent[]): boolean {
  for (let i = 1; i < bucket.length; i++) {
    if ((bucket[i] as OrderedEvent).timeMs < (bucket[i - 1] as OrderedEvent).timeMs) return false;
  }
  return true;
}

function byTime(a: OrderedEvent, b: OrderedEvent): number {
  return a.timeMs - b.timeMs;
}
