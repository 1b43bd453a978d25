import type { AlertChange, DecisionStore } from '@fleetwall/core';
import { decisionStoreConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
import { UnrulyProxy } from '../../test/unruly-proxy.js';
import { createElasticsearchDecisionStore } from './elasticsearch-decision-store.js';

const START_TIMEOUT_MS = 240_000;

if (whyNoServer) {
  describe.skip(`Elasticsearch decision store (${whyNoServer})`, () => {
    it.todo('passes the conformance suite of the decision store on a real server');
  });
} else {
  let server: Awaited<ReturnType<typeof testServer>>;
  beforeAll(async () => {
    server = await testServer();
  }, START_TIMEOUT_MS);
  afterAll(() => server.stop(), START_TIMEOUT_MS);

  decisionStoreConformance('Elasticsearch', async () => {
    const prefix = newPrefix();
    const opened: DecisionStore[] = [];
    const openAnother = async () => {
      const store = await createElasticsearchDecisionStore({ nodes: [server.url], prefix, refresh: true });
      opened.push(store);
      return store;
    };
    return {
      store: await openAnother(),
      openAnother,
      dispose: async () => {
        for (const store of opened) await store.close();
        await removeAll(server.url, prefix);
      },
    };
  });

  it('an erasure fails when what is to go is refused', async () => {
    const prefix = newPrefix();
    const proxy = new UnrulyProxy(server.url);
    const store = await createElasticsearchDecisionStore({ nodes: [await proxy.start()], prefix, refresh: true });
    const alert = {
      ...{ id: 'a', tenant: 'acme', version: 1, state: 'over', rule: 'r', level: 'high', firstMs: 1, lastMs: 2 },
      ...{ key: {}, contributors: [], cleared: [], hosts: [], evidence: [], tags: [] },
    } as unknown as AlertChange;
    await store.putAlerts([alert]);
    proxy.onRequest = (path) => (path.includes('_bulk') ? { status: 413 } : 'pass');
    await expect(store.erase({ tenant: 'acme' })).rejects.toMatchObject({ code: 'ELASTICSEARCH_FAILED' });
    proxy.onRequest = () => 'pass';
    expect((await store.erase({ tenant: 'acme' })).alerts).toEqual(['a']);
    await store.close();
    await proxy.stop();
    await removeAll(server.url, prefix);
  });
}
