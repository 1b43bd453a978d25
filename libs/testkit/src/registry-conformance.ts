import type { Registry, RegistryChange } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

/** A fresh, empty registry for one test. */
export interface RegistryHarness {
  registry: Registry;
  /** Another handle on the same documents, as another process would have it. */
  openAnother: () => Promise<Registry>;
  /** Closes everything and removes what it left. */
  dispose: () => Promise<void>;
}

/** Changes of another process are to be seen within a second; the rest is for slow machines. */
const WATCH_DEADLINE_MS = 10_000;

const ODD_NAMES = [
  'a/b',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  "x' OR 1=1 --",
  'a\u0000b',
  'a\u0000',
  ' ',
  '日本',
  '😀',
  'é',
  '"\\',
  '_id',
  '*',
];

/** The contract of the port Registry. */
export function registryConformance(name: string, create: () => Promise<RegistryHarness>): void {
  describe(`${name}: Registry`, () => {
    let harness: RegistryHarness;
    let registry: Registry;
    beforeEach(async () => {
      harness = await create();
      registry = harness.registry;
    });
    afterEach(() => harness.dispose());

    documents(() => registry);
    watching(
      () => registry,
      () => harness.openAnother(),
    );
  });
}

function documents(registry: () => Registry): void {
  it('gives back what was put, as JSON, with a version that grows over changes and deletions', async () => {
    const value = { text: 'é\u0000', list: [1, null, { deep: true }], absent: undefined };
    const first = await registry().put('users', 'a', value);
    expect(await registry().get('users', 'a')).toEqual({
      id: 'a',
      version: first,
      value: { text: 'é\u0000', list: [1, null, { deep: true }] },
    });
    const second = await registry().put('users', 'a', 'text');
    await registry().delete('users', 'a');
    expect(await registry().get('users', 'a')).toBeUndefined();
    const third = await registry().put('users', 'a', 3);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  it('hands out copies: changing one changes nothing stored', async () => {
    const value = { list: [1] };
    await registry().put('c', 'a', value);
    value.list.push(2);
    (await registry().get<typeof value>('c', 'a'))?.value.list.push(3);
    expect((await registry().get('c', 'a'))?.value).toEqual({ list: [1] });
  });

  it('writes only over the version it was told', async () => {
    const version = await registry().put('c', 'a', 1, 0);
    await expect(registry().put('c', 'a', 2, 0)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    await expect(registry().put('c', 'b', 2, version)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    await expect(registry().delete('c', 'a', version + 1)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    const next = await registry().put('c', 'a', 3, version);
    await expect(registry().put('c', 'a', 4, version)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    expect((await registry().get('c', 'a'))?.value).toBe(3);
    await registry().delete('c', 'a', next);
    await registry().put('c', 'a', 5, 0);
    await registry().delete('c', 'never there');
  });

  it('lets exactly one of many writers win', async () => {
    const version = await registry().put('c', 'counter', 0);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => registry().put('c', 'counter', i, version)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('lists a collection in order of id, and nothing of others', async () => {
    for (const id of ['b', 'a', 'B', 'é', '10', '9', '😀', '\uffee']) await registry().put('c', id, id);
    await registry().put('c2', 'x', 1);
    await registry().put('', 'y', 1);
    await registry().delete('c', '9');
    const ids = (await registry().list('c')).map(({ id }) => id);
    expect(ids).toEqual(['10', 'B', 'a', 'b', 'é', '\uffee', '😀']);
    expect(await registry().list('absent')).toEqual([]);
  });

  it('keeps documents of any two names apart', async () => {
    for (const collection of ODD_NAMES) {
      for (const id of ODD_NAMES) await registry().put(collection, id, `${collection}|${id}`);
    }
    for (const collection of ODD_NAMES) {
      const listed = await registry().list(collection);
      expect(listed.map(({ id, value }) => [id, value]).sort()).toEqual(
        ODD_NAMES.map((id) => [id, `${collection}|${id}`]).sort(),
      );
    }
  });

  it('agrees with a plain map under any sequence of puts and deletes', async () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('put', 'put if absent', 'put if same', 'delete', 'delete if same'),
      value: fc.jsonValue(),
    });
    const anySteps = fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.uuid(), async (steps, collection) => {
      const expected = new Map<string, { version: number; json: string }>();
      for (const { id, action, value } of steps) {
        const before = expected.get(id);
        const ifVersion = action.endsWith('same') ? (before?.version ?? 0) : action.endsWith('absent') ? 0 : undefined;
        if (action.startsWith('delete')) {
          await registry().delete(collection, id, ifVersion);
          expected.delete(id);
        } else if (ifVersion === 0 && before) {
          await expect(registry().put(collection, id, value, 0)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
        } else {
          const version = await registry().put(collection, id, value, ifVersion);
          expected.set(id, { version, json: JSON.stringify(value) });
        }
      }
      const listed = await registry().list(collection);
      expect(listed.map(({ id, version, value }) => [id, version, JSON.stringify(value)])).toEqual(
        [...expected].sort().map(([id, { version, json }]) => [id, version, json]),
      );
    });
    await fc.assert(anySteps, { numRuns: 30 });
  }, 60_000);
}

function watching(registry: () => Registry, openAnother: () => Promise<Registry>): void {
  it('tells watchers of each change to their collection until they stop', async () => {
    const seen: RegistryChange[] = [];
    await registry().put('c', 'before', 1);
    const stop = registry().watch('c', (change) => seen.push(change));
    const version = await registry().put('c', 'a', { n: 1 });
    await until(() => seen.length === 1);
    expect(seen[0]).toEqual({ collection: 'c', id: 'a', version, value: { n: 1 } });
    await registry().put('other', 'a', 1);
    await registry().delete('c', 'a');
    await until(() => seen.length === 2);
    expect(seen[1]).toMatchObject({ collection: 'c', id: 'a' });
    expect(seen[1]).not.toHaveProperty('value');
    stop();
    const later: RegistryChange[] = [];
    registry().watch('c', (change) => later.push(change));
    await registry().put('c', 'b', 2);
    await until(() => later.length === 1);
    expect(seen).toHaveLength(2);
  });

  it('tells of changes made through another handle', async () => {
    const other = await openAnother();
    const seen: RegistryChange[] = [];
    registry().watch('c', (change) => seen.push(change));
    const version = await other.put('c', 'a', 1);
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ collection: 'c', id: 'a', version, value: 1 }]);
    expect(await registry().get('c', 'a')).toEqual({ id: 'a', version, value: 1 });
    await expect(registry().put('c', 'a', 2, 0)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    await other.delete('c', 'a', version);
    await until(() => seen.length === 2);
    expect(seen[1]?.version).toBeGreaterThan(version);
    expect(seen[1]).not.toHaveProperty('value');
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + WATCH_DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error('the change was not told of in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
