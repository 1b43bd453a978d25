import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { byKey, type Harness, numbered, numbersOf } from './harness.js';

export function publishTests(harness: Harness): void {
  const timeoutMs = harness.deadlineMs * 2;

  describe('declare', () => {
    it(
      'is idempotent and refuses another partition count',
      async () => {
        const name = harness.uniqueName('topic');
        await harness.bus.declare([{ name, partitions: 3 }]);
        await harness.bus.declare([{ name, partitions: 3 }]);
        expect((await harness.bus.ranges(name)).map((range) => range.partition)).toEqual([0, 1, 2]);
        await expect(harness.bus.declare([{ name, partitions: 4 }])).rejects.toMatchObject({
          code: 'BUS_TOPIC_MISMATCH',
          details: { topic: name, actual: 3, expected: 4 },
        });
      },
      timeoutMs,
    );

    it(
      'of a retention that is needed: less is no matter, more is taken up or refused by name',
      async () => {
        const spec = { name: harness.uniqueName('topic'), partitions: 1, isRetentionNeeded: true };
        await harness.bus.declare([{ ...spec, retentionMs: 7_200_000 }]);
        await harness.bus.declare([{ ...spec, retentionMs: 3_600_000 }]);
        const more = { ...spec, retentionMs: 10_800_000 };
        const refusal = await harness.bus.declare([more]).catch((error: unknown) => error);
        if (refusal === undefined) return;
        expect(refusal).toMatchObject({
          code: 'BUS_RETENTION_TOO_SHORT',
          details: { topic: spec.name, actualMs: 7_200_000, neededMs: 10_800_000 },
        });
        await harness.bus.declare([{ ...more, isRetentionNeeded: false }]);
      },
      timeoutMs,
    );

    it(
      'every call on an unknown topic is refused by name',
      async () => {
        const topic = harness.uniqueName('missing');
        const refused = { code: 'BUS_TOPIC_UNKNOWN', details: { topic } };
        const { bus } = harness;
        await expect(bus.publish(topic, numbered(1))).rejects.toMatchObject(refused);
        await expect(bus.ranges(topic)).rejects.toMatchObject(refused);
        await expect(bus.offsetsAt(topic, 0)).rejects.toMatchObject(refused);
        await expect(bus.follow({ topic, onRecord: () => {} })).rejects.toMatchObject(refused);
        const group = harness.uniqueName('group');
        await expect(bus.consume({ group, topics: [topic], onBatch: async () => {} })).rejects.toMatchObject(refused);
      },
      timeoutMs,
    );
  });

  describe('publish', () => {
    it(
      'answers positions in the order given, which lead to the records',
      async () => {
        const topic = await harness.topic({ partitions: 4 });
        const records = numbered(200, 17);
        const positions = await harness.bus.publish(topic, records);
        expect(positions).toHaveLength(200);
        const found = new Map(
          (await harness.readAll(topic)).map((record) => [`${record.partition}@${record.offset}`, record]),
        );
        expect(found.size).toBe(200);
        positions.forEach((position, i) => {
          const record = found.get(`${position.partition}@${position.offset}`);
          expect({ topic: position.topic, key: record?.key, value: record?.value.toString() }).toEqual({
            topic,
            key: records[i]?.key,
            value: String(i),
          });
        });
      },
      timeoutMs,
    );

    it(
      'takes an empty batch',
      async () => {
        expect(await harness.bus.publish(await harness.topic(), [])).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'puts a record where it is told to, whatever its key',
      async () => {
        const topic = await harness.topic({ partitions: 4 });
        const records = Array.from({ length: 40 }, (_, i) => ({
          key: 'same',
          value: Buffer.from(String(i)),
          partition: i % 4,
        }));
        const positions = await harness.bus.publish(topic, records);
        expect(positions.map(({ partition }) => partition)).toEqual(records.map(({ partition }) => partition));
        for (const { partition, value } of await harness.readAll(topic)) {
          expect(partition).toBe(Number(value.toString()) % 4);
        }
        const astray = [
          { key: 'a', value: Buffer.from('0'), partition: 0 },
          { key: 'a', value: Buffer.alloc(1), partition: 4 },
        ];
        await expect(harness.bus.publish(topic, astray)).rejects.toMatchObject({
          code: 'BUS_PARTITION_UNKNOWN',
          details: { topic, partition: 4 },
        });
        expect(await harness.readAll(topic)).toHaveLength(40);
      },
      timeoutMs,
    );

    it(
      'keeps a key on one partition, and spreads keys',
      async () => {
        const topic = await harness.topic({ partitions: 4 });
        await harness.bus.publish(topic, numbered(200, 50));
        await harness.bus.publish(topic, numbered(200, 50));
        const placed = new Map<string, Set<number>>();
        for (const { key, partition } of await harness.readAll(topic)) {
          placed.set(key, (placed.get(key) ?? new Set()).add(partition));
        }
        expect([...placed.values()].every((partitions) => partitions.size === 1)).toBe(true);
        expect(new Set([...placed.values()].flatMap((partitions) => [...partitions])).size).toBeGreaterThan(1);
      },
      timeoutMs,
    );

    it(
      'keeps the order of calls that do not wait for each other',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        const records = numbered(300, 5);
        await Promise.all(records.map((record) => harness.bus.publish(topic, [record])));
        const expected = byKey(
          records.map((record) => ({ ...record, topic, partition: 0, offset: 0, timestampMs: 0 })),
        );
        expect(byKey(await harness.readAll(topic))).toEqual(expected);
      },
      timeoutMs,
    );

    it(
      'loses and mixes nothing of concurrent publishers',
      async () => {
        const topic = await harness.topic({ partitions: 3 });
        await Promise.all(
          Array.from({ length: 8 }, async (_, publisher) => {
            const records = numbered(100, 1, `publisher-${publisher}-`);
            for (let i = 0; i < 100; i += 10) await harness.bus.publish(topic, records.slice(i, i + 10));
          }),
        );
        const values = byKey(await harness.readAll(topic));
        expect(values.size).toBe(8);
        const wanted = Array.from({ length: 100 }, (_, i) => String(i));
        for (const got of values.values()) expect(got).toEqual(wanted);
      },
      timeoutMs,
    );

    it(
      'carries headers, any bytes and any key as they are',
      async () => {
        const topic = await harness.topic();
        const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
        const headers = { type: 'x', 'with space': 'ünïcödé ✓ \u0000', empty: '' };
        await harness.bus.publish(topic, [
          { key: 'ключ\n"\u0000', value: every, headers },
          { key: 'second', value: Buffer.from('no headers') },
          { key: '', value: Buffer.from('empty key') },
        ]);
        const [first, second, third] = await harness.readAll(topic);
        expect(first?.key).toBe('ключ\n"\u0000');
        expect(first?.value.equals(every)).toBe(true);
        expect(first?.headers).toEqual(headers);
        expect(second?.headers ?? {}).toEqual({});
        expect([third?.key, third?.value.toString()]).toEqual(['', 'empty key']);
      },
      timeoutMs,
    );

    it(
      'does not see what the caller does with its buffer afterwards',
      async () => {
        const topic = await harness.topic();
        const value = Buffer.from('before');
        await harness.bus.publish(topic, [{ key: 'k', value }]);
        value.fill(0);
        expect((await harness.readAll(topic))[0]?.value.toString()).toBe('before');
      },
      timeoutMs,
    );

    it(
      'carries records of a megabyte',
      async () => {
        const topic = await harness.topic();
        const values = [1_000_000, 1, 1_000_000].map((size) => randomBytes(size));
        for (const value of values) await harness.bus.publish(topic, [{ key: 'big', value }]);
        const read = await harness.readAll(topic);
        expect(read.map((record, i) => record.value.equals(values[i] as Buffer))).toEqual([true, true, true]);
      },
      timeoutMs,
    );

    it(
      'stamps the append time',
      async () => {
        const topic = await harness.topic();
        const beforeMs = Date.now();
        await harness.bus.publish(topic, numbered(3));
        const afterMs = Date.now();
        for (const { timestampMs } of await harness.readAll(topic)) {
          expect(timestampMs).toBeGreaterThanOrEqual(beforeMs - 1_000);
          expect(timestampMs).toBeLessThanOrEqual(afterMs + 1_000);
        }
      },
      timeoutMs,
    );
  });

  describe('ranges and offsetsAt', () => {
    it(
      'a new topic is empty in every partition',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        const ranges = await harness.bus.ranges(topic);
        expect(ranges.map(({ topic: name, partition }) => [name, partition])).toEqual([
          [topic, 0],
          [topic, 1],
        ]);
        for (const { low, high } of ranges) expect(high).toBe(low);
      },
      timeoutMs,
    );

    it(
      'low and high enclose what was published',
      async () => {
        const topic = await harness.topic();
        const positions = await harness.bus.publish(topic, numbered(5));
        const [range] = await harness.bus.ranges(topic);
        expect(range?.low).toBeLessThanOrEqual(positions[0]?.offset as number);
        expect(range?.high).toBeGreaterThan(positions[4]?.offset as number);
        const [next] = await harness.bus.publish(topic, numbered(1));
        expect(next?.offset).toBeGreaterThanOrEqual(range?.high as number);
      },
      timeoutMs,
    );

    it(
      'finds the first record at or after a time',
      async () => {
        const topic = await harness.topic({ partitions: 2 });
        await harness.bus.publish(topic, numbered(40, 20));
        const early = await harness.readAll(topic);
        const lastMs = Math.max(...early.map((record) => record.timestampMs));
        await harness.until('the clock to go on', () => Date.now() > lastMs + 20);
        const betweenMs = lastMs + 10;
        await harness.bus.publish(topic, numbered(40, 20));
        const late = (await harness.readAll(topic)).filter((record) => record.timestampMs >= betweenMs);
        expect(late).toHaveLength(40);

        const start = await harness.bus.offsetsAt(topic, 0);
        const between = await harness.bus.offsetsAt(topic, betweenMs);
        const future = await harness.bus.offsetsAt(topic, Date.now() + 3_600_000);
        const ranges = await harness.bus.ranges(topic);
        for (const { partition, high } of ranges) {
          const at = (positions: typeof start) =>
            positions.find((position) => position.partition === partition)?.offset;
          const offsets = (records: typeof late) =>
            records.filter((r) => r.partition === partition).map((r) => r.offset);
          expect(at(start)).toBeLessThanOrEqual(Math.min(...offsets(early)));
          expect(at(between)).toBeGreaterThan(Math.max(...offsets(early)));
          expect(at(between)).toBeLessThanOrEqual(Math.min(...offsets(late)));
          expect(at(future)).toBe(high);
        }
      },
      timeoutMs,
    );

    it(
      'an empty partition answers its high offset for any time',
      async () => {
        const topic = await harness.topic();
        const [range] = await harness.bus.ranges(topic);
        expect(await harness.bus.offsetsAt(topic, 0)).toEqual([{ topic, partition: 0, offset: range?.high }]);
      },
      timeoutMs,
    );
  });

  describe('durability', () => {
    harness.itReopens('what was acknowledged is there after a reopen, and offsets go on', async () => {
      const topic = await harness.topic({ partitions: 2 });
      const before = await harness.bus.publish(topic, numbered(100, 10));
      await harness.reopen();
      const read = await harness.readAll(topic);
      expect(numbersOf(read).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
      const after = await harness.bus.publish(topic, numbered(100, 10));
      after.forEach(({ partition, offset }, i) => {
        expect(partition).toBe(before[i]?.partition);
        expect(offset).toBeGreaterThan(before[i]?.offset as number);
      });
      expect(await harness.readAll(topic)).toHaveLength(200);
    });
  });
}
