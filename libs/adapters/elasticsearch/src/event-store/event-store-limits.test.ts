import type { EventStore, Query } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EVER, NOW_MS, sampleEvent, sampleEvents } from '../../test/events.js';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
import { createElasticsearchEventStore, type ElasticsearchEventStoreOptions } from './elasticsearch-event-store.js';

const START_TIMEOUT_MS = 240_000;
const DAY_MS = 86_400_000;
const ALL: Query = { type: 'all' };

(whyNoServer ? describe.skip : describe)(
  `Elasticsearch event store, limits${whyNoServer ? ` (${whyNoServer})` : ''}`,
  () => {
    let server: Awaited<ReturnType<typeof testServer>>;
    let prefix: string;
    let opened: EventStore[];
    beforeAll(async () => {
      server = await testServer();
    }, START_TIMEOUT_MS);
    afterAll(() => server.stop(), START_TIMEOUT_MS);
    beforeEach(() => {
      prefix = newPrefix();
      opened = [];
    });
    afterEach(async () => {
      for (const store of opened) await store.close();
      await removeAll(server.url, prefix);
    });

    const open = async (options: Partial<ElasticsearchEventStoreOptions> = {}) => {
      const common = { nodes: [server.url], prefix, refresh: true, clock: () => NOW_MS };
      const store = await createElasticsearchEventStore({ ...common, ...options });
      opened.push(store);
      return store;
    };
    const ask = async (path: string, body?: object) => {
      const options = body && {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      const response = await fetch(`${server.url}/${path}`, options);
      expect(response.status).toBe(200);
      return (await response.json()) as Record<string, Record<string, unknown>>;
    };

    it('keeps a day and kind in an index of its own, and writes nothing twice when it comes again', async () => {
      const store = await open();
      const events = [
        sampleEvent('before midnight', { '@timestamp': NOW_MS - DAY_MS / 2 - 1 }),
        sampleEvent('after midnight', { '@timestamp': NOW_MS - DAY_MS / 2 }),
        sampleEvent('firewall', { 'event.category': ['network'] }),
        sampleEvent('antivirus', { 'event.category': ['malware'] }),
      ];
      expect((await store.bulk(events)).created).toBe(4);
      const later = await open({ clock: () => NOW_MS + 2 * DAY_MS });
      expect(await later.bulk(events)).toEqual({ created: 0, duplicates: 4, rejected: [] });
      expect(Object.keys(await ask(`${prefix}-*/_mapping`)).sort()).toEqual(
        ['antivirus-2026.11.22', 'firewall-2026.11.22', 'security-2026.11.21', 'security-2026.11.22'].map(
          (name) => `${prefix}-${name}`,
        ),
      );
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['text where a number belongs', { 'source.port': '22' }, 'source.port is not a whole number'],
      ['a number where text belongs', { 'user.name': 5 }, 'user.name is not text or a list of texts'],
      ['an object', { 'x.y': {} }, 'x.y is not text, a number, a boolean or a list of texts'],
      ['null', { 'x.y': null }, 'x.y is not text, a number, a boolean or a list of texts'],
      [
        'a time that no calendar has',
        { 'event.ingested': 8.7e15 },
        'event.ingested is not a time in whole milliseconds',
      ],
      ['a long id', { 'event.id': 'é'.repeat(257) }, 'event.id is longer than 512 bytes'],
      ['half a surrogate in the id', { 'event.id': 'a\ud800' }, 'event.id is not well-formed Unicode'],
      ['a day long gone', { '@timestamp': NOW_MS - 401 * DAY_MS }, '@timestamp is more than 400 days ago'],
      ['two megabytes', { note: 'x'.repeat(2_000_000) }, 'more than 1000000'],
      [
        'thousands of fields',
        Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, i])),
        'more than 1000',
      ],
      ['a name without end', { ['n'.repeat(600)]: 1 }, 'is longer than 512 bytes'],
    ])('rejects %s, and stores what comes with it', async (_, fields, reason) => {
      const store = await open();
      const wrong = sampleEvent('wrong', fields);
      const { created, rejected } = await store.bulk([wrong, sampleEvent('right')]);
      expect(created).toBe(1);
      expect(rejected).toHaveLength(1);
      expect(rejected[0]?.event).toBe(wrong);
      expect(rejected[0]?.reason).toContain(reason);
    });

    it('maps nothing by what events hold, and finds it all the same', async () => {
      const store = await open();
      await store.bulk([sampleEvent('plain')]);
      const index = `${prefix}-security-2026.11.22`;
      const before = await ask(`${index}/_mapping`);
      const many = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`field${i}.a.b`, i % 2 ? `v${i}` : i]));
      const hostile = {
        ...many,
        user: 'x',
        'source.ip.a': 1,
        'source.ip': 'not an address',
        _id: 'y',
        'fleetwall.other': 'z',
        '': 'e',
        '..': 'd',
      };
      const events = [sampleEvent('hostile', hostile), sampleEvent('conflict', { 'field1.a.b': true, 'field1.a': 7 })];
      expect(await store.bulk(events)).toEqual({ created: 2, duplicates: 0, rejected: [] });
      expect(await ask(`${index}/_mapping`)).toEqual(before);
      expect(await store.byId(['hostile', 'conflict'])).toEqual(events);
      const count = (query: Query) => store.count({ query, range: EVER });
      for (const field of ['user', '_id', 'fleetwall.other', '', '..', 'source.ip.a']) {
        expect(await count({ type: 'exists', field })).toBe(1);
      }
      expect(await count({ type: 'term', field: 'source.ip', value: 'Not an ADDRESS' })).toBe(1);
      expect(await count({ type: 'term', field: 'field899.a.b', value: 'V899' })).toBe(1);
      expect(await count({ type: 'range', field: 'field898.a.b', gte: 898, lte: 898 })).toBe(1);
      expect(await count({ type: 'exists', field: 'field1.a.b' })).toBe(2);
    });

    it('stores half surrogates as U+FFFD and very long values whole', async () => {
      const store = await open();
      const long = 'ab '.repeat(100_000);
      await store.bulk([
        sampleEvent('a', { 'user.name': 'x\udc00', 'f\ud800': 'y\ud83d', 'process.command_line': long, note: long }),
      ]);
      expect(await store.byId(['a'])).toEqual([
        sampleEvent('a', { 'user.name': 'x\ufffd', 'f\ufffd': 'y\ufffd', 'process.command_line': long, note: long }),
      ]);
      expect(await store.count({ query: { type: 'prefix', field: 'note', value: 'AB ab' }, range: EVER })).toBe(1);
    });

    it('D02, D11: refuses queries beyond its limits and cursors that are none', async () => {
      const store = await open();
      await store.bulk([sampleEvent('a', { 'user.name': `${'ab'.repeat(400)}c` })]);
      const refused = { code: 'ELASTICSEARCH_QUERY_REFUSED' };
      const search = (query: Query, limit = 1, cursor?: string) =>
        store.search({ query, range: EVER, order: 'newest', limit, ...(cursor !== undefined && { cursor }) });
      let deep: Query = ALL;
      for (let i = 0; i < 1_000; i++) deep = { type: 'not', of: deep };
      const term: Query = { type: 'term', field: 'labels.x', value: 'x' };
      await expect(search(deep)).rejects.toMatchObject(refused);
      await expect(search({ type: 'or', of: Array(10_000).fill(term) })).rejects.toMatchObject(refused);
      await expect(
        search({ type: 'wildcard', field: 'user.name', pattern: 'a*'.repeat(10_000) }),
      ).rejects.toMatchObject(refused);
      for (const limit of [0, -1, 1.5, 10_001, 1e9]) await expect(search(ALL, limit)).rejects.toMatchObject(refused);
      await expect(store.histogram({ query: ALL, range: EVER, bucketMs: 0 })).rejects.toMatchObject(refused);
      await expect(store.top({ query: ALL, range: EVER, field: 'user.name', limit: 1e9 })).rejects.toMatchObject(
        refused,
      );
      for (const cursor of ['', 'x', 'W10', Buffer.from('["a","b"]').toString('base64url')]) {
        await expect(search(ALL, 1, cursor)).rejects.toMatchObject({ code: 'ELASTICSEARCH_CURSOR_INVALID' });
      }
      await expect(search({ type: 'cidr', field: 'source.ip', network: '192.0.2.0/33' })).rejects.toMatchObject({
        code: 'ADDRESS_INVALID',
      });
    });

    it('answers the largest trees and patterns that it takes', async () => {
      const store = await open();
      await store.bulk([sampleEvent('a', { 'user.name': `${'ab'.repeat(400)}c` })]);
      const term: Query = { type: 'term', field: 'labels.x', value: 'x' };
      const wildcard: Query = { type: 'wildcard', field: 'user.name', pattern: `${'a*'.repeat(40)}c` };
      const count = (query: Query) => store.count({ query, range: EVER });
      expect(await count({ type: 'or', of: [...Array(1_000).fill(term), wildcard] })).toBe(1);
      expect(await count({ type: 'wildcard', field: 'labels.x', pattern: '*a*b*c*d*e*'.repeat(20) })).toBe(0);
      let deep: Query = { type: 'prefix', field: 'labels.x', value: 'x' };
      for (let i = 0; i < 24; i++) deep = { type: 'not', of: deep };
      expect(await count(deep)).toBe(0);
    });

    it('keeps a tenant to its bytes a day, across instances, and takes the others on', async () => {
      const quota = { bytesPerTenantPerDay: 3_000, overrides: { rich: 1_000_000 }, refreshMs: 0 };
      const [one, other] = [await open({ quota }), await open({ quota })];
      const of = (tenant: string) =>
        Array.from({ length: 30 }, (_, i) => sampleEvent(`${tenant}${i}`, { 'organization.id': tenant }));
      const first = await one.bulk([...of('acme').slice(0, 10), ...of('rich')]);
      expect(first).toMatchObject({ created: 40, rejected: [] });
      const second = await other.bulk(of('acme').slice(10));
      expect(second.created).toBeGreaterThan(0);
      expect(second.created + second.rejected.length).toBe(20);
      expect(second.rejected.length).toBeGreaterThan(0);
      for (const { reason } of second.rejected) expect(reason).toMatch(/^QUOTA: tenant acme .* 2026-11-22$/);
      expect(
        (await one.bulk([sampleEvent('late', { 'organization.id': 'acme', note: 'x'.repeat(1_000) })])).rejected,
      ).toHaveLength(1);
      const nextDay = sampleEvent('next', { 'organization.id': 'acme', '@timestamp': NOW_MS + DAY_MS });
      expect((await one.bulk([nextDay, sampleEvent('nobody')])).created).toBe(2);
    });

    it('pages and scans through more than one page of the server, and drops days', async () => {
      const store = await open();
      await store.bulk(sampleEvents(5_000));
      let scanned = 0;
      for await (const _ of store.scan({ query: ALL, range: EVER, order: 'oldest' })) scanned++;
      expect(scanned).toBe(5_000);
      const page = await store.search({ query: ALL, range: EVER, order: 'newest', limit: 10_000 });
      expect(page.events).toHaveLength(5_000);
      expect(await store.dropDaysBefore(NOW_MS + DAY_MS)).toEqual(['2026-11-22']);
      expect(await store.count({ query: ALL, range: EVER })).toBe(0);
    });
  },
);
