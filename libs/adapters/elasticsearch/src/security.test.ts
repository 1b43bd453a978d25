import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningElasticsearch, startElasticsearch } from '../../../../scripts/elasticsearch.mjs';
import { EVER, sampleEvent } from '../test/events.js';
import { whyNoTlsServer } from '../test/server.js';
import { createElasticsearchDecisionStore } from './decision-store/elasticsearch-decision-store.js';
import { createElasticsearchEventStore } from './event-store/elasticsearch-event-store.js';
import { createElasticsearchRegistry } from './registry/elasticsearch-registry.js';

const START_TIMEOUT_MS = 240_000;

/** As the README tells operators to make them. */
const INDEXER_RIGHTS = {
  cluster: ['monitor', 'manage_index_templates'],
  indices: [
    {
      names: ['fleetwall-*'],
      privileges: [
        'create_index',
        'create_doc',
        'index',
        'delete',
        'read',
        'view_index_metadata',
        'delete_index',
        'maintenance',
      ],
    },
  ],
};
const READER_RIGHTS = {
  cluster: ['monitor'],
  indices: [{ names: ['fleetwall-*'], privileges: ['read', 'view_index_metadata'] }],
};

(whyNoTlsServer ? describe.skip : describe)(`a secured server${whyNoTlsServer ? ` (${whyNoTlsServer})` : ''}`, () => {
  let server: RunningElasticsearch;
  let ca: string;
  let basic: { username: string; password: string };
  const closing: { close(): Promise<void> }[] = [];
  const closeLater = <T extends { close(): Promise<void> }>(one: T): T => {
    closing.push(one);
    return one;
  };
  beforeAll(async () => {
    server = await startElasticsearch({ tls: true });
    ca = server.ca as string;
    basic = { username: server.username as string, password: server.password as string };
  }, START_TIMEOUT_MS);
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close();
  });
  afterAll(() => server.stop(), START_TIMEOUT_MS);

  /** A key with these rights; made with the client's own means, since fetch takes no certificate. */
  const keyWith = async (rights: object): Promise<string> => {
    const { Client } = await import('@elastic/elasticsearch');
    const client = new Client({ node: server.url, auth: basic, tls: { ca } });
    const { encoded } = await client.security.createApiKey({ name: 'test', role_descriptors: { fleetwall: rights } });
    await client.close();
    return encoded;
  };

  it('takes a key with the rights of the README for everything an indexer does', async () => {
    const options = { nodes: [server.url], ca, auth: { apiKey: await keyWith(INDEXER_RIGHTS) }, refresh: true };
    const store = closeLater(await createElasticsearchEventStore({ ...options, quota: { bytesPerTenantPerDay: 1e9 } }));
    const timeMs = Date.now();
    const event = sampleEvent('a', { '@timestamp': timeMs });
    expect(await store.bulk([event, sampleEvent('old', { '@timestamp': timeMs - 3 * 86_400_000 })])).toMatchObject({
      created: 2,
    });
    expect(await store.byId(['a'])).toEqual([event]);
    expect(await store.dropDaysBefore(timeMs - 86_400_000)).toHaveLength(1);
    let scanned = 0;
    for await (const _ of store.scan({ query: { type: 'all' }, range: EVER, order: 'newest' })) scanned++;
    expect(scanned).toBe(1);
    const registry = closeLater(createElasticsearchRegistry(options));
    const version = await registry.put('c', 'a', 1);
    expect(await registry.list('c')).toEqual([{ id: 'a', version, value: 1 }]);
    const decisions = closeLater(await createElasticsearchDecisionStore(options));
    await decisions.putBlocks([
      { id: 'b', version: 1, target: '192.0.2.1', scope: { type: 'fleet' }, atMs: 1, untilMs: 2 } as never,
    ]);
    expect((await decisions.blocks({ fromMs: 0, toMs: 9, limit: 1 })).blocks).toHaveLength(1);
    expect(await decisions.dropBefore(5)).toEqual({ alerts: 0, blocks: 1 });

    const reading = { ...options, auth: { apiKey: await keyWith(READER_RIGHTS) }, createTemplates: false };
    const reader = closeLater(await createElasticsearchEventStore(reading));
    expect(await reader.count({ query: { type: 'all' }, range: EVER })).toBe(1);
    await expect(reader.bulk([sampleEvent('b', { '@timestamp': timeMs })])).rejects.toMatchObject({
      code: 'ELASTICSEARCH_DENIED',
    });
    expect(await closeLater(createElasticsearchRegistry(reading)).list('c')).toHaveLength(1);
  });

  it('takes a user, and its certificate by fingerprint', async () => {
    const caFingerprint = new X509Certificate(ca).fingerprint256;
    const nodes = [server.url];
    closeLater(await createElasticsearchEventStore({ nodes, auth: basic, caFingerprint }));
    closeLater(
      await createElasticsearchEventStore({
        nodes,
        auth: basic,
        caFingerprint: caFingerprint.replaceAll(':', '').toLowerCase(),
      }),
    );
  });

  it('says what is wrong with a key, a password or a certificate', async () => {
    const nodes = [server.url];
    const denied = { code: 'ELASTICSEARCH_DENIED', retryable: false };
    await expect(createElasticsearchEventStore({ nodes, ca })).rejects.toMatchObject(denied);
    await expect(createElasticsearchEventStore({ nodes, ca, auth: { apiKey: 'bm86bm8=' } })).rejects.toMatchObject(
      denied,
    );
    await expect(createElasticsearchEventStore({ nodes, ca, auth: { ...basic, password: 'x' } })).rejects.toMatchObject(
      denied,
    );
    const unreachable = { code: 'ELASTICSEARCH_UNREACHABLE' };
    await expect(createElasticsearchEventStore({ nodes, auth: basic })).rejects.toMatchObject(unreachable);
    const caFingerprint = '00'.repeat(32);
    await expect(createElasticsearchEventStore({ nodes, auth: basic, caFingerprint })).rejects.toMatchObject(
      unreachable,
    );
  });
});
