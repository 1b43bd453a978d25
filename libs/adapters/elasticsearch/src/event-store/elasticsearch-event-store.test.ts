import { eventStoreConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
import { createElasticsearchEventStore } from './elasticsearch-event-store.js';

const START_TIMEOUT_MS = 240_000;

if (whyNoServer) {
  describe.skip(`Elasticsearch event store (${whyNoServer})`, () => {
    it.todo('passes the conformance suite of the event store on a real server');
  });
} else {
  let server: Awaited<ReturnType<typeof testServer>>;
  beforeAll(async () => {
    server = await testServer();
  }, START_TIMEOUT_MS);
  afterAll(() => server.stop(), START_TIMEOUT_MS);

  eventStoreConformance('Elasticsearch', async ({ clock }) => {
    const prefix = newPrefix();
    const store = await createElasticsearchEventStore({ nodes: [server.url], prefix, clock, refresh: true });
    return {
      store,
      dispose: async () => {
        await store.close();
        await removeAll(server.url, prefix);
      },
    };
  });
}
