import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EVER, NOW_MS, sampleEvent, sampleEvents } from '../../test/events.js';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
import { UnrulyProxy } from '../../test/unruly-proxy.js';
import { createElasticsearchEventStore, type ElasticsearchEventStoreOptions } from './elasticsearch-event-store.js';

const START_TIMEOUT_MS = 240_000;
const BUSY = { status: 503, body: '{"error":{"type":"unavailable_shards_exception","reason":"busy"}}' };

(whyNoServer ? describe.skip : describe)(
  `Elasticsearch event store, faults${whyNoServer ? ` (${whyNoServer})` : ''}`,
  () => {
    let server: Awaited<ReturnType<typeof testServer>>;
    let proxy: UnrulyProxy;
    let url: string;
    let prefix: string;
    beforeAll(async () => {
      server = await testServer();
    }, START_TIMEOUT_MS);
    afterAll(() => server.stop(), START_TIMEOUT_MS);
    beforeEach(async () => {
      prefix = newPrefix();
      proxy = new UnrulyProxy(server.url);
      url = await proxy.start();
    });
    afterEach(async () => {
      await proxy.stop();
      await removeAll(server.url, prefix);
    });

    const open = (options: Partial<ElasticsearchEventStoreOptions> = {}) =>
      createElasticsearchEventStore({ nodes: [url], prefix, refresh: true, clock: () => NOW_MS, ...options });

    it('E11: stores all but the one bad document of 5,000 while the server is busy, cut off and forgetful', async () => {
      const store = await open();
      // Somebody made the index of the day by hand, and one document does not fit into it.
      const made = await fetch(`${server.url}/${prefix}-security-2026.11.22`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ mappings: { properties: { group: { properties: { id: { type: 'long' } } } } } }),
      });
      expect(made.status).toBe(200);
      const troubles = [
        { status: 429, headers: { 'retry-after': '1' } },
        BUSY,
        'pass',
        'lose the answer',
        BUSY,
        'hang up',
        { status: 429 },
        { status: 502 },
      ] as const;
      let bulks = 0;
      proxy.onRequest = (path) => (path.includes('_bulk') ? (troubles[bulks++] ?? 'pass') : 'pass');
      const events = sampleEvents(5_000);
      const bad = sampleEvent('bad', { 'group.id': 'not a number' });
      events[2_345] = bad;
      const { created, duplicates, rejected } = await store.bulk(events);
      expect(bulks).toBeGreaterThan(troubles.length);
      expect(rejected).toHaveLength(1);
      expect(rejected[0]?.event).toBe(bad);
      expect(rejected[0]?.reason).toMatch(/group\.id/);
      // Of the bulk whose answer was lost it looks as if its events had been there before.
      expect(created + duplicates).toBe(4_999);
      expect(await store.count({ query: { type: 'all' }, range: EVER })).toBe(4_999);
      await store.close();
    }, 60_000);

    it('gives up after its time, with nothing lost when the same call is made again', async () => {
      const store = await open({ retryForMs: 300 });
      proxy.onRequest = () => BUSY;
      await expect(store.bulk([sampleEvent('a')])).rejects.toMatchObject({
        code: 'ELASTICSEARCH_BUSY',
        retryable: true,
      });
      proxy.onRequest = () => 'hang up';
      await expect(store.bulk([sampleEvent('a')])).rejects.toMatchObject({
        code: 'ELASTICSEARCH_UNREACHABLE',
        retryable: true,
      });
      await expect(store.count({ query: { type: 'all' }, range: EVER })).rejects.toMatchObject({
        code: 'ELASTICSEARCH_UNREACHABLE',
      });
      proxy.onRequest = () => 'pass';
      expect((await store.bulk([sampleEvent('a')])).created).toBe(1);
      await store.close();
      await expect(store.bulk([sampleEvent('b')])).rejects.toMatchObject({ code: 'ELASTICSEARCH_CLOSED' });
    });

    it('sends less at once when something in between takes less, and rejects what does not fit at all', async () => {
      const store = await open();
      let seen = 0;
      proxy.onRequest = (path) => {
        if (!path.includes('_bulk')) return 'pass';
        // The first two are told to shrink; then everything fits.
        return seen++ < 2 ? { status: 413 } : 'pass';
      };
      expect(await store.bulk(sampleEvents(100))).toEqual({ created: 100, duplicates: 0, rejected: [] });
      expect(seen).toBeGreaterThan(4);
      proxy.onRequest = (path) => (path.includes('_bulk') ? { status: 413 } : 'pass');
      const events = [sampleEvent('x'), sampleEvent('y')];
      expect((await store.bulk(events)).rejected.map(({ event }) => event)).toEqual(events);
      await store.close();
    });

    it('says what is wrong with a server that is away, too old, or none at all', async () => {
      const root = (version: string) => ({ status: 200, body: JSON.stringify({ version: { number: version } }) });
      proxy.onRequest = () => root('8.18.9');
      await expect(open()).rejects.toMatchObject({ code: 'ELASTICSEARCH_VERSION', retryable: false });
      proxy.onRequest = () => ({ status: 200, headers: { 'x-elastic-product': 'other' }, body: '{}' });
      await expect(open()).rejects.toMatchObject({ code: 'ELASTICSEARCH_VERSION' });
      proxy.onRequest = () => ({ status: 401 });
      await expect(open()).rejects.toMatchObject({ code: 'ELASTICSEARCH_DENIED', retryable: false });
      await proxy.stop();
      await expect(open()).rejects.toMatchObject({ code: 'ELASTICSEARCH_UNREACHABLE', retryable: true });
    });
  },
);
