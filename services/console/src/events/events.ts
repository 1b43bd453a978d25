import {
  type Clock,
  type EventScope,
  type EventStore,
  encodeEvent,
  type FleetEvent,
  type Query,
  type TimeRange,
} from '@fleetwall/core';
import { parseQuery, timeSpanOf } from '@fleetwall/query';
import type { Caller } from '../api/caller.js';
import { consoleError } from '../api/errors.js';
import { iso } from '../api/iso.js';
import { MOST_ANSWER_CHARS } from '../api/pages.js';
import { withinTenant } from '../tenancy/tenant-query.js';

export interface Search {
  query: string;
  from: string;
  to: string;
}

/** With the signal that nobody waits any more. */
export type Found = EventScope;

/** Events as the API shows them: flat ECS with times in ISO 8601. */
export type ShownEvent = Record<string, unknown> & {
  '@timestamp': string;
  'event.original': string;
  'event.action': string;
  'host.name': string;
};

/** What people ask of the event store; a tenant's people get that tenant's events, and no others exist. */
export class Events {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  /** Throws QUERY_INVALID with the column, and INPUT_INVALID for a range that is none. */
  found({ query, ...range }: Search, { tenant }: Caller, signal?: AbortSignal): Found {
    return { query: withinTenant(parseQuery(query, this.clock()), tenant), range: this.range(range), signal };
  }

  range({ from, to }: { from: string; to: string }): TimeRange {
    const nowMs = this.clock();
    const fromMs = timeSpanOf(from, nowMs)?.fromMs ?? 0;
    // The end of a range is exclusive: a day counts whole, an instant does.
    const toMs = (timeSpanOf(to, nowMs)?.toMs ?? 0) + 1;
    if (!(fromMs < toMs))
      throw consoleError('INPUT_INVALID', { field: 'from', reason: 'the range ends before it begins' });
    return { fromMs, toMs };
  }

  /** A page is shorter than asked for where its lines are so long that it would be larger than {@link MOST_ANSWER_CHARS}. */
  async page(found: Found, order: 'newest' | 'oldest', limit: number, cursor: string | undefined) {
    const at = cursor === undefined ? {} : { cursor };
    for (let most = limit; ; ) {
      const page = await this.store.search({ ...found, order, limit: most, ...at });
      const encoded = page.events.map(encodeEvent);
      const chars = encoded.reduce((sum, { length }) => sum + length + 1, 0);
      if (chars <= MOST_ANSWER_CHARS || most === 1) {
        const events = encoded.map((json) => JSON.parse(json) as ShownEvent);
        const missingDays = this.missingDays(found);
        return { events, missingDays, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
      }
      most = Math.max(1, Math.min(most - 1, Math.floor((most * MOST_ANSWER_CHARS) / chars / 2)));
    }
  }

  async histogram(found: Found, buckets: number) {
    const { fromMs, toMs } = found.range;
    const bucketMs = bucketOf((toMs - fromMs) / buckets);
    const counted = await this.store.histogram({ ...found, bucketMs });
    return {
      from: iso(fromMs),
      to: iso(toMs),
      bucketMs,
      total: counted.reduce((sum, { count }) => sum + count, 0),
      missingDays: this.missingDays(found),
      buckets: counted.map(({ startMs, count }) => ({ start: iso(startMs), count })),
    };
  }

  top(found: Found, field: string, limit: number) {
    return this.store.top({ ...found, field, limit });
  }

  /** Throws NOT_FOUND: an event of another tenant is one that is not there. */
  async byId(id: string, { tenant }: Caller): Promise<FleetEvent> {
    const [event] = await this.store.byId([id]);
    const isForeign = tenant !== undefined && event?.['organization.id'] !== tenant;
    if (!event || isForeign) throw consoleError('NOT_FOUND', { what: 'event' });
    return event;
  }

  /** The half before and the half after, both nearest first, in one order. */
  async surrounding(id: string, caller: Caller, minutes: number, limit: number) {
    const event = await this.byId(id, caller);
    const timeMs = event['@timestamp'];
    const host: Query = { type: 'term', field: 'host.name', value: event['host.name'] };
    const query = withinTenant(host, event['organization.id'] as string | undefined);
    const half = Math.ceil(limit / 2);
    const reachMs = Math.round(minutes * 60_000);
    const before = { fromMs: timeMs - reachMs, toMs: timeMs };
    const after = { fromMs: timeMs, toMs: timeMs + reachMs + 1 };
    const [earlier, later] = await Promise.all([
      this.store.search({ query, range: before, order: 'newest', limit: half }),
      this.store.search({ query, range: after, order: 'oldest', limit: half }),
    ]);
    const own = later.events.some((one) => one['event.id'] === event['event.id']) ? [] : [event];
    const events = [...earlier.events.reverse(), ...own, ...later.events];
    return { events: events.map(shown), isCut: earlier.cursor !== undefined || later.cursor !== undefined };
  }

  /** Asked after the search: it may be what finds the damage. */
  missingDays({ range }: Found): string[] {
    return this.store.missingDays(range);
  }

  scan(found: Found, order: 'newest' | 'oldest'): AsyncIterable<FleetEvent> {
    return this.store.scan({ ...found, order });
  }
}

export function shown(event: FleetEvent): ShownEvent {
  return JSON.parse(encodeEvent(event)) as ShownEvent;
}

const STEPS_MS = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400].map((s) => s * 1_000);
const DAY_MS = 86_400_000;

/** The next round length; whole days beyond one. */
export function bucketOf(leastMs: number): number {
  return STEPS_MS.find((step) => step >= leastMs) ?? Math.ceil(leastMs / DAY_MS) * DAY_MS;
}
