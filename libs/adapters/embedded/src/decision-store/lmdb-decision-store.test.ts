import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Block, DecisionStore } from '@fleetwall/core';
import { decisionStoreConformance } from '@fleetwall/testkit';
import { expect, it } from '@jest/globals';
import { createLmdbDecisionStore } from './lmdb-decision-store.js';

decisionStoreConformance('LMDB', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-decisions-'));
  const opened: DecisionStore[] = [];
  const openAnother = async () => {
    const store = createLmdbDecisionStore({ directory });
    opened.push(store);
    return store;
  };
  return {
    store: await openAnother(),
    openAnother,
    dispose: async () => {
      for (const store of opened) await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

it('keeps what was put when it is opened again, and takes nothing once closed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-decisions-'));
  const block = { id: 'a', version: 1, target: '192.0.2.1', scope: { type: 'fleet' }, atMs: 1, untilMs: 2 } as Block;
  const first = createLmdbDecisionStore({ directory });
  await first.putBlocks([block]);
  await first.close();
  await expect(first.putBlocks([block])).rejects.toMatchObject({ code: 'DECISION_STORE_CLOSED' });
  await expect(first.alertById('a')).rejects.toMatchObject({ code: 'DECISION_STORE_CLOSED' });
  const second = createLmdbDecisionStore({ directory });
  expect((await second.blocks({ fromMs: 0, toMs: 10, limit: 1 })).blocks).toEqual([block]);
  await second.close();
  rmSync(directory, { recursive: true });
});
