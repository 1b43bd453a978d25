import type { AlertChange, Bus, BusRecord, OutRecord } from '@fleetwall/core';
import { TOPICS } from '@fleetwall/core';
import { type Observation, planCorrelations, type SnapshotPart } from '@fleetwall/detection';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PartitionCounter } from './partition-counter.js';
import { countingRule, rulesOf } from './rules.test-support.js';
import type { SnapshotStore } from './snapshot-store.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const plansOf = (...rules: string[]) => planCorrelations(rulesOf(...rules).correlations);

/** Snapshots as they were handed over, newest first. */
class Shelf implements SnapshotStore {
  readonly kept: { offset: number; parts: SnapshotPart[] }[] = [];

  async save(_partition: number, offset: number, parts: Iterable<SnapshotPart>): Promise<number> {
    this.kept.unshift({ offset, parts: [...parts].map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) })) });
    return 1;
  }

  async *newestFirst() {
    for (const { offset, parts } of this.kept) yield { offset, load: async () => parts };
  }

  async release(): Promise<void> {}
}

describe('the counter of a partition', () => {
  let bus: Bus;
  let notices: string[];
  let attempts: number;

  beforeEach(async () => {
    bus = createMemoryBus();
    await bus.declare([{ name: TOPICS.observations, partitions: 1 }]);
    notices = [];
    attempts = 0;
  });
  afterEach(() => bus.close());

  const instance = async (
    committed: number,
    plans = plansOf(countingRule('five', 5, 'gte: 5')),
    snapshots = new Shelf(),
  ) => {
    const alerts: AlertChange[] = [];
    const counter = new PartitionCounter({
      ...{ bus, plans, snapshots, committed, partition: 0, seed: [1, 2, 3], maxWindowBytes: 1 << 26 },
      ...{ snapshotEveryMs: 0, onNotice: (text: string) => notices.push(text) },
    });
    let next = await counter.restore();
    const send = async (records: OutRecord[]) => {
      alerts.push(...records.map(({ value }) => JSON.parse(`${value}`) as AlertChange));
    };
    return {
      counter,
      alerts,
      snapshots,
      /** Counts what the log holds and was not handed over yet. */
      read: async () => {
        const records = await recordsFrom(next);
        next = (records.at(-1)?.offset ?? next - 1) + 1;
        if (records.length > 0) await counter.count(records, send);
      },
      tick: async (nowMs: number) => counter.tick(nowMs, await high(), send),
    };
  };
  const high = async () => (await bus.ranges(TOPICS.observations))[0]?.high as number;
  const recordsFrom = async (offset: number) => {
    const records: BusRecord[] = [];
    const from = new Map([[0, offset]]);
    const follower = await bus.follow({
      topic: TOPICS.observations,
      from,
      onRecord: (record) => void records.push(record),
    });
    await follower.caughtUp;
    await follower.stop();
    return records;
  };
  const fail = async (times: number, rules: string[], timeMs = T) => {
    const observations = Array.from({ length: times }, (): Observation => {
      const attemptId = (++attempts).toString(16).padStart(12, '0');
      return {
        ...{ rules, step: 'count', key: 'default\x1fhandshake\x1f198.51.100.7', attemptId },
        ...{ fields: { 'source.ip': '198.51.100.7' }, timeMs, ingestedMs: timeMs, host: 'web-01' },
        ...{ address: '198.51.100.7', account: `user-${attempts}`, tenant: 'default', evidence: 'handshake' },
      };
    });
    await bus.publish(
      TOPICS.observations,
      observations.map((observation) => ({ key: 'k', value: Buffer.from(JSON.stringify(observation)) })),
    );
  };

  it('E08: one that lost the partition without knowing says nothing more of its own accord', async () => {
    const zombie = await instance(0);
    await fail(5, ['five']);
    await zombie.read();
    expect(zombie.alerts.map(({ state }) => state)).toEqual(['open']);

    const successor = await instance(await high());
    await zombie.tick(T + 3 * HOUR_MS);
    expect(zombie.alerts).toHaveLength(1);
    await successor.read();
    await successor.tick(T + 3 * HOUR_MS);
    expect(successor.alerts.map(({ state }) => state)).toEqual(['over']);
    const [over] = successor.alerts as [AlertChange];
    expect(over.id).toBe(zombie.alerts[0]?.id);
    expect(over.version).toBeGreaterThan(zombie.alerts[0]?.version as number);

    // Even if it reads on, and is late by its clock: what it says then is no news.
    await zombie.read();
    await zombie.tick(T + 4 * HOUR_MS);
    expect(zombie.alerts.map(({ state, version }) => [state, version <= over.version])).toEqual([
      ['open', true],
      ['over', true],
    ]);
  });

  it('what time brings about after a crash outranks what time brought about before it', async () => {
    const first = await instance(0);
    await fail(5, ['five']);
    await first.read();
    await fail(1, ['five'], T + 10);
    await first.read();
    for (let minute = 1; minute < 5; minute++) await first.tick(T + minute * MINUTE_MS);
    expect(first.alerts.map(({ count }) => count)).toEqual([5, 6]);
    const second = await instance(await high());
    await second.read();
    await second.tick(T + 3 * HOUR_MS);
    const [over] = second.alerts.slice(-1) as [AlertChange];
    expect(over.state).toBe('over');
    expect(over.version).toBeGreaterThan(Math.max(...first.alerts.map(({ version }) => version)));
  });

  it('the same records give the same versions again, whoever counts them', async () => {
    const first = await instance(0);
    await fail(5, ['five']);
    await fail(3, ['five'], T + 30_000);
    await first.read();
    const second = await instance(0);
    await second.read();
    expect(second.alerts).toEqual(first.alerts);
  });

  it('time does not pass for one that has not read all there is', async () => {
    const counter = await instance(0);
    await fail(5, ['five']);
    await counter.read();
    await fail(1, ['five'], T + HOUR_MS);
    await counter.tick(T + 3 * HOUR_MS);
    await counter.read();
    expect(counter.alerts.map(({ state }) => state)).toEqual(['open', 'open']);
  });

  it('an episode that is over by the log is over, however late the log is read', async () => {
    const counter = await instance(0);
    await fail(5, ['five']);
    await fail(5, ['five'], T + 5 * HOUR_MS);
    await counter.read();
    await counter.tick(T + 5 * HOUR_MS);
    const [first, second] = [...new Set(counter.alerts.map(({ id }) => id))];
    const statesOf = (id?: string) => counter.alerts.filter((alert) => alert.id === id).map(({ state }) => state);
    expect(statesOf(first)).toEqual(['open', 'over']);
    expect(statesOf(second)).toEqual(['open']);
  });

  it('a snapshot never reaches beyond what is committed', async () => {
    const counter = await instance(0);
    await fail(2, ['five']);
    await counter.read();
    expect(counter.snapshots.kept).toEqual([]);
    await fail(2, ['five']);
    await counter.read();
    expect(counter.snapshots.kept.map(({ offset }) => offset)).toEqual([3]);
  });

  it('changed rules: those that stay keep their counts, those that go leave no alert open', async () => {
    const before = plansOf(
      countingRule('stays', 5, 'gte: 5'),
      countingRule('changes', 6, 'gte: 3'),
      countingRule('goes', 7, 'gte: 3'),
    );
    const first = await instance(0, before);
    await fail(3, ['stays', 'changes', 'goes']);
    await first.read();
    expect(first.alerts.map(({ rule, state }) => `${rule} ${state}`)).toEqual(['changes open', 'goes open']);
    await first.counter.save();

    const after = plansOf(
      countingRule('stays', 5, 'gte: 5'),
      countingRule('changes', 6, 'gte: 4'),
      countingRule('comes', 8, 'gte: 2'),
    );
    const second = await instance(await high(), after, first.snapshots);
    expect(notices).toEqual(['rules that start counting anew: changes, comes']);
    await fail(2, ['stays', 'changes', 'comes']);
    await second.read();
    await second.tick(T + 1_000);
    expect(second.alerts.map(({ rule, state, count }) => `${rule} ${state} ${count}`)).toEqual([
      'stays open 5',
      'comes open 2',
      'changes over 3',
      'goes over 3',
    ]);
    const gone = first.alerts.find(({ rule }) => rule === 'goes') as AlertChange;
    const over = second.alerts.find(({ rule }) => rule === 'goes') as AlertChange;
    expect([over.id, over.version > gone.version]).toEqual([gone.id, true]);
  });
});
