import type { BusRecord } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import type { Harness } from './harness.js';

export function compactionTests(harness: Harness): void {
  const timeoutMs = harness.deadlineMs * 2;
  const put = (key: string, value: string) => ({ key, value: Buffer.from(value) });

  describe('compacted topics', () => {
    it(
      'the last value of every key is there, and removed keys end removed',
      async () => {
        const topic = await harness.topic({ partitions: 2, compacted: true });
        const wanted = new Map<string, string>();
        for (let round = 0; round < 20; round++) {
          const batch = Array.from({ length: 20 }, (_, i) => put(`key-${i}`, `${round}`));
          for (const { key, value } of batch) wanted.set(key, value.toString());
          await harness.bus.publish(topic, batch);
        }
        await harness.bus.publish(topic, [put('key-3', ''), put('key-7', ''), put('key-7', 'back')]);
        wanted.delete('key-3');
        wanted.set('key-7', 'back');
        expect(lastValues(await harness.readAll(topic))).toEqual(wanted);
      },
      timeoutMs,
    );

    it(
      'a follower that goes on sees the removal as an empty value',
      async () => {
        const topic = await harness.topic({ compacted: true });
        await harness.bus.publish(topic, [put('a', '1')]);
        const seen: string[] = [];
        const follower = await harness.bus.follow({
          topic,
          onRecord: ({ key, value }) => {
            seen.push(`${key}=${value.toString()}`);
          },
        });
        harness.atEnd(() => follower.stop());
        await harness.within(follower.caughtUp, 'the follower to catch up');
        await harness.bus.publish(topic, [put('a', '')]);
        await harness.until('the removal', () => seen.length === 2);
        expect(seen).toEqual(['a=1', 'a=']);
      },
      timeoutMs,
    );

    harness.itReopens('the last values and the offsets outlive a reopen', async () => {
      const topic = await harness.topic({ compacted: true });
      for (let round = 0; round < 50; round++) {
        await harness.bus.publish(
          topic,
          Array.from({ length: 10 }, (_, i) => put(`key-${i}`, `${round}`)),
        );
      }
      await harness.bus.publish(topic, [put('key-0', '')]);
      const before = await harness.readAll(topic);
      const [range] = await harness.bus.ranges(topic);
      await harness.reopen();
      const after = await harness.readAll(topic);
      expect(lastValues(after)).toEqual(lastValues(before));
      const offsets = new Map(before.map((record) => [record.offset, `${record.key}=${record.value.toString()}`]));
      for (const { offset, key, value } of after) expect(`${key}=${value.toString()}`).toBe(offsets.get(offset));
      const [next] = await harness.bus.publish(topic, [put('key-1', 'next')]);
      expect(next?.offset).toBeGreaterThanOrEqual(range?.high as number);
    });
  });
}

function lastValues(records: readonly BusRecord[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of records) {
    if (value.length === 0) values.delete(key);
    else values.set(key, value.toString());
  }
  return values;
}
