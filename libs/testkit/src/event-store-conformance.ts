import type { Clock, EventStore, FleetEvent, Query } from '@fleetwall/core';
import { parseQuery } from '@fleetwall/query';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DOMAIN_NOW_MS,
  eventsArbitrary,
  fieldArbitrary,
  queryArbitrary,
  rangeArbitrary,
} from './event-store-domain.js';
import { createMemoryEventStore } from './memory-event-store.js';

/** A fresh, empty store for one test. */
export interface EventStoreHarness {
  store: EventStore;
  /** Waits until searches see what bulk has stored; absent when they do at once. */
  settle?: () => Promise<void>;
  /** Closes the store and removes what it left. */
  dispose: () => Promise<void>;
}

export interface EventStoreConformanceOptions {
  /** Whether fields outside ECS may have any name, and values of any type event by event; true when absent. */
  freeFields?: boolean;
  /** Random queries per random set of events; 100 when absent. */
  runs?: number;
}

const EVERYTHING = { fromMs: 0, toMs: DOMAIN_NOW_MS + 10 * 86_400_000 };
const ALL: Query = { type: 'all' };

/** The contract of the port EventStore; `create` gets the clock that judges times too far ahead. */
export function eventStoreConformance(
  name: string,
  create: (options: { clock: Clock }) => Promise<EventStoreHarness>,
  options: EventStoreConformanceOptions = {},
): void {
  const open = () => create({ clock: () => DOMAIN_NOW_MS });
  describe(`${name}: EventStore`, () => {
    writing(open);
    reading(open);
    randomQueries(open, { freeFields: options.freeFields ?? true }, options.runs ?? 100);
  });
}

const NL_64500 = { 'source.geo.country_iso_code': 'NL', 'source.as.number': 64_500 };
const BE_64501 = { 'source.geo.country_iso_code': 'BE', 'source.as.number': 64_501 };

const MEANING_EVENTS = [
  sampleEvent('a', 0, {
    ...{ 'user.name': 'Root', 'source.ip': '192.0.2.1', 'event.original': 'Failed LOGON of É' },
    ...NL_64500,
    'source.as.organization.name': 'Example, "Inc"',
  }),
  sampleEvent('b', 1, { 'user.name': '\u212a', 'source.ip': '::1', 'labels.tags': ['x', 'K'] }),
  sampleEvent('c', 2, {
    'user.name': 'é',
    'source.ip': '2001:db8::1',
    'source.port': 22,
    'labels.tags': [],
    ...BE_64501,
  }),
];

/** Queries whose answers are easily wrong, and the ids they find among MEANING_EVENTS. */
const MEANINGS: [Query, string[]][] = [
  [{ type: 'term', field: 'user.name', value: 'rOOT' }, ['a']],
  [{ type: 'term', field: 'user.name', value: 'k' }, []],
  [{ type: 'prefix', field: 'user.name', value: 'k' }, []],
  [{ type: 'wildcard', field: 'user.name', pattern: '?' }, ['b', 'c']],
  [{ type: 'term', field: 'user.name', value: 'É' }, []],
  [{ type: 'term', field: 'labels.tags', value: 'k' }, ['b']],
  [{ type: 'exists', field: 'labels.tags' }, ['b']],
  [{ type: 'not', of: { type: 'term', field: 'source.port', value: 22 } }, ['a', 'b']],
  [{ type: 'not', of: { type: 'or', of: [{ type: 'range', field: 'source.port', lte: 21 }] } }, ['a', 'b', 'c']],
  [{ type: 'term', field: 'source.port', value: '22' }, ['c']],
  [{ type: 'cidr', field: 'source.ip', network: '0.0.0.0/0' }, ['a']],
  [{ type: 'cidr', field: 'source.ip', network: '::/0' }, ['b', 'c']],
  [{ type: 'cidr', field: 'source.ip', network: '::/64' }, ['b']],
  [{ type: 'cidr', field: 'source.ip', network: '2001:db8::/33' }, ['c']],
  [{ type: 'text', value: 'é logon' }, ['a']],
  [{ type: 'text', value: 'logo' }, []],
  [{ type: 'text', value: '...' }, []],
  [{ type: 'and', of: [] }, ['a', 'b', 'c']],
  [{ type: 'or', of: [] }, []],
];

/** The same, as people type them. */
const TYPED: [string, string[]][] = [
  ['', ['a', 'b', 'c']],
  ['logon failed', ['a']],
  ['source.ip:192.0.2.0/24 AND user.name:RO*', ['a']],
  ['source.ip:2001:DB8:0::1', ['c']],
  ['source.port:* OR labels.tags:x', ['b', 'c']],
  ['NOT source.port:[20 TO 30] -user.name:root', ['b']],
  ['source.port:>22 OR source.port:>=22', ['c']],
  ['@timestamp:>2026-11-01 user.name:(root OR é)', ['a', 'c']],
  ['source.as.number:64500', ['a']],
  ['source.as.number:"64501" OR source.as.number:0', ['c']],
  ['source.as.number:(64500 OR 64501) NOT source.as.number:[64501 TO *]', ['a']],
  ['NOT source.as.number:*', ['b']],
  ['source.as.number:645*', []],
  ['source.geo.country_iso_code:nl', ['a']],
  ['-source.geo.country_iso_code:NL', ['b', 'c']],
  ['source.as.organization.name:"example, \\"inc\\""', ['a']],
];

type Open = () => Promise<EventStoreHarness>;

function useHarness(open: Open): { store: () => EventStore; put: (...events: FleetEvent[]) => Promise<void> } {
  let harness: EventStoreHarness;
  beforeEach(async () => {
    harness = await open();
  });
  afterEach(() => harness.dispose());
  return {
    store: () => harness.store,
    put: async (...events) => {
      expect(await harness.store.bulk(events)).toEqual({ created: events.length, duplicates: 0, rejected: [] });
      await harness.settle?.();
    },
  };
}

function writing(open: Open): void {
  describe('bulk', () => {
    const { store, put } = useHarness(open);

    it('creates only: an event that is there stays as it was, in one bulk and in the next', async () => {
      const first = sampleEvent('a', 0, { 'user.name': 'first' });
      const second = sampleEvent('a', 0, { 'user.name': 'second' });
      expect(await store().bulk([first, second])).toEqual({ created: 1, duplicates: 1, rejected: [] });
      expect(await store().bulk([second, sampleEvent('b', 0)])).toEqual({ created: 1, duplicates: 1, rejected: [] });
      expect(await store().byId(['a'])).toEqual([first]);
    });

    it('creates each event once when the same ones arrive at the same time', async () => {
      const events = Array.from({ length: 50 }, (_, i) => sampleEvent(`e${i}`, -i * 3_600_000));
      const results = await Promise.all([events, [...events].reverse(), events].map((bulk) => store().bulk(bulk)));
      expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(50);
      expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(100);
    });

    it('rejects absurd times and missing ids with a reason, and stores the rest', async () => {
      const { 'event.id': _, ...withoutId } = sampleEvent('x', 0);
      const absurd = [Date.UTC(1970, 0, 2), Date.UTC(2999, 0, 1), Number.NaN].map((timeMs, i) => ({
        ...sampleEvent(`t${i}`, 0),
        '@timestamp': timeMs,
      }));
      const result = await store().bulk([withoutId as FleetEvent, ...absurd, sampleEvent('good', 0)]);
      expect(result.created).toBe(1);
      const wrong = [withoutId, ...absurd];
      expect(result.rejected).toHaveLength(wrong.length);
      // The very objects: callers know by them where each event came from.
      for (const [i, { event }] of result.rejected.entries()) expect(event).toBe(wrong[i]);
      for (const { reason } of result.rejected) expect(reason).not.toBe('');
    });

    it('gives back every field as it was', async () => {
      const event = sampleEvent('a', 0, {
        'source.ip': '2001:db8::1',
        'source.port': 22,
        'event.ingested': DOMAIN_NOW_MS,
        'labels.fraction': 0.1,
        'labels.flag': false,
        'labels.tags': ['b', 'a', 'b'],
        'labels.empty': '',
        'event.original': '\ufeffodd \u0000 "quotes" \\ 😀\n',
      });
      await put(event);
      expect(await store().byId(['a', 'absent', 'a'])).toEqual([event]);
    });

    it('erases what a query finds within a range, and nothing else', async () => {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, i) =>
        sampleEvent(id, 0, { 'user.name': id === 'd' ? 'bob' : 'alice', '@timestamp': Date.UTC(2026, 10, 19 + i, 12) }),
      ) as [FleetEvent, FleetEvent, FleetEvent, FleetEvent];
      await put(a, b, c, d);
      const alice: Query = { type: 'term', field: 'user.name', value: 'alice' };
      const range = { fromMs: b['@timestamp'], toMs: d['@timestamp'] + 1 };
      expect(await store().erase({ query: alice, range })).toBe(2);
      expect(await idsOf(store(), ALL)).toEqual(['a', 'd']);
      expect(await store().byId(['b', 'c'])).toEqual([]);
      expect(await store().top({ query: ALL, range: EVERYTHING, field: 'user.name', limit: 5 })).toEqual([
        { value: 'alice', count: 1 },
        { value: 'bob', count: 1 },
      ]);
      expect(await store().erase({ query: alice, range })).toBe(0);
      expect((await store().bulk([b, d])).created).toBe(1);
    });

    it('erases beside writers and readers', async () => {
      const events = Array.from({ length: 300 }, (_, i) =>
        sampleEvent(`e${i}`, i, { 'user.name': i % 2 ? 'bob' : 'alice' }),
      );
      await put(...events);
      const alice: Query = { type: 'term', field: 'user.name', value: 'alice' };
      const more = Array.from({ length: 50 }, (_, i) => sampleEvent(`f${i}`, i, { 'user.name': 'carol' }));
      const [erased, written] = await Promise.all([
        store().erase({ query: alice, range: EVERYTHING }),
        store().bulk(more),
        store().count({ query: ALL, range: EVERYTHING }),
        store().search({ query: ALL, range: EVERYTHING, order: 'newest', limit: 10 }),
      ]);
      expect([erased, written.created]).toEqual([150, 50]);
      expect((await store().bulk(more)).duplicates).toBe(50);
      const left = await store().top({ query: ALL, range: EVERYTHING, field: 'user.name', limit: 5 });
      expect(left).toEqual([
        { value: 'bob', count: 150 },
        { value: 'carol', count: 50 },
      ]);
    });

    it('drops whole days that ended at or before the time', async () => {
      const midnightMs = Date.UTC(2026, 10, 21);
      const at = (id: string, timeMs: number) => ({ ...sampleEvent(id, 0), '@timestamp': timeMs });
      await put(at('a', midnightMs - 86_400_001), at('b', midnightMs - 1), at('c', midnightMs));
      expect(await store().dropDaysBefore(midnightMs - 1)).toEqual(['2026-11-19']);
      expect(await store().dropDaysBefore(midnightMs)).toEqual(['2026-11-20']);
      expect(await idsOf(store(), ALL)).toEqual(['c']);
      expect((await store().bulk([at('b', midnightMs - 1)])).created).toBe(1);
    });
  });
}

function reading(open: Open): void {
  describe('reading', () => {
    const { store, put } = useHarness(open);

    it('takes the start of a range and leaves its end', async () => {
      await put(sampleEvent('a', 0), sampleEvent('b', 1), sampleEvent('c', 2));
      const range = { fromMs: DOMAIN_NOW_MS, toMs: DOMAIN_NOW_MS + 2 };
      expect(await store().count({ query: ALL, range })).toBe(2);
    });

    it('goes on after a page by its cursor, also when events arrive in between', async () => {
      await put(...['d', 'b', 'a', 'c'].map((id) => sampleEvent(id, 0)), sampleEvent('old', -86_400_000));
      const request = { query: ALL, range: EVERYTHING, order: 'newest', limit: 2 } as const;
      const first = await store().search(request);
      expect(first.events.map((event) => event['event.id'])).toEqual(['a', 'b']);
      await put(sampleEvent('new', 1), sampleEvent('aa', 0));
      const second = await store().search({ ...request, cursor: first.cursor as string });
      expect(second.events.map((event) => event['event.id'])).toEqual(['c', 'd']);
      const third = await store().search({ ...request, cursor: second.cursor as string });
      expect(third.events.map((event) => event['event.id'])).toEqual(['old']);
      expect(third.cursor).toBeUndefined();
    });

    it.each([`a"}}],"must_not":[`, `x' OR 1=1 --`, '"\\"', '__proto__', '%', `'); DROP TABLE events; --`])(
      'takes %j as nothing but text',
      async (value) => {
        await put(sampleEvent('hit', 0, { 'user.name': value }), sampleEvent('other', 0, { 'user.name': 'x' }));
        expect(await idsOf(store(), { type: 'term', field: 'user.name', value })).toEqual(['hit']);
        expect(await idsOf(store(), { type: 'prefix', field: 'user.name', value })).toEqual(['hit']);
        expect(await idsOf(store(), { type: 'term', field: value, value: 'x' })).toEqual([]);
        expect(await store().count({ query: ALL, range: EVERYTHING })).toBe(2);
      },
    );

    it.each(MEANINGS)('finds by %j what it means', async (query, ids) => {
      await put(...MEANING_EVENTS);
      expect(await idsOf(store(), query)).toEqual(ids);
    });

    it.each(TYPED)('finds by "%s" what was asked for', async (typed, ids) => {
      await put(...MEANING_EVENTS);
      expect(await idsOf(store(), parseQuery(typed, DOMAIN_NOW_MS))).toEqual(ids);
    });

    it('counts in buckets that begin at multiples, across days', async () => {
      await put(sampleEvent('a', 0), sampleEvent('b', 1), sampleEvent('c', -86_400_000));
      const hour = await store().histogram({ query: ALL, range: EVERYTHING, bucketMs: 3_600_000 });
      expect(hour).toEqual([
        { startMs: DOMAIN_NOW_MS - 86_400_000, count: 1 },
        { startMs: DOMAIN_NOW_MS, count: 2 },
      ]);
      const wide = await store().histogram({ query: ALL, range: EVERYTHING, bucketMs: 365 * 86_400_000 });
      expect(wide.map(({ count }) => count)).toEqual([3]);
    });

    it('ranks values over all days, ties by value, each element of a list', async () => {
      await put(
        sampleEvent('a', 0, { 'user.name': 'y', 'labels.tags': ['x', 'y', 'x'] }),
        sampleEvent('b', -86_400_000, { 'user.name': 'y', 'labels.tags': ['y'] }),
        sampleEvent('c', -86_400_000, { 'user.name': 'b' }),
        sampleEvent('d', 0, { 'user.name': 'a' }),
      );
      expect(await store().top({ query: ALL, range: EVERYTHING, field: 'user.name', limit: 2 })).toEqual([
        { value: 'y', count: 2 },
        { value: 'a', count: 1 },
      ]);
      expect(await store().top({ query: ALL, range: EVERYTHING, field: 'labels.tags', limit: 5 })).toEqual([
        { value: 'y', count: 2 },
        { value: 'x', count: 1 },
      ]);
    });

    it('ranks networks and countries, a number as the text of it', async () => {
      await put(sampleEvent('a', 0, NL_64500), sampleEvent('b', -86_400_000, NL_64500), sampleEvent('c', 0, BE_64501));
      const top = (field: string) => store().top({ query: ALL, range: EVERYTHING, field, limit: 5 });
      expect(await top('source.as.number')).toEqual([
        { value: '64500', count: 2 },
        { value: '64501', count: 1 },
      ]);
      expect(await top('source.geo.country_iso_code')).toEqual([
        { value: 'NL', count: 2 },
        { value: 'BE', count: 1 },
      ]);
    });

    it('stops reading what nobody wants any more', async () => {
      await put(sampleEvent('a', 0));
      const wanted = { query: ALL, range: EVERYTHING };
      const unwanted = { ...wanted, signal: AbortSignal.abort() };
      await expect(store().search({ ...unwanted, order: 'newest', limit: 1 })).rejects.toThrow();
      await expect(store().histogram({ ...unwanted, bucketMs: 1_000 })).rejects.toThrow();
      await expect(store().top({ ...unwanted, field: 'host.name', limit: 1 })).rejects.toThrow();
      await expect(store().count(unwanted)).rejects.toThrow();
      expect(await store().count(wanted)).toBe(1);
    });

    it('lets go of a scan that is not read to its end', async () => {
      await put(...Array.from({ length: 30 }, (_, i) => sampleEvent(`e${i}`, i)));
      for await (const event of store().scan({ query: ALL, range: EVERYTHING, order: 'oldest' })) {
        expect(event['event.id']).toBe('e0');
        break;
      }
      expect(await store().count({ query: ALL, range: EVERYTHING })).toBe(30);
    });
  });
}

function randomQueries(open: Open, domain: { freeFields: boolean }, runs: number): void {
  describe('random queries over random events', () => {
    const seed = Number(process.env.FAST_CHECK_SEED ?? Date.now() % 2 ** 31);
    const events = fc.sample(eventsArbitrary(domain), { seed, numRuns: 1 })[0] as FleetEvent[];
    const reference = createMemoryEventStore({ clock: () => DOMAIN_NOW_MS });
    let harness: EventStoreHarness;
    beforeAll(async () => {
      harness = await open();
      await reference.bulk(events);
      expect(await harness.store.bulk(events)).toEqual({ created: events.length, duplicates: 0, rejected: [] });
      await harness.settle?.();
    });
    afterAll(() => harness.dispose());

    it(`answers as the reference does (FAST_CHECK_SEED=${seed})`, async () => {
      const request = fc.record({
        query: queryArbitrary(domain),
        range: rangeArbitrary(),
        order: fc.constantFrom('newest' as const, 'oldest' as const),
        limit: fc.constantFrom(1, 2, 7, 50, 10_000),
        bucketMs: fc.constantFrom(1, 1_000, 3_600_000, 86_400_000, 100_000_000),
        field: fieldArbitrary(domain),
      });
      const sameAnswers = fc.asyncProperty(request, async (asked) => {
        expect(await answersOf(harness.store, asked)).toEqual(await answersOf(reference, asked));
      });
      await fc.assert(sameAnswers, { seed, numRuns: runs, interruptAfterTimeLimit: 60_000 });
    }, 120_000);
  });
}

type Asked = Parameters<EventStore['search']>[0] & { bucketMs: number; field: string };

/** Everything a store can say about a query, in a form that compares every field of every event. */
async function answersOf(store: EventStore, { limit, bucketMs, field, ...asked }: Asked) {
  const scanned: string[] = [];
  for await (const event of store.scan(asked)) scanned.push(canonical(event));
  const paged: string[] = [];
  let cursor: string | undefined;
  // With small pages the first few tell enough.
  for (let page = 0; page < 5; page++) {
    const { events, cursor: next } = await store.search({ ...asked, limit, ...(cursor && { cursor }) });
    paged.push(...events.map(canonical));
    cursor = next;
    if (!cursor) break;
  }
  return {
    scanned,
    paged,
    more: cursor !== undefined,
    count: await store.count(asked),
    histogram: await store.histogram({ ...asked, bucketMs }),
    top: await store.top({ ...asked, field, limit: Math.min(limit, 50) }),
  };
}

function canonical(event: FleetEvent): string {
  return JSON.stringify(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function idsOf(store: EventStore, query: Query): Promise<(string | undefined)[]> {
  const page = await store.search({ query, range: EVERYTHING, order: 'oldest', limit: 100 });
  return page.events.map((event) => event['event.id']);
}

function sampleEvent(id: string, offsetMs: number, fields: Partial<FleetEvent> = {}): FleetEvent {
  return {
    '@timestamp': DOMAIN_NOW_MS + offsetMs,
    'event.id': id,
    'event.original': `Failed password for root from 192.0.2.1 port 50022 ssh2 (${id})`,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': ['authentication'],
    'event.type': ['start'],
    'event.action': 'ssh_login',
    'host.name': 'web1',
    'process.name': 'sshd',
    'fleetwall.evidence': 'handshake',
    ...fields,
  };
}
