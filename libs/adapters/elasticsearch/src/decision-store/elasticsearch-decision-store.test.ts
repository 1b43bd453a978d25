import type { DecisionStore } from '@fleetwall/core';
import { decisionStoreConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
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
}
