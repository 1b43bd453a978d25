import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord } from '@fleetwall/core';
import { busConformance } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createEmbeddedBus, type EmbeddedBusOptions } from './embedded-bus.js';

async function create(options: Partial<EmbeddedBusOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'fleetwall-bus-'));
  const open = () => createEmbeddedBus({ directory, ...options });
  let bus = await open();
  return {
    bus,
    reopen: async () => {
      await bus.close();
      bus = await open();
      return bus;
    },
    destroy: async () => {
      await bus.close();
      await rm(directory, { recursive: true });
    },
  };
}

busConformance('embedded', () => create(), { deadlineMs: 10_000 });
busConformance('embedded with tiny segments', () => create({ segmentBytes: 2_000, housekeepingMs: 20 }), {
  deadlineMs: 10_000,
});

describe('embedded bus', () => {
  let directory: string;
  let bus: Bus;
  const open = async (options: Partial<EmbeddedBusOptions> = {}) => {
    bus = await createEmbeddedBus({ directory, ...options });
    return bus;
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetwall-bus-'));
  });
  afterEach(async () => {
    await bus.close();
    await rm(directory, { recursive: true });
  });
  const put = (key: string, value: string) => ({ key, value: Buffer.from(value) });

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const endMs = Date.now() + 10_000; !(await holds()); ) {
      if (Date.now() > endMs) throw new Error('waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function readAll(topic: string): Promise<BusRecord[]> {
    const records: BusRecord[] = [];
    const follower = await bus.follow({ topic, onRecord: (record) => void records.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return records;
  }

  it('is of one process at a time, and of a dead one no longer', async () => {
    await open();
    await expect(createEmbeddedBus({ directory })).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await bus.close();
    await writeFile(join(directory, 'lock'), '999999999 1\n');
    await open();
  });

  it('refuses names that are no directory names', async () => {
    await open();
    for (const name of ['', '..', 'a/b', '../x', 'a\\b', '.hidden', 'x'.repeat(201)]) {
      await expect(bus.declare([{ name, partitions: 1 }])).rejects.toMatchObject({ code: 'BUS_TOPIC_NAME_INVALID' });
    }
  });

  it('compacts by itself, and offsets and last values stay', async () => {
    await open({ segmentBytes: 200_000, housekeepingMs: 10, keepEmptyMs: 0 });
    await bus.declare([{ name: 'blocks', partitions: 1, compacted: true }]);
    const filler = 'x'.repeat(1_000);
    for (let round = 0; round < 30; round++) {
      await bus.publish(
        'blocks',
        Array.from({ length: 100 }, (_, i) => put(`key-${i}`, `${round} ${filler}`)),
      );
    }
    await bus.publish('blocks', [put('key-7', '')]);
    const [range] = await bus.ranges('blocks');
    await until(async () => (await readAll('blocks')).length < 1_500);
    const last = new Map((await readAll('blocks')).map((record) => [record.key, record]));
    for (let i = 0; i < 100; i++) {
      if (i === 7) expect(last.get('key-7')?.value.length ?? 0).toBe(0);
      else
        expect([last.get(`key-${i}`)?.value.toString(), last.get(`key-${i}`)?.offset]).toEqual([
          `29 ${filler}`,
          2_900 + i,
        ]);
    }
    await bus.close();
    await open();
    expect(await bus.ranges('blocks')).toEqual([range]);
  });

  it('deletes what is older than the retention, which a later declaration may change', async () => {
    let nowMs = 1_000_000;
    await open({ clock: () => nowMs, segmentBytes: 1_000, housekeepingMs: 10 });
    await bus.declare([{ name: 'events', partitions: 1 }]);
    for (let i = 0; i < 50; i++) await bus.publish('events', [put('k', `value ${i}`)]);
    nowMs += 10_000;
    await bus.publish('events', [put('k', 'new')]);
    expect((await bus.ranges('events'))[0]?.low).toBe(0);
    await bus.declare([{ name: 'events', partitions: 1, retentionMs: 5_000 }]);
    await until(async () => ((await bus.ranges('events'))[0]?.low ?? 0) > 30);
    nowMs += 10_000;
    await bus.publish('events', [put('k', 'newest')]);
    nowMs += 10_000;
    await until(async () => (await bus.ranges('events'))[0]?.low === 51);
    expect((await readAll('events')).map((record) => record.value.toString())).toEqual(['newest']);
  });

  it('a batch that fails holds up its own partition only', async () => {
    await open();
    await bus.declare([{ name: 't', partitions: 4 }]);
    await bus.publish(
      't',
      Array.from({ length: 40 }, (_, i) => put(`key-${i}`, `${i}`)),
    );
    const all = await readAll('t');
    const bad = all[0]?.partition;
    let good = 0;
    const subscription = await bus.consume({
      group: 'g',
      topics: ['t'],
      onBatch: async (batch) => {
        if (batch.partition === bad) throw new Error('poison');
        good += batch.records.length;
      },
    });
    await until(() => good === all.filter((record) => record.partition !== bad).length);
    await subscription.stop();
  });

  it('a newcomer takes half; what stays is not interrupted, and nothing comes twice', async () => {
    await open();
    await bus.declare([{ name: 't', partitions: 6 }]);
    const seen: string[] = [];
    const revoked: number[] = [];
    const consume = () =>
      bus.consume({
        group: 'g',
        topics: ['t'],
        onRevoked: async (partitions) => void revoked.push(...partitions.map(({ partition }) => partition)),
        onBatch: async ({ records }) => void seen.push(...records.map((record) => record.value.toString())),
      });
    await consume();
    await bus.publish(
      't',
      Array.from({ length: 100 }, (_, i) => put(`key-${i}`, `${i}`)),
    );
    await until(() => seen.length === 100);
    await consume();
    await until(() => revoked.length === 3);
    await bus.publish(
      't',
      Array.from({ length: 100 }, (_, i) => put(`key-${i}`, `${100 + i}`)),
    );
    await until(() => seen.length === 200);
    expect(new Set(seen).size).toBe(200);
  });

  it('partitions whose onAssigned keeps failing can still be taken away', async () => {
    await open();
    await bus.declare([{ name: 't', partitions: 2 }]);
    await bus.publish(
      't',
      Array.from({ length: 20 }, (_, i) => put(`key-${i}`, `${i}`)),
    );
    let failures = 0;
    const broken = await bus.consume({
      group: 'g',
      topics: ['t'],
      onAssigned: async () => {
        failures++;
        throw new Error('no state');
      },
      onRevoked: async () => {
        throw new Error('nothing was assigned');
      },
      onBatch: async () => {},
      onError: (error) => expect((error as Error).message).toBe('no state'),
    });
    await until(() => failures > 0);
    let records = 0;
    await bus.consume({
      group: 'g',
      topics: ['t'],
      onBatch: async (batch) => {
        records += batch.records.length;
      },
    });
    await until(() => records > 0);
    await broken.stop();
    await until(() => records === 20);
  });

  it('a lost tail does not make a group skip what comes after', async () => {
    await open();
    await bus.declare([{ name: 't', partitions: 1 }]);
    await bus.publish('t', [put('k', 'a'), put('k', 'b'), put('k', 'c')]);
    const seen: string[] = [];
    const consume = () =>
      bus.consume({
        group: 'g',
        topics: ['t'],
        onBatch: async ({ records }) => void seen.push(...records.map((record) => record.value.toString())),
      });
    await consume();
    await until(() => seen.length === 3);
    await bus.close();
    for (const name of await readdir(join(directory, 'topics', 't', '0')))
      await rm(join(directory, 'topics', 't', '0', name));
    await open();
    await consume();
    await bus.publish('t', [put('k', 'new')]);
    await until(() => seen.length === 4);
    await bus.close();
    await open();
    await bus.publish('t', [put('k', 'newer')]);
    await consume();
    await until(() => seen.length === 5);
    expect(seen.slice(3)).toEqual(['new', 'newer']);
  });
});
