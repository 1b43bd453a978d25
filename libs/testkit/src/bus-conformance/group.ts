import { describe, expect, it } from '@jest/globals';
import { type Harness, numbered, type Recorder } from './harness.js';

const PARTITIONS = 4;

export function groupTests(harness: Harness): void {
  const timeoutMs = harness.deadlineMs * 3;

  describe('members of a group', () => {
    it(
      'share the partitions, and a partition is given up before another member is told of it',
      async () => {
        const topic = await harness.topic({ partitions: PARTITIONS });
        const group = harness.uniqueName('group');
        const owners = new Map<string, string>();
        const faults: string[] = [];
        const join = (name: string) =>
          harness.consume({
            group,
            topics: [topic],
            onAssigned: async (assignments) => {
              for (const { partition } of assignments) {
                const owner = owners.get(`${partition}`);
                if (owner) faults.push(`${partition} to ${name} while ${owner} had it`);
                owners.set(`${partition}`, name);
              }
              return undefined;
            },
            onRevoked: async (partitions) => {
              for (const { partition } of partitions) {
                if (owners.get(`${partition}`) !== name)
                  faults.push(`${partition} taken from ${name}, which had it not`);
                owners.delete(`${partition}`);
              }
            },
            onBatch: async ({ partition }) => {
              if (owners.get(`${partition}`) !== name) faults.push(`a batch of ${partition} for ${name}`);
            },
          });

        const first = await join('first');
        await harness.until('the first to have all', () => first.held.size === PARTITIONS);
        await harness.bus.publish(topic, numbered(40, 20));
        await harness.until('the first records', () => first.records.length === 40);

        const second = await join('second');
        const share = () => first.held.size > 0 && second.held.size > 0 && owners.size === PARTITIONS;
        await harness.until('both to share', share);
        expect(first.held.size + second.held.size).toBe(PARTITIONS);
        const before = distinct(first, second);
        await harness.bus.publish(topic, numbered(400, 200));
        await harness.until('the shared records', () => distinct(first, second) === before + 400);
        expect(second.records.length).toBeGreaterThan(0);

        await second.subscription.stop();
        await harness.until('the first to have all again', () => first.held.size === PARTITIONS);
        await harness.bus.publish(topic, numbered(40, 20));
        await harness.until('the last records', () => distinct(first, second) === 480);
        expect(faults).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'a batch under way ends before its partition moves',
      async () => {
        const topic = await harness.topic({ partitions: PARTITIONS });
        const group = harness.uniqueName('group');
        let release = () => {};
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        const busy = new Set<number>();
        const taken: number[] = [];
        const first = await harness.consume({
          group,
          topics: [topic],
          onBatch: async ({ partition }) => {
            busy.add(partition);
            await gate;
            busy.delete(partition);
          },
        });
        await harness.until('the first to have all', () => first.held.size === PARTITIONS);
        await harness.bus.publish(topic, numbered(40, 20));
        await harness.until('a batch under way', () => busy.size > 0);
        const second = await harness.consume({
          group,
          topics: [topic],
          onAssigned: async (assignments) => {
            for (const { partition } of assignments) if (busy.has(partition)) taken.push(partition);
            return undefined;
          },
        });
        release();
        await harness.until('both to share', () => first.held.size > 0 && second.held.size > 0);
        await harness.until('every record', () => distinct(first, second) === 40);
        expect(taken).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'more members than partitions: one of them waits, and takes over when the other stops',
      async () => {
        const topic = await harness.topic();
        const group = harness.uniqueName('group');
        const members = [
          await harness.consume({ group, topics: [topic] }),
          await harness.consume({ group, topics: [topic] }),
        ] as const;
        await harness.until('one to have it', () => members.some((member) => member.held.size === 1));
        await harness.bus.publish(topic, numbered(10));
        await harness.until('the records', () => distinct(...members) === 10);
        const owner = members.find((member) => member.held.size === 1) as Recorder;
        const other = members.find((member) => member !== owner) as Recorder;
        await owner.subscription.stop();
        await harness.until('the other to take over', () => other.held.size === 1);
        await harness.bus.publish(topic, numbered(10));
        await harness.until('the records after', () => distinct(...members) === 20);
      },
      timeoutMs,
    );

    it(
      'exclusive: one has everything, the others stand by, and one of them takes over when it stops',
      async () => {
        const topics = [await harness.topic({ partitions: 2 }), await harness.topic()];
        const group = harness.uniqueName('group');
        const join = () => harness.consume({ group, topics, exclusive: true });
        const all = 3;
        const first = await join();
        await harness.until('the first to have all', () => first.held.size === all);
        const standbys = [await join(), await join()];
        const publish = () => Promise.all(topics.map((topic) => harness.bus.publish(topic, numbered(30, 15))));
        await publish();
        await harness.until('the records', () => first.records.length === 60);
        expect(standbys.map(({ held, records }) => held.size + records.length)).toEqual([0, 0]);

        await first.subscription.stop();
        await harness.until('one of the others to have all', () => standbys.some(({ held }) => held.size === all));
        await publish();
        const active = standbys.find(({ held }) => held.size === all) as Recorder;
        const other = standbys.find((standby) => standby !== active) as Recorder;
        await harness.until('the records after', () => active.records.length === 60);
        expect(other.held.size + other.records.length).toBe(0);
      },
      timeoutMs,
    );

    it(
      'nothing is lost while members come and go',
      async () => {
        const topic = await harness.topic({ partitions: PARTITIONS });
        const group = harness.uniqueName('group');
        const stay = await harness.consume({ group, topics: [topic], maxBatch: 10 });
        const all = [stay];
        for (let round = 0; round < 3; round++) {
          await harness.bus.publish(topic, numbered(100, 40));
          const guest = await harness.consume({ group, topics: [topic], maxBatch: 10 });
          all.push(guest);
          await harness.bus.publish(topic, numbered(100, 40));
          await harness.until('the guest to have a share', () => guest.held.size > 0);
          await guest.subscription.stop();
        }
        await harness.until('every record', () => distinct(...all) === 600);
        for (let partition = 0; partition < PARTITIONS; partition++) {
          for (const { records } of all) {
            const offsets = records.filter((record) => record.partition === partition).map((record) => record.offset);
            expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
          }
        }
      },
      timeoutMs,
    );
  });
}

/** At least once: records may come twice around a rebalance, so count different ones. */
function distinct(...recorders: Recorder[]): number {
  return new Set(recorders.flatMap(({ records }) => records.map((record) => `${record.partition}@${record.offset}`)))
    .size;
}
