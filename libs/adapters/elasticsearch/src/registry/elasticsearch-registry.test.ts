import { registryConformance } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../test/server.js';
import { createElasticsearchRegistry } from './elasticsearch-registry.js';

const START_TIMEOUT_MS = 240_000;

if (whyNoServer) {
  describe.skip(`Elasticsearch registry (${whyNoServer})`, () => {
    it.todo('passes the conformance suite of the registry on a real server');
  });
} else {
  let server: Awaited<ReturnType<typeof testServer>>;
  beforeAll(async () => {
    server = await testServer();
  }, START_TIMEOUT_MS);
  afterAll(() => server.stop(), START_TIMEOUT_MS);

  registryConformance('Elasticsearch', async () => {
    const prefix = newPrefix();
    const open = async () => {
      const opened = createElasticsearchRegistry({ nodes: [server.url], prefix });
      await opened.list('');
      return opened;
    };
    const registry = await open();
    const others: (typeof registry)[] = [];
    return {
      registry,
      openAnother: async () => {
        const other = await open();
        others.push(other);
        return other;
      },
      dispose: async () => {
        for (const one of [registry, ...others]) await one.close();
        await removeAll(server.url, prefix);
      },
    };
  });
}
