import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistryChange } from '@fleetwall/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningElasticsearch, startElasticsearch } from '../../../../scripts/elasticsearch.mjs';
import { EVER, NOW_MS, sampleEvents } from '../test/events.js';
import { whyNoOwnServer } from '../test/server.js';
import { createElasticsearchEventStore } from './event-store/elasticsearch-event-store.js';
import { createCachedRegistry } from './registry/cached-registry.js';
import { createElasticsearchRegistry } from './registry/elasticsearch-registry.js';

const START_TIMEOUT_MS = 240_000;
const TEST_TIMEOUT_MS = 300_000;

(whyNoOwnServer ? describe.skip : describe)(
  `a server that stops${whyNoOwnServer ? ` (${whyNoOwnServer})` : ''}`,
  () => {
    let directory: string;
    let copies: string;
    let server: RunningElasticsearch;
    const closing: (() => Promise<void>)[] = [];
    const startAgain = async () => {
      server = await startElasticsearch({ directory, port: server.port });
    };
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'fleetwall-outage-'));
      copies = mkdtempSync(join(tmpdir(), 'fleetwall-copies-'));
      server = await startElasticsearch({ directory });
    }, START_TIMEOUT_MS);
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    afterAll(async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
      rmSync(copies, { recursive: true, force: true });
    }, START_TIMEOUT_MS);

    it(
      'and starts again in the middle of bulks: nothing is lost, nothing is there twice',
      async () => {
        const store = await createElasticsearchEventStore({
          nodes: [server.url],
          clock: () => NOW_MS,
          retryForMs: 1_000,
        });
        closing.push(() => store.close());
        const events = sampleEvents(10_000);
        const failures: unknown[] = [];
        let stored = 0;
        const storeAll = async () => {
          for (let at = 0; at < events.length; at += 500) {
            const result = await untilStored(() => store.bulk(events.slice(at, at + 500)), failures);
            expect(result.rejected).toEqual([]);
            expect(result.created + result.duplicates).toBe(500);
            stored += 500;
          }
        };
        const storing = storeAll();
        await until(() => stored >= 2_000);
        process.kill(-server.pid, 'SIGKILL');
        await until(() => failures.length > 0);
        await startAgain();
        await storing;
        for (const failure of failures) expect(failure).toMatchObject({ retryable: true });
        expect((await store.bulk(events)).duplicates).toBe(10_000);
        await fetch(`${server.url}/fleetwall-*/_refresh`, { method: 'POST' });
        expect(await store.count({ query: { type: 'all' }, range: EVER })).toBe(10_000);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'leaves services their last copy of the registry, also those that start meanwhile',
      async () => {
        const away: unknown[] = [];
        const open = () => {
          const inner = createElasticsearchRegistry({ nodes: [server.url], pollMs: 100, onError: () => undefined });
          const registry = createCachedRegistry({
            registry: inner,
            directory: copies,
            onAway: (error) => away.push(error),
          });
          closing.push(() => registry.close());
          return registry;
        };
        const [registry, other] = [open(), open()];
        await registry.put('lists', 'b', { allow: ['192.0.2.1'] });
        await registry.put('lists', 'gone', 1);
        expect(await registry.list('lists')).toHaveLength(2);
        // Changes of others reach the copy without another reading.
        const seen: RegistryChange[] = [];
        registry.watch('lists', (change) => seen.push(change));
        const version = await other.put('lists', 'a', { allow: ['192.0.2.2'] });
        await other.delete('lists', 'gone');
        await until(() => seen.length >= 2);

        await server.stop();
        const expected = [
          { id: 'a', version, value: { allow: ['192.0.2.2'] } },
          { id: 'b', version: expect.any(Number), value: { allow: ['192.0.2.1'] } },
        ];
        expect(await registry.list('lists')).toEqual(expected);
        expect(await registry.get('lists', 'a')).toEqual(expected[0]);
        expect(await registry.get('lists', 'gone')).toBeUndefined();
        await expect(registry.put('lists', 'c', 1)).rejects.toMatchObject({ code: 'ELASTICSEARCH_UNREACHABLE' });
        await expect(registry.list('never read')).rejects.toMatchObject({ code: 'ELASTICSEARCH_UNREACHABLE' });
        expect(away).toEqual([expect.objectContaining({ code: 'ELASTICSEARCH_UNREACHABLE' })]);
        const late = open();
        const lateSeen: RegistryChange[] = [];
        late.watch('lists', (change) => lateSeen.push(change));
        expect(await late.list('lists')).toEqual(expected);

        await startAgain();
        await untilStored(() => other.put('lists', 'c', 3), []);
        await until(async () => (await late.list('lists')).length === 3 && (await registry.list('lists')).length === 3);
        expect(away.at(-1)).toBeUndefined();
        const last = await other.put('lists', 'c', 4);
        for (const told of [seen, lateSeen]) await until(() => told.some((change) => change.version === last));
      },
      TEST_TIMEOUT_MS,
    );
  },
);

async function untilStored<T>(call: () => Promise<T>, failures: unknown[]): Promise<T> {
  const endMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      failures.push(error);
      if (Date.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
