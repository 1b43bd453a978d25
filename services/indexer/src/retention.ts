import type { RetentionOptions } from '@fleetwall/config';
import type { Clock, DecisionStore, EventStore, Query } from '@fleetwall/core';

export interface RetentionParts {
  store: EventStore;
  decisions: DecisionStore;
  clock: Clock;
  /** For whatever has no time of its own. */
  retentionDays: number;
  retention: RetentionOptions;
}

type Class = 'evidenceDays' | 'eventsDays' | 'alertsDays';

const DAY_MS = 86_400_000;

/** Logons and all that tells of a try. */
const EVIDENCE: Query = {
  type: 'or',
  of: [
    { type: 'term', field: 'event.category', value: 'authentication' },
    { type: 'exists', field: 'fleetwall.attempt.id' },
  ],
};
const QUERIES: Readonly<Record<'evidenceDays' | 'eventsDays', Query>> = {
  evidenceDays: EVIDENCE,
  eventsDays: { type: 'not', of: EVIDENCE },
};

/**
 * Deletes what was kept long enough, by class and tenant. Events go by whole UTC days, so that each day is written anew once
 * for each time; a day that nobody needs any more goes as a whole. Running it again, or beside another one, is harmless.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #running: Promise<void> | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** One that runs already is not begun again. */
  enforce(): Promise<void> {
    this.#running ??= this.#enforce().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #enforce(): Promise<void> {
    const { store } = this.#parts;
    const longest = Math.max(...this.#allDays('evidenceDays'), ...this.#allDays('eventsDays'));
    await store.dropDaysBefore(this.#before(longest));
    for (const [name, query] of Object.entries(QUERIES) as [keyof typeof QUERIES, Query][]) {
      const own = this.#tenantsWithOwn(name);
      const others: Query = { type: 'not', of: { type: 'or', of: own.map(({ tenant }) => ofTenant(tenant)) } };
      await this.#dropEvents({ type: 'and', of: [query, others] }, this.#daysOf(name), longest);
      for (const { tenant, days } of own)
        await this.#dropEvents({ type: 'and', of: [query, ofTenant(tenant)] }, days, longest);
    }
    await this.#dropDecisions();
  }

  async #dropEvents(query: Query, days: number, longest: number): Promise<void> {
    if (days >= longest) return;
    const toMs = Math.floor(this.#before(days) / DAY_MS) * DAY_MS;
    await this.#parts.store.erase({ query, range: { fromMs: 0, toMs } });
  }

  async #dropDecisions(): Promise<void> {
    const { decisions } = this.#parts;
    const own = this.#tenantsWithOwn('alertsDays');
    await decisions.dropBefore(this.#before(Math.max(...this.#allDays('alertsDays'))));
    const exceptTenants = own.map(({ tenant }) => tenant);
    if (own.length > 0) await decisions.erase({ exceptTenants, beforeMs: this.#before(this.#daysOf('alertsDays')) });
    for (const { tenant, days } of own) await decisions.erase({ tenant, beforeMs: this.#before(days) });
  }

  /** Of all tenants that have none of their own. */
  #daysOf(name: Class): number {
    return this.#parts.retention[name] ?? this.#parts.retentionDays;
  }

  #tenantsWithOwn(name: Class): { tenant: string; days: number }[] {
    return this.#parts.retention.tenants.flatMap(({ tenant, [name]: days }) =>
      days === undefined ? [] : [{ tenant, days }],
    );
  }

  #allDays(name: Class): number[] {
    return [this.#daysOf(name), ...this.#tenantsWithOwn(name).map(({ days }) => days)];
  }

  #before(days: number): number {
    return this.#parts.clock() - days * DAY_MS;
  }
}

function ofTenant(tenant: string): Query {
  return { type: 'term', field: 'organization.id', value: tenant };
}
