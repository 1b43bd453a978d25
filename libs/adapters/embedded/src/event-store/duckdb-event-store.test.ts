import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore, FleetEvent, Query } from '@fleetwall/core';
import { eventStoreConformance } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDuckDbEventStore, type DuckDbEventStoreOptions } from './duckdb-event-store.js';

eventStoreConformance('DuckDB', async ({ clock }) => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-events-'));
  const store = await createDuckDbEventStore({ directory, clock });
  return {
    store,
    dispose: async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

const RANGE = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
const ALL: Query = { type: 'all' };

describe('DuckDB event store', () => {
  let directory: string;
  let store: EventStore;
  const open = async (options: Partial<DuckDbEventStoreOptions> = {}) => {
    store = await createDuckDbEventStore({ directory, ...options });
    return store;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "fleetwall'events-"));
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('stores what waits when it closes, and takes nothing afterwards', async () => {
    await open();
    const waiting = store.bulk([event('a'), event('b')]);
    await store.close();
    expect((await waiting).created).toBe(2);
    await expect(store.bulk([event('c')])).rejects.toMatchObject({ code: 'EVENT_STORE_CLOSED' });
    await expect(store.count({ query: ALL, range: RANGE })).rejects.toMatchObject({ code: 'EVENT_STORE_CLOSED' });
    await open();
    expect((await store.byId(['b', 'a'])).map((found) => found['event.id'])).toEqual(['b', 'a']);
    expect((await store.bulk([event('a')])).duplicates).toBe(1);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['text where a number belongs', { 'source.port': '22' }, 'source.port is not a whole number'],
    ['a fraction where a whole number belongs', { 'process.pid': 1.5 }, 'process.pid is not a whole number'],
    ['a list where text belongs', { 'user.name': ['a'] }, 'user.name is not text'],
    ['an object', { 'x.y': {} }, 'x.y is not text, a number, a boolean or a list of texts'],
    ['null', { 'x.y': null }, 'x.y is not text, a number, a boolean or a list of texts'],
    ['not a number', { 'x.y': Number.NaN }, 'x.y is not text, a number, a boolean or a list of texts'],
    ['a list of numbers', { 'x.y': [1] }, 'x.y is not text, a number, a boolean or a list of texts'],
    ['a long id', { 'event.id': 'é'.repeat(257) }, 'event.id is longer than 512 bytes'],
    ['half a surrogate in the id', { 'event.id': 'a\ud800' }, 'event.id is not well-formed Unicode'],
    [
      'a time between milliseconds',
      { '@timestamp': Date.now() + 0.5 },
      '@timestamp is not a whole number of milliseconds',
    ],
  ])('rejects %s', async (_, fields, reason) => {
    await open();
    const wrong = { ...event('a'), ...fields } as FleetEvent;
    expect(await store.bulk([wrong, event('b')])).toEqual({
      created: 1,
      duplicates: 0,
      rejected: [{ event: wrong, reason }],
    });
  });

  it('stores half surrogates in names and values as U+FFFD, and goes on reading', async () => {
    await open();
    await store.bulk([{ ...event('a'), 'user.name': 'x\udc00', 'f\ud800': 'y\ud83d', list: ['\ud800'] }]);
    const query: Query = { type: 'term', field: 'f\ufffd', value: 'Y\ufffd' };
    const page = await store.search({ query, range: RANGE, order: 'newest', limit: 1 });
    expect(page.events).toEqual([{ ...event('a'), 'user.name': 'x\ufffd', 'f\ufffd': 'y\ufffd', list: ['\ufffd'] }]);
  });

  it('D02, D11: refuses queries beyond its limits and cursors that are none', async () => {
    await open();
    const refused = { code: 'EVENT_STORE_QUERY_REFUSED' };
    const search = (query: Query, limit = 1, cursor?: string) =>
      store.search({ query, range: RANGE, order: 'newest', limit, ...(cursor !== undefined && { cursor }) });
    let deep: Query = ALL;
    for (let i = 0; i < 1_000; i++) deep = { type: 'not', of: deep };
    const term: Query = { type: 'term', field: 'user.name', value: 'x' };
    await expect(search(deep)).rejects.toMatchObject(refused);
    await expect(search({ type: 'or', of: Array(10_000).fill(term) })).rejects.toMatchObject(refused);
    const pattern = 'a*'.repeat(10_000);
    await expect(search({ type: 'wildcard', field: 'user.name', pattern })).rejects.toMatchObject(refused);
    await expect(search(ALL, 0)).rejects.toMatchObject(refused);
    await expect(search(ALL, 10_001)).rejects.toMatchObject(refused);
    await expect(store.histogram({ query: ALL, range: RANGE, bucketMs: 0 })).rejects.toMatchObject(refused);
    for (const cursor of ['', 'x', 'W10', Buffer.from('[1,2]').toString('base64url')]) {
      await expect(search(ALL, 1, cursor)).rejects.toMatchObject({ code: 'EVENT_STORE_CURSOR_INVALID' });
    }
    const network = '192.0.2.0/33';
    await expect(search({ type: 'cidr', field: 'source.ip', network })).rejects.toMatchObject({
      code: 'ADDRESS_INVALID',
    });
  });

  it('answers the largest trees and patterns that it takes', async () => {
    await open();
    await store.bulk([{ ...event('a'), 'user.name': `${'ab'.repeat(400)}c` }]);
    const term: Query = { type: 'term', field: 'labels.x', value: 'x' };
    const wildcard: Query = { type: 'wildcard', field: 'user.name', pattern: `${'a*'.repeat(400)}c` };
    expect(await store.count({ query: { type: 'or', of: [...Array(1_000).fill(term), wildcard] }, range: RANGE })).toBe(
      1,
    );
    const hopeless: Query = { type: 'wildcard', field: 'user.name', pattern: '*a*b*c*d*e*'.repeat(20) };
    expect(await store.count({ query: hopeless, range: RANGE })).toBe(0);
  }, 30_000);

  it('interrupts a read that takes too long, and goes on', async () => {
    await open({ queryTimeoutMs: 1 });
    await store.bulk(Array.from({ length: 20_000 }, (_, i) => event(`e${i}`)));
    const query: Query = { type: 'wildcard', field: 'event.original', pattern: '*x*y*z*' };
    await expect(store.count({ query, range: RANGE })).rejects.toMatchObject({ code: 'EVENT_STORE_TIMEOUT' });
    await store.close();
    await open();
    expect(await store.count({ query, range: RANGE })).toBe(0);
  });

  it('lets a scan be left while its next page is being read', async () => {
    await open();
    await store.bulk(Array.from({ length: 5_000 }, (_, i) => event(`e${i}`)));
    const events = store.scan({ query: ALL, range: RANGE, order: 'newest' })[Symbol.asyncIterator]();
    const next = events.next().catch((error: unknown) => error);
    await events.return?.();
    await next;
    expect(await store.count({ query: ALL, range: RANGE })).toBe(5_000);
  });
});

function event(id: string): FleetEvent {
  return { '@timestamp': Date.UTC(2026, 9, 1), 'event.id': id, 'event.original': `line of ${id}` } as FleetEvent;
}
