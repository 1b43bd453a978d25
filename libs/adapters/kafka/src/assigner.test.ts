import type { TopicPartition } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { assign, type GroupMember, nameOf } from './assigner.js';

const TOPICS = ['a', 'b'];

function partitions(count: number): TopicPartition[] {
  return TOPICS.flatMap((topic) => Array.from({ length: count }, (_, partition) => ({ topic, partition })));
}

/** A group of real members, that hold what they were given until they have given it up. */
class Group {
  readonly members = new Map<string, GroupMember>();
  private readonly all: TopicPartition[];

  constructor(count: number) {
    this.all = partitions(count);
  }

  join(id: string): void {
    this.members.set(id, { id, topics: TOPICS, holds: [] });
  }

  /** One rebalance; answers how many partitions changed hands or came. */
  rebalance(): number {
    const before = new Map(
      [...this.members.values()].flatMap((member) => member.holds.map((held) => [nameOf(held), member.id])),
    );
    const assigned = assign([...this.members.values()], this.all);
    let changes = 0;
    for (const [id, gets] of assigned) {
      for (const partition of gets) {
        const holder = before.get(nameOf(partition));
        expect([undefined, id]).toContain(holder);
        if (holder !== id) changes++;
      }
      changes += (this.members.get(id)?.holds.length ?? 0) - gets.filter((p) => before.get(nameOf(p)) === id).length;
      this.members.set(id, { id, topics: TOPICS, holds: gets });
    }
    return changes;
  }

  settle(): void {
    for (let rounds = 0; this.rebalance() > 0; rounds++) expect(rounds).toBeLessThan(4);
  }

  loads(): number[] {
    return [...this.members.values()].map((member) => member.holds.length).sort((a, b) => a - b);
  }
}

describe('cooperative assigner', () => {
  it('gives everything to the only member, and half to each of two', () => {
    const group = new Group(4);
    group.join('one');
    group.settle();
    expect(group.loads()).toEqual([8]);
    group.join('two');
    group.rebalance();
    expect(group.loads()).toEqual([0, 4]);
    group.settle();
    expect(group.loads()).toEqual([4, 4]);
  });

  it('never has two holders, settles evenly, and moves no more than it must, whoever comes and goes', () => {
    const group = new Group(7);
    let random = 1;
    for (let step = 0; step < 200; step++) {
      random = (random * 48271) % 2147483647;
      const ids = [...group.members.keys()];
      if (ids.length === 0 || (random % 2 === 0 && ids.length < 9)) group.join(`member-${step}`);
      else group.members.delete(ids[random % ids.length] as string);
      if (group.members.size === 0) continue;
      const kept = new Map([...group.members.values()].map(({ id, holds }) => [id, holds.map(nameOf)]));
      group.settle();
      const loads = group.loads();
      expect(loads.reduce((sum, load) => sum + load, 0)).toBe(14);
      expect((loads.at(-1) as number) - (loads[0] as number)).toBeLessThanOrEqual(1);
      const most = Math.ceil(14 / group.members.size);
      for (const [id, had] of kept) {
        const has = new Set(group.members.get(id)?.holds.map(nameOf));
        const least = Math.min(had.length, most) - 1;
        expect(had.filter((name) => has.has(name)).length).toBeGreaterThanOrEqual(least);
      }
    }
  });

  it('withholds what two members say they hold until both have given it up', () => {
    const contested = { topic: 'a', partition: 0 };
    const members = ['x', 'y'].map((id) => ({ id, topics: TOPICS, holds: [contested] }));
    const given = [...assign(members, partitions(2)).values()].flat().map(nameOf);
    expect(given.sort()).toEqual(['a/1', 'b/0', 'b/1']);
  });

  it('gives a topic only to those who read it', () => {
    const members = [
      { id: 'x', topics: ['a', 'b'], holds: [] },
      { id: 'y', topics: ['a'], holds: [] },
    ];
    expect(
      assign(members, partitions(3))
        .get('y')
        ?.every(({ topic }) => topic === 'a'),
    ).toBe(true);
  });
});
