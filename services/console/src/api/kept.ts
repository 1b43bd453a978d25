import type { Clock } from '@fleetwall/core';

/** Answers that are good for a while, by key: each is made once for all who ask meanwhile. One that fails is not kept. */
export class Kept<T> {
  readonly #known = new Map<string, { answer: Promise<T>; untilMs: number }>();

  constructor(private readonly clock: Clock) {}

  of(key: string, keptMs: number, make: (nowMs: number) => Promise<T>): Promise<T> {
    const nowMs = this.clock();
    const known = this.#known.get(key);
    if (known && nowMs < known.untilMs) return known.answer;
    // Asked for every row of a list: what is old goes when something new comes.
    for (const [old, { untilMs }] of this.#known) if (untilMs <= nowMs) this.#known.delete(old);
    const answer = make(nowMs);
    this.#known.set(key, { answer, untilMs: nowMs + keptMs });
    answer.catch(() => this.#known.delete(key));
    return answer;
  }
}
