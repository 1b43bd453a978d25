import type { Assignment, Bus, Position } from '@fleetwall/core';

/** How far before the commit records are read again: a logon under way is over by then (the assembler forgets it). */
const FOLD_MS = 600_000;

/**
 * Where to begin with newly assigned partitions: at the first record that was appended within ten minutes before the last
 * one that the group has finished.
 */
export async function foldPositions(bus: Bus, assignments: readonly Assignment[]): Promise<Position[]> {
  const byTopic = new Map<string, Assignment[]>();
  for (const assignment of assignments) {
    byTopic.set(assignment.topic, [...(byTopic.get(assignment.topic) ?? []), assignment]);
  }
  const positions = await Promise.all([...byTopic].map(([topic, ofTopic]) => positionsOf(bus, topic, ofTopic)));
  return positions.flat();
}

function positionsOf(bus: Bus, topic: string, assignments: readonly Assignment[]): Promise<Position[]> {
  return Promise.all(
    assignments.map(async ({ partition, committed }) => {
      const lastMs = committed === 0 ? undefined : await appendTimeOf(bus, topic, partition, committed - 1);
      if (lastMs === undefined) return { topic, partition, offset: committed };
      const first = await bus.offsetsAt(topic, lastMs - FOLD_MS);
      const offset = first.find((position) => position.partition === partition)?.offset ?? committed;
      return { topic, partition, offset: Math.min(offset, committed) };
    }),
  );
}

/** When the record at the offset was appended, or the first one after it; undefined when there is none. */
async function appendTimeOf(bus: Bus, topic: string, partition: number, offset: number): Promise<number | undefined> {
  let timeMs: number | undefined;
  let found = () => {};
  const first = new Promise<void>((resolve) => {
    found = resolve;
  });
  const follower = await bus.follow({
    topic,
    partitions: [partition],
    from: new Map([[partition, offset]]),
    onRecord: ({ timestampMs }) => {
      timeMs ??= timestampMs;
      found();
    },
  });
  await Promise.race([first, follower.caughtUp]);
  await follower.stop();
  return timeMs;
}
