import type { TopicPartition } from '@fleetwall/core';

export interface Candidate {
  topics: readonly string[];
  /** What it holds now. */
  holds(partition: TopicPartition): boolean;
}

/**
 * Shares partitions among members: each topic evenly (counts differ by one at most), everyone keeps what they hold as far
 * as that allows, and the rest goes in turn to whoever has least of the topic, then least in all, then came first.
 * Partitions of topics that nobody wants are in nobody's list.
 */
export function assignSticky<M extends Candidate>(
  members: readonly M[],
  topics: ReadonlyMap<string, number>,
): Map<M, TopicPartition[]> {
  const shares = new Map<M, TopicPartition[]>(members.map((member) => [member, []]));
  for (const [topic, partitions] of topics) {
    const wanting = members.filter((member) => member.topics.includes(topic));
    if (wanting.length === 0) continue;
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const mine = new Map<M, TopicPartition[]>(wanting.map((member) => [member, []]));
    const even = Math.floor(partitions / wanting.length);
    let extras = partitions % wanting.length;
    const left = all.filter((partition) => {
      const holder = wanting.find((member) => member.holds(partition));
      const kept = holder && mine.get(holder);
      if (!kept || kept.length > even || (kept.length === even && extras === 0)) return true;
      if (kept.length === even) extras--;
      kept.push(partition);
      return false;
    });
    const load = (member: M) => (mine.get(member) as TopicPartition[]).length;
    const total = (member: M) => (shares.get(member) as TopicPartition[]).length;
    for (const partition of left) {
      const least = wanting.reduce((a, b) => ((load(b) - load(a) || total(b) - total(a)) < 0 ? b : a));
      mine.get(least)?.push(partition);
    }
    for (const [member, partitionsOfTopic] of mine) shares.get(member)?.push(...partitionsOfTopic);
  }
  return shares;
}

/** Everything to the member that came first; the others stand by. */
export function assignExclusive<M extends Candidate>(
  members: readonly M[],
  topics: ReadonlyMap<string, number>,
): Map<M, TopicPartition[]> {
  const all = [...topics].flatMap(([topic, partitions]) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  return new Map(members.map((member, i) => [member, i === 0 ? all : []]));
}
