import type { TopicPartition } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignSticky } from './sticky-assignment.js';

class Member {
  held: TopicPartition[] = [];
  constructor(readonly topics: string[]) {}
  holds({ topic, partition }: TopicPartition): boolean {
    return this.held.some((held) => held.topic === topic && held.partition === partition);
  }
}

function settle(members: Member[], topics: Map<string, number>): number {
  const shares = assignSticky(members, topics);
  let moved = 0;
  for (const member of members) {
    const share = shares.get(member) as TopicPartition[];
    moved += share.filter((partition) => !member.holds(partition)).length;
    member.held = share;
  }
  return moved;
}

describe('sticky assignment', () => {
  it('moves only what the newcomer gets', () => {
    const topics = new Map([['t', 6]]);
    const first = new Member(['t']);
    const second = new Member(['t']);
    expect(settle([first], topics)).toBe(6);
    expect(settle([first, second], topics)).toBe(3);
    const third = new Member(['t']);
    expect(settle([first, second, third], topics)).toBe(2);
    expect(settle([first, second, third], topics)).toBe(0);
    expect(settle([first, third], topics)).toBe(2);
  });

  it('spreads topics of one partition over the members', () => {
    const members = [new Member(['a', 'b', 'c']), new Member(['a', 'b', 'c'])];
    settle(
      members,
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
    );
    expect(members.map((member) => member.held.length).sort()).toEqual([1, 2]);
  });

  it('gives every partition to exactly one member who wants it, evenly within each topic', () => {
    const wanted = fc.subarray(['a', 'b', 'c']);
    const counts = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.array(wanted, { maxLength: 6 }), counts, fc.nat(5), (wishes, [a, b, c], leaver) => {
        const topics = new Map([
          ['a', a],
          ['b', b],
          ['c', c],
        ]);
        const members = wishes.map((names) => new Member(names));
        settle(members, topics);
        members.splice(leaver, 1);
        settle(members, topics);
        for (const [topic, partitions] of topics) {
          const wanting = members.filter((member) => member.topics.includes(topic));
          const mine = members.map((member) => member.held.filter((held) => held.topic === topic));
          const given = mine.flat().map(({ partition }) => partition);
          expect(given.sort()).toEqual(wanting.length > 0 ? Array.from({ length: partitions }, (_, i) => i) : []);
          const loads = wanting.map((member) => member.held.filter((held) => held.topic === topic).length);
          if (loads.length > 0) expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
          expect(members.every((member) => member.held.every((held) => member.topics.includes(held.topic)))).toBe(true);
        }
      }),
    );
  });
});
