import { describe, expect, it } from '@jest/globals';
import { type Harness, numbered } from './harness.js';

export function closingTests(harness: Harness): void {
  describe('close', () => {
    it(
      'ends subscriptions and followers, may be called twice, and refuses what comes after',
      async () => {
        const { bus, destroy } = await harness.createAnother();
        try {
          const topic = harness.uniqueName('topic');
          const group = harness.uniqueName('group');
          await bus.declare([{ name: topic, partitions: 2 }]);
          await bus.publish(topic, numbered(10, 5));
          let underWay = 0;
          let finished = 0;
          await bus.consume({
            group,
            topics: [topic],
            onBatch: async (batch) => {
              underWay++;
              await new Promise((resolve) => setTimeout(resolve, 20));
              finished += batch.records.length > 0 ? 1 : 0;
            },
          });
          await bus.follow({ topic, onRecord: () => {} });
          await harness.until('a batch under way', () => underWay > 0);
          await harness.within(Promise.all([bus.close(), bus.close()]), 'close');
          await harness.within(bus.close(), 'close again');
          expect(finished).toBe(underWay);
          const closed = { code: 'BUS_CLOSED' };
          await expect(bus.publish(topic, numbered(1))).rejects.toMatchObject(closed);
          await expect(bus.declare([{ name: topic, partitions: 2 }])).rejects.toMatchObject(closed);
          await expect(bus.consume({ group, topics: [topic], onBatch: async () => {} })).rejects.toMatchObject(closed);
          await expect(bus.follow({ topic, onRecord: () => {} })).rejects.toMatchObject(closed);
          await expect(bus.ranges(topic)).rejects.toMatchObject(closed);
          await expect(bus.offsetsAt(topic, 0)).rejects.toMatchObject(closed);
        } finally {
          await destroy();
        }
      },
      harness.deadlineMs * 2,
    );
  });
}
