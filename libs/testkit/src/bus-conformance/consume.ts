import type { Assignment, Batch } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { byKey, type Harness, numbered, numbersOf } from './harness.js';

export function consumeTests(harness: Harness): void {
  const timeoutMs = harness.deadlineMs * 2;
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

  describe('consume', () => {
    it(
      'a new group begins at the start and goes on with what comes',
      async () => {
        const topic = await harness.topic({ partitions: 3 });
        await harness.bus.publish(topic, numbered(60, 9));
        const recorder = await harness.consume({ group: harness.uniqueName('group'), topics: [topic] });
        await harness.until('what was there', () => recorder.records.length === 60);
        await harness.bus.publish(topic, numbered(60, 9));
        await harness.until('what came', () => recorder.records.length === 120);
        const wanted = byKey((await harness.readAll(topic)).map((record) => record));
        expect(byKey(recorder.records)).toEqual(wanted);
      },
      timeoutMs,
    );

    it(
      'hands over whole records',
      async () => {
        const topic = await harness.topic();
        const headers = { kind: 'test' };
        const value = Buffer.from([0, 255, 128]);
        const [position] = await harness.bus.publish(topic, [{ key: 'k', value, headers }]);
        const recorder = await harness.consume({ group: harness.uniqueName('group'), topics: [topic] });
        await harness.until('the record', () => recorder.records.length === 1);
        const { timestampMs, ...record } = recorder.records[0] as Batch['records'][number];
        expect(record).toEqual({ topic, partition: 0, offset: position?.offset, key: 'k', value, headers });
        expect(Math.abs(timestampMs - Date.now())).toBeLessThan(harness.deadlineMs);
      },
      timeoutMs,
    );

    it(
      'batches are not larger than asked, in offset order, of one partition, one at a time for each',
      async () => {
        const topic = await harness.topic({ partitions: 3 });
        await harness.bus.publish(topic, numbered(300, 30));
        const busy = new Set<number>();
        let overlaps = 0;
        const recorder = await harness.consume({
          group: harness.uniqueName('group'),
          topics: [topic],
          maxBatch: 7,
          onBatch: async ({ partition }) => {
            if (busy.has(partition)) overlaps++;
            busy.add(partition);
            await new Promise((resolve) => setImmediate(resolve));
            busy.delete(partition);
          },
        });
        await harness.until('all records', () => recorder.records.length === 300);
        expect(overlaps).toBe(0);
        for (const batch of recorder.batches) {
          expect(batch.records.length).toBeGreaterThanOrEqual(1);
          expect(batch.records.length).toBeLessThanOrEqual(7);
          expect(batch.records.every((record) => record.partition === batch.partition)).toBe(true);
          const offsets = batch.records.map((record) => record.offset);
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        }
      },
      timeoutMs,
    );

    it(
      'several topics through one subscription',
      async () => {
        const topics = [await harness.topic(), await harness.topic({ partitions: 2 })];
        for (const topic of topics) await harness.bus.publish(topic, numbered(20, 5));
        const recorder = await harness.consume({ group: harness.uniqueName('group'), topics });
        await harness.until('both topics', () => recorder.records.length === 40);
        expect(recorder.records.filter((record) => record.topic === topics[0])).toHaveLength(20);
        expect(recorder.batches.every((b) => b.records.every((record) => record.topic === b.topic))).toBe(true);
      },
      timeoutMs,
    );

    it(
      'groups do not disturb each other',
      async () => {
        const topic = await harness.topic();
        await harness.bus.publish(topic, numbered(20));
        const recorders = [
          await harness.consume({ group: harness.uniqueName('group'), topics: [topic] }),
          await harness.consume({ group: harness.uniqueName('group'), topics: [topic] }),
        ];
        await harness.until('both groups', () => recorders.every((recorder) => recorder.records.length === 20));
        expect(recorders.map((recorder) => numbersOf(recorder.records))).toEqual([upTo(20), upTo(20)]);
      },
      timeoutMs,
    );
  });

  describe('failed batches', () => {
    it(
      'the same records come again until the batch succeeds, and nothing after them before that',
      async () => {
        const topic = await harness.topic();
        await harness.bus.publish(topic, numbered(10));
        const tries: number[] = [];
        const recorder = await harness.consume({
          group: harness.uniqueName('group'),
          topics: [topic],
          maxBatch: 4,
          onBatch: async (batch) => {
            tries.push(numbersOf(batch.records)[0] as number);
            if (tries.length <= 3) throw new Error('not today');
          },
        });
        await harness.until('all records', () => recorder.records.length === 10);
        expect(tries.slice(0, 4)).toEqual([0, 0, 0, 0]);
        expect(numbersOf(recorder.records)).toEqual(upTo(10));
        expect(recorder.errors.map((error) => (error as Error).message)).toEqual(Array(3).fill('not today'));
      },
      timeoutMs,
    );

    it(
      'what failed is not committed: the next member of the group gets it',
      async () => {
        const topic = await harness.topic();
        const group = harness.uniqueName('group');
        await harness.bus.publish(topic, numbered(5));
        const failing = await harness.consume({
          group,
          topics: [topic],
          onBatch: async () => {
            throw new Error('never');
          },
        });
        await harness.until('a failure', () => failing.errors.length > 0);
        await failing.subscription.stop();
        const next = await harness.consume({ group, topics: [topic] });
        await harness.until('the records', () => next.records.length === 5);
        expect(numbersOf(next.records)).toEqual(upTo(5));
      },
      timeoutMs,
    );

    it(
      'onAssigned is tried again when it fails, and no batch comes before it succeeds',
      async () => {
        const topic = await harness.topic();
        await harness.bus.publish(topic, numbered(5));
        let tries = 0;
        const recorder = await harness.consume({
          group: harness.uniqueName('group'),
          topics: [topic],
          onAssigned: async () => {
            if (++tries === 1) throw new Error('state not readable');
            return undefined;
          },
          onBatch: async () => {
            if (tries < 2) throw new Error('a batch before onAssigned succeeded');
          },
        });
        await harness.until('the records', () => recorder.records.length === 5);
        expect(recorder.errors.map((error) => (error as Error).message)).toEqual(['state not readable']);
      },
      timeoutMs,
    );
  });

  describe('commits and positions', () => {
    it(
      'stop finishes the batch under way and commits it; the next member goes on there',
      async () => {
        const topic = await harness.topic();
        const group = harness.uniqueName('group');
        await harness.bus.publish(topic, numbered(10));
        let begun = false;
        let finished = false;
        const first = await harness.consume({
          group,
          topics: [topic],
          maxBatch: 3,
          onBatch: async () => {
            begun = true;
            await new Promise((resolve) => setTimeout(resolve, 50));
            finished = true;
          },
        });
        await harness.until('a batch under way', () => begun);
        await Promise.all([first.subscription.stop(), first.subscription.stop()]);
        expect(finished).toBe(true);
        const done = first.records.length;
        expect(done).toBeGreaterThanOrEqual(1);
        expect(done).toBeLessThan(10);

        const committed: Assignment[] = [];
        const second = await harness.consume({
          group,
          topics: [topic],
          onAssigned: async (assignments) => {
            committed.push(...assignments);
            return undefined;
          },
        });
        await harness.until('the rest', () => second.records.length >= 10 - done);
        expect(committed).toEqual([{ topic, partition: 0, committed: (first.records.at(-1)?.offset as number) + 1 }]);
        expect(numbersOf([...first.records, ...second.records])).toEqual(upTo(10));
      },
      timeoutMs,
    );

    it(
      'a group without commits is told 0',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        const told: Assignment[] = [];
        await harness.consume({
          group: harness.uniqueName('group'),
          topics: [topic],
          onAssigned: async (assignments) => {
            told.push(...assignments);
            return undefined;
          },
        });
        await harness.until('the assignment', () => told.length === 2);
        expect(told.sort((a, b) => a.partition - b.partition)).toEqual([
          { topic, partition: 0, committed: 0 },
          { topic, partition: 1, committed: 0 },
        ]);
      },
      timeoutMs,
    );

    it(
      'onAssigned may go back to earlier positions',
      async () => {
        const topic = await harness.topic();
        const group = harness.uniqueName('group');
        const positions = await harness.bus.publish(topic, numbered(10));
        const first = await harness.consume({ group, topics: [topic] });
        await harness.until('all records', () => first.records.length === 10);
        await first.subscription.stop();
        await harness.bus.publish(topic, [{ key: 'k', value: Buffer.from('10') }]);

        const second = await harness.consume({
          group,
          topics: [topic],
          onAssigned: async () => [{ topic, partition: 0, offset: positions[6]?.offset as number }],
        });
        await harness.until('the record after the committed ones', () => numbersOf(second.records).includes(10));
        expect(numbersOf(second.records)).toEqual([6, 7, 8, 9, 10]);
      },
      timeoutMs,
    );

    harness.itReopens('commits outlive a reopen', async () => {
      const topic = await harness.topic();
      const group = harness.uniqueName('group');
      await harness.bus.publish(topic, numbered(10));
      const first = await harness.consume({ group, topics: [topic] });
      await harness.until('all records', () => first.records.length === 10);
      await first.subscription.stop();
      await harness.reopen();
      await harness.bus.publish(topic, [{ key: 'k', value: Buffer.from('10') }]);
      const second = await harness.consume({ group, topics: [topic] });
      await harness.until('the new record', () => second.records.length > 0);
      expect(numbersOf(second.records)).toEqual([10]);
    });
  });

  describe('pause and resume', () => {
    it(
      'no batch begins while paused; after resume nothing is missing',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        const fence = await harness.consume({ group: harness.uniqueName('fence'), topics: [topic] });
        let paused = false;
        let whilePaused = 0;
        const recorder = await harness.consume({
          group: harness.uniqueName('group'),
          topics: [topic],
          onBatch: async () => {
            if (paused) whilePaused++;
          },
        });
        await harness.bus.publish(topic, numbered(20, 10));
        await harness.until('the first records', () => recorder.records.length === 20);
        recorder.subscription.pause();
        paused = true;
        for (let round = 1; round <= 3; round++) {
          await harness.bus.publish(topic, numbered(20, 10));
          await harness.until('the other group', () => fence.records.length === 20 * (round + 1));
        }
        expect(recorder.records).toHaveLength(20);
        paused = false;
        recorder.subscription.resume();
        await harness.until('the rest', () => recorder.records.length === 80);
        expect(whilePaused).toBe(0);
        expect(byKey(recorder.records)).toEqual(byKey(fence.records));
      },
      timeoutMs,
    );

    it(
      'stops while paused',
      async () => {
        const topic = await harness.topic();
        const { subscription } = await harness.consume({ group: harness.uniqueName('group'), topics: [topic] });
        subscription.pause();
        await harness.within(subscription.stop(), 'stop');
      },
      timeoutMs,
    );
  });
}
