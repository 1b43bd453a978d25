import type { TopicPartition } from '@fleetwall/core';
import kafkajs, { type PartitionAssigner } from 'kafkajs';

/** What one member brings to a rebalance. */
export interface GroupMember {
  id: string;
  topics: readonly string[];
  /** Partitions it holds and has not given up yet. */
  holds: readonly TopicPartition[];
}

/** What a member says of itself when it joins, as JSON in the user data of the consumer protocol. */
interface Claim {
  /** The member id under which it got what it holds. */
  member: string;
  holds: Record<string, number[]>;
}

/**
 * Cooperative and sticky: members keep what they hold, and a partition that is to move is given to nobody until its
 * holder has given it up and joined again (as KIP-429 does for Java clients). So a partition never has two holders, and
 * the others are not disturbed.
 *
 * @param current what this member would claim, read at every join
 * @param exclusive one member gets everything, the others stand by
 */
export function cooperativeAssigner(
  current: () => { member: string; holds: TopicPartition[] },
  exclusive: boolean,
): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;
  const version = 1;
  const name = exclusive ? 'fleetwall-exclusive' : 'fleetwall-cooperative';
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => {
      const { member, holds } = current();
      const claim: Claim = { member, holds: byTopic(holds) };
      const userData = Buffer.from(JSON.stringify(claim));
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) };
    },
    assign: async ({ members, topics }) => {
      const group = members.map(({ memberId, memberMetadata }) => {
        const metadata = MemberMetadata.decode(memberMetadata);
        const claim = JSON.parse(metadata?.userData?.toString() || '{}') as Partial<Claim>;
        // Whoever was thrown out of the group comes back under another id: what it held has been given away.
        const holds = claim.member === memberId ? partitionsOf(claim.holds ?? {}) : [];
        return { id: memberId, topics: metadata?.topics ?? [], holds };
      });
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })),
      );
      return [...assign(group, partitions, exclusive)].map(([memberId, assigned]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment: byTopic(assigned),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

/**
 * Who gets what in this round. Every member has as many partitions as any other, give or take one, once those that move
 * have been given up. `exclusive`: one member gets all of them, the one that holds most already.
 */
export function assign(
  members: readonly GroupMember[],
  partitions: readonly TopicPartition[],
  exclusive = false,
): Map<string, TopicPartition[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const holders = holdersOf(sorted);
  /** Where each partition ends up, once it has moved. */
  const targets = new Map<string, TopicPartition[]>(sorted.map(({ id }) => [id, []]));
  if (exclusive) {
    const [active] = [...sorted].sort((a, b) => b.holds.length - a.holds.length);
    if (active) targets.set(active.id, [...partitions]);
    return withoutContested(targets, holders);
  }
  const load = (member: GroupMember) => targets.get(member.id)?.length ?? 0;
  const free: TopicPartition[] = [];
  for (const partition of partitions) {
    const holder = holders.get(nameOf(partition))?.[0];
    if (holder) targets.get(holder.id)?.push(partition);
    else free.push(partition);
  }
  for (const partition of free) {
    const taker = least(
      sorted.filter(({ topics }) => topics.includes(partition.topic)),
      load,
    );
    if (taker) targets.get(taker.id)?.push(partition);
  }
  for (let moved = true; moved; ) moved = moveOne(sorted, targets, load);
  return withoutContested(targets, holders);
}

/** What another member still holds is for nobody in this round. */
function withoutContested(
  targets: ReadonlyMap<string, TopicPartition[]>,
  holders: ReadonlyMap<string, readonly GroupMember[]>,
): Map<string, TopicPartition[]> {
  const isFree = (id: string, partition: TopicPartition) =>
    (holders.get(nameOf(partition)) ?? []).every((holder) => holder.id === id);
  return new Map([...targets].map(([id, assigned]) => [id, assigned.filter((partition) => isFree(id, partition))]));
}

function holdersOf(members: readonly GroupMember[]): Map<string, GroupMember[]> {
  const holders = new Map<string, GroupMember[]>();
  for (const member of members) {
    for (const partition of member.holds) {
      const name = nameOf(partition);
      holders.set(name, [...(holders.get(name) ?? []), member]);
    }
  }
  return holders;
}

/** Moves one partition from a member to one that would still have fewer; false when none is left to move. */
function moveOne(
  members: readonly GroupMember[],
  targets: Map<string, TopicPartition[]>,
  load: (member: GroupMember) => number,
): boolean {
  for (const giver of [...members].sort((a, b) => load(b) - load(a))) {
    const given = targets.get(giver.id) as TopicPartition[];
    for (let i = given.length - 1; i >= 0; i--) {
      const { topic } = given[i] as TopicPartition;
      const taker = least(
        members.filter(({ topics }) => topics.includes(topic)),
        load,
      );
      if (!taker || load(taker) + 1 >= load(giver)) continue;
      targets.get(taker.id)?.push(...given.splice(i, 1));
      return true;
    }
  }
  return false;
}

function least(members: readonly GroupMember[], load: (member: GroupMember) => number): GroupMember | undefined {
  return members.reduce<GroupMember | undefined>(
    (best, member) => (best === undefined || load(member) < load(best) ? member : best),
    undefined,
  );
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

function byTopic(partitions: readonly TopicPartition[]): Record<string, number[]> {
  const grouped: Record<string, number[]> = {};
  for (const { topic, partition } of partitions) grouped[topic] = [...(grouped[topic] ?? []), partition];
  return grouped;
}

export function partitionsOf(grouped: Record<string, number[]>): TopicPartition[] {
  return Object.entries(grouped).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
