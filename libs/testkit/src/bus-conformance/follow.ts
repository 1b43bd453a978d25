import type { BusRecord } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { type Harness, numbered, numbersOf } from './harness.js';

export function followTests(harness: Harness): void {
  const timeoutMs = harness.deadlineMs * 2;

  describe('follow', () => {
    it(
      'an empty topic is caught up at once',
      async () => {
        expect(await harness.readAll(await harness.topic({ partitions: 3 }))).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'is caught up when all that was there has been handed over, not before',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        await harness.bus.publish(topic, numbered(100, 10));
        let finished = 0;
        const follower = await harness.bus.follow({
          topic,
          onRecord: async () => {
            await new Promise((resolve) => setImmediate(resolve));
            finished++;
          },
        });
        harness.atEnd(() => follower.stop());
        await harness.within(follower.caughtUp, 'the follower to catch up');
        expect(finished).toBe(100);
      },
      timeoutMs,
    );

    it(
      'goes on with what comes, in order within a partition',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        await harness.bus.publish(topic, numbered(10, 4));
        const records: BusRecord[] = [];
        const follower = await harness.bus.follow({
          topic,
          onRecord: (record) => {
            records.push(record);
          },
        });
        harness.atEnd(() => follower.stop());
        await harness.within(follower.caughtUp, 'the follower to catch up');
        await harness.bus.publish(topic, numbered(10, 4));
        await harness.until('the new records', () => records.length === 20);
        for (const partition of [0, 1]) {
          const offsets = records.filter((record) => record.partition === partition).map((record) => record.offset);
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
          expect(new Set(offsets).size).toBe(offsets.length);
        }
      },
      timeoutMs,
    );

    it(
      'two followers of a topic both get everything',
      async () => {
        const topic = await harness.topic();
        await harness.bus.publish(topic, numbered(20));
        const [first, second] = await Promise.all([harness.readAll(topic), harness.readAll(topic)]);
        expect(numbersOf(first)).toEqual(numbersOf(second));
        expect(first).toHaveLength(20);
      },
      timeoutMs,
    );

    it(
      'begins at the offsets given, and from the start where none is',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        const positions = await harness.bus.publish(topic, numbered(40, 20));
        const last = positions.filter((position) => position.partition === 0).at(-1);
        const read = await harness.readAll(topic, new Map([[0, last?.offset as number]]));
        expect(read.filter((record) => record.partition === 0).map((record) => record.offset)).toEqual([last?.offset]);
        expect(read.filter((record) => record.partition === 1)).toHaveLength(
          positions.filter((position) => position.partition === 1).length,
        );
      },
      timeoutMs,
    );

    it(
      'reads only the partitions it is told to, and is caught up with those',
      async () => {
        const topic = await harness.topic({ partitions: 3 });
        const records = Array.from({ length: 30 }, (_, i) => ({
          key: 'k',
          value: Buffer.from(String(i)),
          partition: i % 3,
        }));
        await harness.bus.publish(topic, records);
        const read: BusRecord[] = [];
        const follower = await harness.bus.follow({
          topic,
          partitions: [1],
          onRecord: (record) => {
            read.push(record);
          },
        });
        harness.atEnd(() => follower.stop());
        await harness.within(follower.caughtUp, 'the follower to catch up');
        expect(numbersOf(read)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
        await harness.bus.publish(topic, records);
        await harness.until('what came later', () => read.length === 20);
        expect(new Set(read.map(({ partition }) => partition))).toEqual(new Set([1]));
      },
      timeoutMs,
    );

    it(
      'begins at the end when told the high offsets',
      async () => {
        const topic = await harness.topic();
        await harness.bus.publish(topic, numbered(5));
        const [range] = await harness.bus.ranges(topic);
        expect(await harness.readAll(topic, new Map([[0, range?.high as number]]))).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'hands over nothing after stop, and stop may be called twice',
      async () => {
        const topic = await harness.topic();
        let records = 0;
        const follower = await harness.bus.follow({
          topic,
          onRecord: () => {
            records++;
          },
        });
        await follower.stop();
        await follower.stop();
        await harness.bus.publish(topic, numbered(5));
        expect(await harness.readAll(topic)).toHaveLength(5);
        expect(records).toBe(0);
      },
      timeoutMs,
    );
  });
}
