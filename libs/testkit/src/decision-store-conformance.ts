import type {
  AlertChange,
  AlertsRequest,
  Block,
  BlockScope,
  BlocksRequest,
  Contributor,
  DecisionStore,
} from '@fleetwall/core';
import { MAX_CONTRIBUTORS } from '@fleetwall/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryDecisionStore } from './memory-decision-store.js';

/** A fresh, empty store for one test. */
export interface DecisionStoreHarness {
  store: DecisionStore;
  /** Another handle on the same decisions, as another indexer would have it; the same one where there can be but one. */
  openAnother: () => Promise<DecisionStore>;
  /** Closes everything and removes what it left. */
  dispose: () => Promise<void>;
}

const T0 = Date.UTC(2026, 10, 22, 12);
const EVER = { fromMs: 0, toMs: T0 + 365 * 86_400_000, limit: 100 };

/** The contract of the port DecisionStore. */
export function decisionStoreConformance(name: string, create: () => Promise<DecisionStoreHarness>): void {
  describe(`${name}: DecisionStore`, () => {
    let harness: DecisionStoreHarness;
    beforeEach(async () => {
      harness = await create();
    });
    afterEach(() => harness.dispose());

    ofAlerts(() => harness);
    ofBlocks(() => harness);
    erasing(() => harness.store);
    pages(() => harness.store);
    agreement(() => harness.store);
  });
}

function ofAlerts(harness: () => DecisionStoreHarness): void {
  const store = () => harness().store;

  it('merges contributors by value and forgets the cleared ones', async () => {
    await store().putAlerts([
      alert('a', 1, { contributors: [contributor('192.0.2.1', 3), contributor('192.0.2.2', 2)] }),
    ]);
    await store().putAlerts([
      alert('a', 2, { contributors: [contributor('192.0.2.2', 5)] }),
      alert('a', 3, {
        state: 'over',
        contributors: [contributor('192.0.2.3', 1)],
        cleared: ['192.0.2.1', 'never there'],
      }),
    ]);
    const stored = await store().alertById('a');
    expect(stored).toMatchObject({ id: 'a', version: 3, state: 'over', contributorCount: 2 });
    expect(stored?.contributors).toEqual([contributor('192.0.2.2', 5), contributor('192.0.2.3', 1)]);
    expect(stored).not.toHaveProperty('cleared');
  });

  it('changes nothing when the same or an older version comes again', async () => {
    const changes = [alert('a', 1), alert('a', 2, { count: 9, contributors: [contributor('x', 1)] })];
    await store().putAlerts(changes);
    const before = await store().alertById('a');
    await store().putAlerts(changes);
    await store().putAlerts([alert('a', 2, { count: 1, contributors: [contributor('y', 1)] }), alert('a', 1)]);
    expect(await store().alertById('a')).toEqual(before);
    expect(await store().alertById('b')).toBeUndefined();
  });

  it('keeps the contributors with the most attempts, and counts the others', async () => {
    const many = Array.from({ length: MAX_CONTRIBUTORS + 50 }, (_, i) => contributor(`v${i}`, i + 1));
    await store().putAlerts([alert('a', 1, { contributors: many })]);
    const stored = await store().alertById('a');
    expect(stored?.contributorCount).toBe(MAX_CONTRIBUTORS + 50);
    expect(stored?.contributors).toHaveLength(MAX_CONTRIBUTORS);
    expect(stored?.contributors[0]).toEqual(contributor(`v${MAX_CONTRIBUTORS + 49}`, MAX_CONTRIBUTORS + 50));
    await store().putAlerts([alert('a', 2, { cleared: ['v0', `v${MAX_CONTRIBUTORS + 49}`] })]);
    expect((await store().alertById('a'))?.contributorCount).toBe(MAX_CONTRIBUTORS + 48);
  });

  it('ends the same when two indexers write the same changes at the same time', async () => {
    const other = await harness().openAnother();
    const changes = Array.from({ length: 20 }, (_, i) =>
      alert('a', i + 1, { count: i, contributors: [contributor(`v${i}`, 1)] }),
    );
    await Promise.all([store().putAlerts(changes), other.putAlerts(changes), other.putAlerts(changes.slice(0, 9))]);
    expect(await store().alertById('a')).toMatchObject({ version: 20, count: 19, contributorCount: 20 });
  });

  it.each<[string, Partial<AlertsRequest>, string[]]>([
    ['everything, newest first', {}, ['c', 'a', 'b']],
    ['a state', { state: 'over' }, ['b']],
    ['a rule', { rule: 'spray' }, ['c']],
    ['a tenant', { tenant: 'acme' }, ['a', 'b']],
    ['an address in the key', { address: '198.51.100.7' }, ['a']],
    ['an address among the contributors', { address: '2001:db8::7' }, ['b']],
    ['what went on at the time', { fromMs: T0 + 1_500, toMs: T0 + 2_500 }, ['a']],
    ['the end of a range is not in it', { fromMs: 0, toMs: T0 }, ['b']],
    ['several at once', { tenant: 'acme', state: 'open', address: '198.51.100.7' }, ['a']],
    ['what is not there', { rule: '*' }, []],
  ])('finds alerts by %s', async (_, request, ids) => {
    await store().putAlerts([
      alert('a', 1, { tenant: 'acme', key: { 'source.ip': '198.51.100.7' }, firstMs: T0, lastMs: T0 + 2_000 }),
      alert('b', 1, {
        tenant: 'acme',
        state: 'over',
        firstMs: T0 - 1_000,
        lastMs: T0 - 1,
        contributors: [contributor('2001:db8::7', 1)],
      }),
      alert('c', 1, { rule: 'spray', firstMs: T0 + 3_000, lastMs: T0 + 9_000 }),
    ]);
    const page = await store().alerts({ ...EVER, ...request });
    expect(page.alerts.map(({ id }) => id)).toEqual(ids);
    expect(page).not.toHaveProperty('cursor');
  });
}

function ofBlocks(harness: () => DecisionStoreHarness): void {
  const store = () => harness().store;

  it('keeps the newest of a block by term and version, whatever the order', async () => {
    await store().putBlocks([block('a', 2, { state: 'lifted' }), block('a', 1)]);
    await store().putBlocks([block('a', 1), block('a', 2)]);
    expect((await store().blocks(EVER)).blocks).toEqual([block('a', 2, { state: 'lifted' })]);
    await store().putBlocks([block('a', 1, { term: 1, state: 'expired' }), block('a', 9)]);
    expect((await store().blocks(EVER)).blocks).toEqual([block('a', 1, { term: 1, state: 'expired' })]);
  });

  it.each<[string, Partial<BlocksRequest>, string[]]>([
    ['everything, newest first', {}, ['net', 'v6', 'one']],
    ['a state', { state: 'held' }, ['v6']],
    ['a scope', { scope: 'tenant:acme' }, ['one']],
    ['an address', { address: '198.51.100.7' }, ['net', 'one']],
    ['an address that only the network holds', { address: '198.51.100.255' }, ['net']],
    ['a network around the targets', { address: '198.51.0.0/16' }, ['net', 'one']],
    ['an IPv6 address', { address: '2001:db8:1:2:3::' }, ['v6']],
    ['every IPv6 address, which no IPv4 address is', { address: '::/0' }, ['v6']],
    ['the time they hold', { fromMs: T0 + 70_000, toMs: T0 + 80_000 }, ['net']],
    ['the end of a range is not in it', { fromMs: 0, toMs: T0 + 10_000 }, ['one']],
  ])('finds blocks by %s', async (_, request, ids) => {
    await store().putBlocks([
      block('one', 1, {
        target: '198.51.100.7',
        scope: { type: 'tenant', id: 'acme' },
        atMs: T0,
        untilMs: T0 + 60_000,
      }),
      block('v6', 1, { target: '2001:db8:1:2::/64', state: 'held', atMs: T0 + 10_000, untilMs: T0 + 60_000 }),
      block('net', 1, { target: '198.51.100.0/24', atMs: T0 + 20_000, untilMs: T0 + 90_000 }),
    ]);
    expect((await store().blocks({ ...EVER, ...request })).blocks.map(({ id }) => id)).toEqual(ids);
  });

  it('forgets what has ended before a time', async () => {
    await store().putAlerts([alert('old', 1, { lastMs: T0 - 1 }), alert('new', 1, { lastMs: T0 })]);
    await store().putBlocks([block('old', 1, { untilMs: T0 - 1 }), block('new', 1, { untilMs: T0 })]);
    expect(await store().dropBefore(T0)).toEqual({ alerts: 1, blocks: 1 });
    expect(await store().dropBefore(T0)).toEqual({ alerts: 0, blocks: 0 });
    expect(await store().alertById('old')).toBeUndefined();
    expect((await store().alerts(EVER)).alerts.map(({ id }) => id)).toEqual(['new']);
    expect((await store().blocks(EVER)).blocks.map(({ id }) => id)).toEqual(['new']);
  });
}

function erasing(store: () => DecisionStore): void {
  it('erases alerts about a value, takes it from the contributors of others, and leaves blocks that hold', async () => {
    const gone = '192.0.2.1';
    await store().putAlerts([
      alert('own', 1, { key: { 'source.ip': gone } }),
      alert('shared', 1, { contributors: [contributor(gone, 3), contributor('192.0.2.2', 2)] }),
      alert('other', 1, { key: { 'source.ip': '192.0.2.2' } }),
    ]);
    await store().putBlocks([
      block('holds', 1, { target: gone, state: 'active' }),
      block('over', 1, { target: gone, state: 'expired' }),
      block('other', 1, { target: '192.0.2.2', state: 'expired' }),
    ]);
    expect(await store().erase({ values: [gone] })).toEqual({ alerts: ['own'], changed: 1, blocks: 1 });
    expect(await store().erase({ values: [gone] })).toEqual({ alerts: [], changed: 0, blocks: 0 });
    const alerts = (await store().alerts(EVER)).alerts;
    expect(alerts.map(({ id }) => id).sort()).toEqual(['other', 'shared']);
    expect(JSON.stringify(alerts)).not.toContain(`"${gone}"`);
    expect((await store().alertById('shared'))?.contributorCount).toBe(1);
    expect((await store().blocks(EVER)).blocks.map(({ id }) => id).sort()).toEqual(['holds', 'other']);
  });

  it("erases a tenant's alerts, and only those that ended in time where a time is given", async () => {
    const of = (id: string, tenant: string, lastMs: number) => alert(id, 1, { tenant, lastMs });
    await store().putAlerts([of('a', 'acme', T0 - 2), of('b', 'acme', T0), of('c', 'bolt', T0 - 2)]);
    expect((await store().erase({ tenant: 'acme', beforeMs: T0 })).alerts).toEqual(['a']);
    expect((await store().erase({ tenant: 'acme' })).alerts).toEqual(['b']);
    expect((await store().alerts(EVER)).alerts.map(({ id }) => id)).toEqual(['c']);
  });
}

function pages(store: () => DecisionStore): void {
  it('goes on after a page by its cursor, equal times by id', async () => {
    await store().putAlerts(['b', 'a', 'é', 'B'].map((id) => alert(id, 1)));
    await store().putBlocks(['b', 'a', 'é', 'B'].map((id) => block(id, 1)));
    const first = await store().alerts({ ...EVER, limit: 3 });
    expect(first.alerts.map(({ id }) => id)).toEqual(['B', 'a', 'b']);
    const rest = await store().alerts({ ...EVER, limit: 3, cursor: first.cursor as string });
    expect(rest.alerts.map(({ id }) => id)).toEqual(['é']);
    expect(rest).not.toHaveProperty('cursor');
    const blocks = await store().blocks({ ...EVER, limit: 2 });
    const others = await store().blocks({ ...EVER, limit: 2, cursor: blocks.cursor as string });
    expect([...blocks.blocks, ...others.blocks].map(({ id }) => id)).toEqual(['B', 'a', 'b', 'é']);
    expect(others).not.toHaveProperty('cursor');
  });

  it('refuses limits, cursors and addresses that are none', async () => {
    for (const limit of [0, -1, 1.5, 1_001, 1e9]) await expect(store().alerts({ ...EVER, limit })).rejects.toThrow();
    for (const cursor of ['', 'x', 'W10']) await expect(store().blocks({ ...EVER, cursor })).rejects.toThrow();
    await store().putBlocks([block('a', 1)]);
    await expect(store().blocks({ ...EVER, address: '192.0.2.0/33' })).rejects.toMatchObject({
      code: 'ADDRESS_INVALID',
    });
  });
}

function agreement(store: () => DecisionStore): void {
  it('agrees with the reference under any sequence of changes', async () => {
    const value = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', 'root', 'Root', '');
    const change = fc
      .record({
        id: fc.constantFrom('a', 'b', 'c'),
        version: fc.integer({ min: 1, max: 6 }),
        state: fc.constantFrom('open' as const, 'withdrawn' as const, 'over' as const),
        lastMs: fc.integer({ min: T0, max: T0 + 5 }),
        contributors: fc.array(fc.record({ value, count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 3 }),
        cleared: fc.array(value, { maxLength: 2 }),
      })
      .map(({ id, version, contributors, ...rest }) =>
        alert(id, version, { ...rest, contributors: contributors.map((one) => contributor(one.value, one.count)) }),
      );
    const reference = createMemoryDecisionStore();
    const sameState = fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.uuid(), async (changes, run) => {
      const own = changes.map((one) => ({ ...one, id: `${run}-${one.id}`, rule: run }));
      await reference.putAlerts(own);
      await store().putAlerts(own.slice(0, 5));
      await store().putAlerts(own.slice(5));
      const request = { ...EVER, rule: run };
      expect(await store().alerts(request)).toEqual(await reference.alerts(request));
      const byAddress = { ...request, address: '192.0.2.1', state: 'open' as const };
      expect(await store().alerts(byAddress)).toEqual(await reference.alerts(byAddress));
    });
    await fc.assert(sameState, { numRuns: 30 });
  }, 60_000);
}

function contributor(value: string, count: number): Contributor {
  return { value, count, firstMs: T0, lastMs: T0 };
}

function alert(id: string, version: number, fields: Partial<AlertChange> = {}): AlertChange {
  return {
    id,
    version,
    state: 'open',
    rule: 'slow-grind',
    ruleId: '7b1d4a1e-0000-4000-8000-000000000001',
    title: 'Slow grind',
    level: 'high',
    tags: ['attack.t1110'],
    tenant: 'default',
    key: { 'user.name': 'root' },
    evidenceClass: 'handshake',
    knownGood: false,
    history: false,
    threshold: 5,
    firstMs: T0,
    lastMs: T0,
    firedMs: T0,
    count: 5,
    hosts: ['web1'],
    evidence: [{ attemptId: '0123456789ab', timeMs: T0, host: 'web1' }],
    contributors: [],
    cleared: [],
    ...fields,
  };
}

function block(id: string, version: number, fields: Partial<Block> = {}): Block {
  const scope: BlockScope = { type: 'fleet' };
  return {
    id,
    version,
    target: '192.0.2.1',
    scope,
    state: 'active',
    atMs: T0,
    untilMs: T0 + 3_600_000,
    offence: 1,
    reasons: [{ type: 'person', by: 'admin', comment: 'as "asked"' }],
    forgetBeforeMs: 0,
    cutSessions: false,
    except: [],
    history: [],
    ...fields,
  };
}
