import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '@fleetwall/config';
import type { AlertChange, Clock, DecisionStore, EventStore, FleetEvent } from '@fleetwall/core';
import { createElasticsearchDecisionStore, createElasticsearchEventStore } from '@fleetwall/elasticsearch';
import { createDuckDbEventStore, createLmdbDecisionStore } from '@fleetwall/embedded';
import { Retention } from '@fleetwall/indexer-service';
import { createMemoryDecisionStore, createMemoryEventStore } from '@fleetwall/testkit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newPrefix, removeAll, testServer, whyNoServer } from '../../libs/adapters/elasticsearch/test/server.js';

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 10, 1, 12);
const EVER = { fromMs: 0, toMs: T0 + 400 * DAY_MS };

interface Stores {
  store: EventStore;
  decisions: DecisionStore;
  dispose: () => Promise<void>;
}

function eventOf(id: string, tenant: string, isLogon: boolean): FleetEvent {
  return {
    '@timestamp': T0,
    'event.id': id,
    'event.original': id,
    'event.kind': 'event',
    'event.module': 'sshd',
    'event.category': isLogon ? ['authentication'] : ['session'],
    'event.type': ['start'],
    'event.action': 'x',
    'host.name': 'web-01',
    'process.name': 'sshd',
    'organization.id': tenant,
    'fleetwall.evidence': 'handshake',
  };
}

const alertOf = (id: string, tenant: string) =>
  ({
    ...{ id, tenant, version: 1, state: 'over', rule: 'r', level: 'high', key: {}, firstMs: T0, lastMs: T0 },
    ...{ contributors: [], cleared: [], hosts: [], evidence: [], tags: [] },
  }) as unknown as AlertChange;

function retentionSuite(name: string, open: (clock: Clock) => Promise<Stores>): void {
  describe(`retention in ${name}`, () => {
    let nowMs = T0 + 3_600_000;
    let stores: Stores;
    let retention: Retention;

    beforeAll(async () => {
      stores = await open(() => nowMs);
      const { store } = configSchema.parse({
        store: {
          retentionDays: 30,
          retention: {
            eventsDays: 10,
            alertsDays: 60,
            tenants: [
              { tenant: 'short', evidenceDays: 5, alertsDays: 20 },
              { tenant: 'long', evidenceDays: 90, eventsDays: 20 },
            ],
          },
        },
      });
      retention = new Retention({ ...stores, clock: () => nowMs, ...store });
      const tenants = ['acme', 'short', 'long'];
      await stores.store.bulk(
        tenants.flatMap((tenant) => [
          eventOf(`${tenant} logon`, tenant, true),
          eventOf(`${tenant} other`, tenant, false),
        ]),
      );
      await stores.decisions.putAlerts(tenants.map((tenant) => alertOf(`${tenant} alert`, tenant)));
    }, 240_000);
    afterAll(() => stores.dispose(), 60_000);

    async function keptAfter(days: number): Promise<string[]> {
      nowMs = T0 + days * DAY_MS;
      await retention.enforce();
      const { events } = await stores.store.search({
        query: { type: 'all' },
        range: EVER,
        order: 'oldest',
        limit: 100,
      });
      const { alerts } = await stores.decisions.alerts({ ...EVER, limit: 100 });
      return [...events.map((event) => event['event.id'] as string), ...alerts.map(({ id }) => id)].sort();
    }

    it.each([
      [
        4,
        [
          'acme alert',
          'acme logon',
          'acme other',
          'long alert',
          'long logon',
          'long other',
          'short alert',
          'short logon',
          'short other',
        ],
      ],
      [
        7,
        [
          'acme alert',
          'acme logon',
          'acme other',
          'long alert',
          'long logon',
          'long other',
          'short alert',
          'short other',
        ],
      ],
      [12, ['acme alert', 'acme logon', 'long alert', 'long logon', 'long other', 'short alert']],
      [22, ['acme alert', 'acme logon', 'long alert', 'long logon']],
      [32, ['acme alert', 'long alert', 'long logon']],
      [62, ['long logon']],
      [92, []],
    ])('after %i days there is what nothing says to be too old', async (days, kept) => {
      expect(await keptAfter(days)).toEqual(kept);
    });
  });
}

retentionSuite('the reference', async (clock) => ({
  store: createMemoryEventStore({ clock }),
  decisions: createMemoryDecisionStore(),
  dispose: async () => undefined,
}));

retentionSuite('files of this machine', async (clock) => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-retention-'));
  const store = await createDuckDbEventStore({ directory: join(directory, 'events'), memoryLimitMb: 64, clock });
  const decisions = createLmdbDecisionStore({ directory: join(directory, 'decisions') });
  const dispose = async () => {
    await Promise.all([store.close(), decisions.close()]);
    rmSync(directory, { recursive: true });
  };
  return { store, decisions, dispose };
});

if (whyNoServer === undefined) {
  retentionSuite('Elasticsearch', async (clock) => {
    const { url, stop } = await testServer();
    const options = { nodes: [url], prefix: newPrefix(), refresh: true };
    const store = await createElasticsearchEventStore({ ...options, clock });
    const decisions = await createElasticsearchDecisionStore(options);
    const dispose = async () => {
      await Promise.all([store.close(), decisions.close()]);
      await removeAll(url, options.prefix);
      await stop();
    };
    return { store, decisions, dispose };
  });
} else {
  describe.skip(`retention in Elasticsearch (${whyNoServer})`, () => {
    it.todo('is the same on a real server');
  });
}
