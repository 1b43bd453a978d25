import { type AlertBook, closeOver, type EpisodeSource } from './alert-book.js';
import type { Chain } from './chain.js';
import { ChainWindows } from './chain-windows.js';
import { arrive, type MatchCounter, occurrenceOf } from './match-counter.js';
import type { Observation } from './observation.js';

/** Counts for one chain of correlations, or for several rules whose chains are the same. */
export class ChainCounter implements MatchCounter {
  served = 0;
  readonly books: AlertBook[] = [];
  readonly windows: ChainWindows;

  readonly #isMixed: boolean;

  constructor(chain: Chain, latenessMs: number, maxBytes: number) {
    this.#isMixed = chain.isMixed;
    this.windows = new ChainWindows(chain, latenessMs, maxBytes);
  }

  get source(): EpisodeSource {
    return this.windows.episodes;
  }

  add(book: AlertBook): void {
    this.books.push(book);
  }

  match(observation: Observation, host: number, nowMs: number): void {
    const scope = [observation.tenant, this.#isMixed ? 'any' : observation.evidence] as const;
    for (const rule of observation.matched ?? []) {
      const occurrence = occurrenceOf(observation, host, rule);
      for (const arrival of this.windows.arrivals(rule, occurrence, scope, nowMs)) {
        arrive(arrival, this.windows.episodes, this.books, observation, nowMs);
      }
    }
  }

  expire(nowMs: number): void {
    closeOver(this.books, this.windows.expire(nowMs), nowMs);
    for (const book of this.books) book.flush(nowMs);
  }
}
