import type { Clock, EventStore, Query } from '@fleetwall/core';
import { withinTenant } from '../tenancy/tenant-query.js';

const LOOK_BACK_MS = 30 * 86_400_000;
const KEPT_MS = 600_000;
const MOST_KEPT = 10_000;

/**
 * Which accounts there are: somebody logged on to them in the last 30 days. People type passwords where a user name belongs,
 * so every other name stays out of messages.
 */
export class KnownAccounts {
  readonly #answers = new Map<string, { isKnown: Promise<boolean>; askedMs: number }>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  /** False too when the store cannot say. */
  has(name: string, tenant: string): Promise<boolean> {
    const key = `${tenant}\n${name}`;
    const nowMs = this.clock();
    const answer = this.#answers.get(key);
    if (answer && nowMs - answer.askedMs < KEPT_MS) return answer.isKnown;
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    const isKnown = this.#ask(name, tenant, nowMs).catch(() => {
      this.#answers.delete(key);
      return false;
    });
    this.#answers.set(key, { isKnown, askedMs: nowMs });
    return isKnown;
  }

  async #ask(name: string, tenant: string, nowMs: number): Promise<boolean> {
    const of: Query[] = [
      { type: 'term', field: 'user.name', value: name },
      { type: 'term', field: 'event.outcome', value: 'success' },
      { type: 'term', field: 'event.category', value: 'authentication' },
    ];
    const range = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + 1 };
    const { events } = await this.store.search({
      query: withinTenant({ type: 'and', of }, tenant),
      range,
      order: 'newest',
      limit: 1,
    });
    return events.length > 0;
  }
}
