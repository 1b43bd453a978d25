import { type Clock, type EventStore, type Query, Recent } from '@fleetwall/core';
import { withinTenant } from '../tenancy/tenant-query.js';

const LOOK_BACK_MS = 30 * 86_400_000;
const KEPT_MS = 600_000;
const MOST_KEPT = 10_000;

interface Answer {
  isKnown: Promise<boolean>;
  untilMs: number;
}

/**
 * Which accounts there are: somebody logged on to them in the last 30 days. People type passwords where a user name belongs,
 * so every other name stays out of messages.
 */
export class KnownAccounts {
  readonly #answers = new Recent<string, Answer>(MOST_KEPT);

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  /** False too when the store cannot say. */
  has(name: string, tenant: string): Promise<boolean> {
    const key = `${tenant}\n${name}`;
    const nowMs = this.clock();
    const kept = this.#answers.get(key);
    if (kept && nowMs < kept.untilMs) return kept.isKnown;
    const isKnown = this.#ask(name, tenant, nowMs).catch(() => {
      answer.untilMs = 0;
      return false;
    });
    const answer: Answer = { isKnown, untilMs: nowMs + KEPT_MS };
    this.#answers.set(key, answer);
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
