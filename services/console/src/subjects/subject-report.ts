import type { EventStore, Query, TimeRange } from '@fleetwall/core';
import type { Alerts } from '../alerts/alerts.js';
import type { Caller } from '../api/caller.js';
import { iso, isoIf } from '../api/iso.js';
import { withinTenant } from '../tenancy/tenant-query.js';
import { type AccountNames, accountNames } from './account-query.js';

export interface Subject {
  query: Query;
  /** As alerts know it. */
  values: readonly string[];
  range: TimeRange;
}

const DAY_MS = 86_400_000;
const MOST_ALERTS = 50;
const TOP = 20;

/** What is known of an address or of an account, within what the caller may see. */
export class SubjectReports {
  constructor(
    private readonly store: EventStore,
    private readonly alerts: Alerts,
  ) {}

  async of({ query, values, range }: Subject, caller: Caller) {
    const { store } = this;
    const own = { query: withinTenant(query, caller.tenant), range };
    const edge = async (order: 'newest' | 'oldest') =>
      (await store.search({ ...own, order, limit: 1 })).events[0]?.['@timestamp'];
    const isReader = caller.role !== 'helpdesk';
    const [events, all, firstMs, lastMs, days, hosts, alerts] = await Promise.all([
      store.count(own),
      caller.tenant === undefined ? undefined : store.count({ query, range }),
      edge('oldest'),
      edge('newest'),
      this.#days(own),
      this.top(own, 'host.name'),
      isReader ? this.#alerts(values, range, caller) : [],
    ]);
    return {
      from: iso(range.fromMs),
      to: iso(range.toMs),
      events,
      hidden: all === undefined ? 0 : Math.max(0, all - events),
      ...isoIf('first', firstMs),
      ...isoIf('last', lastMs),
      days,
      hosts,
      alerts,
    };
  }

  /** The names of an account, by what the caller may see. */
  account(name: string, range: TimeRange, { tenant }: Caller): Promise<AccountNames> {
    return accountNames(this.store, name, range, tenant);
  }

  async #alerts(values: readonly string[], range: TimeRange, caller: Caller) {
    const asked = values.map((address) =>
      this.alerts.page({ ...range, address, limit: MOST_ALERTS }, undefined, caller),
    );
    const found = new Map((await Promise.all(asked)).flatMap(({ alerts }) => alerts).map((one) => [one.id, one]));
    return [...found.values()].sort((a, b) => b.last.localeCompare(a.last)).slice(0, MOST_ALERTS);
  }

  /** @param found within what the caller may see */
  top(found: { query: Query; range: TimeRange }, field: string) {
    return this.store.top({ ...found, field, limit: TOP });
  }

  async #days({ query, range }: { query: Query; range: TimeRange }) {
    const counted = async (outcome: string | undefined) => {
      const term: Query = { type: 'term', field: 'event.outcome', value: outcome ?? '' };
      const found: Query = outcome === undefined ? query : { type: 'and', of: [query, term] };
      const buckets = await this.store.histogram({ query: found, range, bucketMs: DAY_MS });
      return new Map(buckets.map(({ startMs, count }) => [startMs, count]));
    };
    const [all, failed, succeeded] = await Promise.all([counted(undefined), counted('failure'), counted('success')]);
    return [...all].map(([startMs, count]) => {
      const failures = failed.get(startMs) ?? 0;
      const successes = succeeded.get(startMs) ?? 0;
      return { start: iso(startMs), failures, successes, other: Math.max(0, count - failures - successes) };
    });
  }
}
