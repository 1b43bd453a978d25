import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Bus, type OutRecord, TOPICS } from '@fleetwall/core';
import type { SnapshotPart } from '@fleetwall/detection';
import { createMemoryBus } from '@fleetwall/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileSnapshotStore } from './snapshot-store.js';
import { TopicSnapshotStore } from './topic-snapshot-store.js';

const PARTITION = 1;

describe('snapshots in a topic', () => {
  let directory: string;
  let bus: Bus;
  let errors: unknown[];
  let passedOver: string[];
  let instances: number;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-snapshots-'));
    bus = createMemoryBus();
    await bus.declare([{ name: TOPICS.windows, partitions: 2, compacted: true }]);
    errors = [];
    passedOver = [];
    instances = 0;
  });
  afterEach(async () => {
    await bus.close();
    rmSync(directory, { recursive: true, force: true });
    expect(errors).toEqual([]);
  });

  /** An instance with a disk of its own. */
  const instance = (over: Bus = bus) =>
    new TopicSnapshotStore({
      bus: over,
      cache: new FileSnapshotStore(join(directory, `disk-${++instances}`)),
      uploadEveryMs: 0,
      onPassedOver: (text) => passedOver.push(text),
      onError: (error) => errors.push(error),
    });
  /** Four parts of a megabyte, told apart by `seed`. */
  const partsOf = (seed: number): SnapshotPart[] =>
    Array.from({ length: 4 }, (_, n) => ({ name: `part ${n}`, bytes: Buffer.alloc(1_000_000, seed * 10 + n) }));
  const digestOf = (parts: readonly SnapshotPart[]) =>
    parts.map(({ name, bytes }) => `${name} ${bytes.length} ${crc32(bytes)}`).join();
  const save = async (store: TopicSnapshotStore, offset: number) => {
    await store.save(PARTITION, offset, partsOf(offset));
    await store.release(PARTITION);
  };
  const offersOf = async (store: TopicSnapshotStore) => {
    const offers: { offset: number; parts: string | undefined }[] = [];
    for await (const { offset, load } of store.newestFirst(PARTITION)) {
      const parts = await load();
      offers.push({ offset, parts: parts && digestOf(parts) });
    }
    return offers;
  };
  const records = async () => {
    const found: OutRecord[] = [];
    const follower = await bus.follow({ topic: TOPICS.windows, onRecord: (record) => void found.push(record) });
    await follower.caughtUp;
    await follower.stop();
    return found;
  };

  it('reach an instance with an empty disk whole, newest first, in records that Kafka takes', async () => {
    const store = instance();
    await save(store, 3);
    await save(store, 5);
    expect(await offersOf(instance())).toEqual([
      { offset: 5, parts: digestOf(partsOf(5)) },
      { offset: 3, parts: digestOf(partsOf(3)) },
    ]);
    const sizes = (await records()).map(({ value, partition }) => ({ large: value.length > 600_000, partition }));
    expect(new Set(sizes.map((size) => JSON.stringify(size)))).toEqual(new Set(['{"large":false,"partition":1}']));
  });

  it('are read from the topic once, then from disk', async () => {
    await save(instance(), 3);
    const reader = instance();
    await offersOf(reader);
    const offline = { ...bus, ranges: async () => [] } as unknown as Bus;
    const sameDisk = new TopicSnapshotStore({
      bus: offline,
      cache: new FileSnapshotStore(join(directory, `disk-${instances}`)),
      onError: (error) => errors.push(error),
    });
    expect(await offersOf(sameDisk)).toEqual([{ offset: 3, parts: digestOf(partsOf(3)) }]);
  });

  it('take up three places at most, however many are saved, and smaller ones leave nothing of larger ones', async () => {
    const store = instance();
    for (let offset = 1; offset <= 9; offset++) await save(store, offset);
    const keys = new Set((await records()).map(({ key }) => key));
    expect([...keys].filter((key) => key.endsWith('/manifest'))).toHaveLength(3);
    for (let offset = 10; offset <= 12; offset++) {
      await store.save(PARTITION, offset, [{ name: 'small', bytes: Buffer.from('x') }]);
      await store.release(PARTITION);
    }
    const last = new Map((await records()).map(({ key, value }) => [key, value.length]));
    expect([...last].filter(([, bytes]) => bytes > 0)).toHaveLength(6);
  });

  it('E10: a save that breaks off leaves the two before it', async () => {
    const store = instance();
    for (const offset of [3, 5, 7]) await save(store, offset);
    let left = 4;
    const dying = {
      ranges: (topic: string) => bus.ranges(topic),
      follow: bus.follow.bind(bus),
      publish: (topic: string, out: OutRecord[]) => (left-- > 0 ? bus.publish(topic, out) : new Promise(() => {})),
    } as unknown as Bus;
    void instance(dying).save(PARTITION, 9, partsOf(9));
    const written = (await records()).length;
    for (const endMs = Date.now() + 10_000; (await records()).length < written + 4 && Date.now() < endMs; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const successor = instance();
    expect((await offersOf(successor)).slice(0, 2)).toEqual([
      { offset: 7, parts: digestOf(partsOf(7)) },
      { offset: 5, parts: digestOf(partsOf(5)) },
    ]);
    await save(successor, 11);
    expect((await offersOf(instance()))[0]).toEqual({ offset: 11, parts: digestOf(partsOf(11)) });
  });

  it('E10: a damaged one is passed over by name', async () => {
    const store = instance();
    for (const offset of [3, 5]) await save(store, offset);
    const newest = (await records()).filter(({ key }) => key === '1/2').at(-1) as OutRecord;
    const damaged = Buffer.from(newest.value);
    damaged[1_000] = (damaged[1_000] as number) ^ 1;
    const range = (await bus.ranges(TOPICS.windows))[PARTITION];
    const other = createMemoryBus();
    await other.declare([{ name: TOPICS.windows, partitions: 2 }]);
    for (const { key, value, partition = 0 } of await records()) {
      await other.publish(TOPICS.windows, [{ key, partition, value: value.equals(newest.value) ? damaged : value }]);
    }
    expect((await other.ranges(TOPICS.windows))[PARTITION]).toEqual(range);
    expect(await offersOf(instance(other))).toEqual([
      { offset: 5, parts: undefined },
      { offset: 3, parts: digestOf(partsOf(3)) },
    ]);
    expect(passedOver.join()).toMatch(/partition 1 at offset 5 in fleetwall.windows is damaged/);
    await other.close();
  });
});
