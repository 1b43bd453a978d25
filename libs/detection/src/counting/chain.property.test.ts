import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Occurrence } from '../temporal/index.js';
import { clusters, matches } from '../temporal/oracle.test-support.js';
import { ChainBench, correlationOf, eventOf, ruleOf } from './chain-bench.test-support.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;

const RULES = [
  correlationOf('any', 'type: temporal, rules: [a, b, c], group-by: [host.id], timespan: 10m, condition: {gte: 2}'),
  correlationOf('row', 'type: temporal_ordered, rules: [a, b, c], group-by: [host.id], timespan: 10m'),
  correlationOf('then', 'type: temporal_ordered, rules: [many, c], group-by: [user.name], timespan: 10m'),
  correlationOf('many', 'type: event_count, rules: [a, b], group-by: [host.id], timespan: 5m, condition: {gte: 3}'),
  ...['a', 'b', 'c'].map((name) => ruleOf(name)),
];

interface Seen {
  id: number;
  action: 'a' | 'b' | 'c';
  minute: number;
  host: string;
  user: string;
}

const seen: fc.Arbitrary<Seen> = fc.record({
  id: fc.nat(1_000),
  action: fc.constantFrom('a', 'b', 'c'),
  minute: fc.nat(50),
  host: fc.constantFrom('web-01', 'web-02'),
  user: fc.constantFrom('eve', 'bob'),
});

const eventsInAnyOrder = fc
  .uniqueArray(seen, { selector: ({ id }) => id, maxLength: 18 })
  .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })));

const occurrenceOf = ({ id, minute }: Seen, step: number, value: string): Occurrence => {
  return { id: `event-${id}`, timeMs: T + minute * MINUTE_MS, step, value, host: 0, who: 0 };
};

/** What must have fired, by definition: for every group the time from the first match to the last, with all in between. */
function expected(all: readonly Seen[]): string[] {
  const steps = { a: 0, b: 1, c: 2 };
  const plain = all.map((one) => ({ one, occurrence: occurrenceOf(one, steps[one.action], one.action) }));
  const counted = all.filter(({ action }) => action !== 'c');
  const many = counted.filter((one) => {
    const own = counted.filter(({ host }) => host === one.host).map((other) => occurrenceOf(other, 0, 'x'));
    const last = own.find(({ id }) => id === `event-${one.id}`) as Occurrence;
    return matches({ type: 'count', threshold: 3, windowMs: 5 * MINUTE_MS, tells: 'occurrences' }, own, last);
  });
  const then = [
    ...many.map((one) => ({ one, occurrence: occurrenceOf(one, 0, 'many') })),
    ...all.filter(({ action }) => action === 'c').map((one) => ({ one, occurrence: occurrenceOf(one, 1, 'c') })),
  ];
  return [
    ...episodes('any', plain, 'host', 'distinct', 2),
    ...episodes('row', plain, 'host', 'ordered', 3),
    ...episodes('then', then, 'user', 'ordered', 2),
  ].sort();
}

function episodes(
  rule: string,
  all: readonly { one: Seen; occurrence: Occurrence }[],
  group: 'host' | 'user',
  type: 'distinct' | 'ordered',
  threshold: number,
): string[] {
  const pattern = { type, threshold, windowMs: 10 * MINUTE_MS, tells: 'occurrences' } as const;
  return [...new Set(all.map(({ one }) => one[group]))].flatMap((name) => {
    const own = all.filter(({ one }) => one[group] === name).map(({ occurrence }) => occurrence);
    const firing = clusters(pattern, own)
      .filter((cluster) => matches(pattern, cluster))
      .flat();
    if (firing.length === 0) return [];
    const times = firing.map(({ timeMs }) => timeMs);
    const inside = own.filter(({ timeMs }) => timeMs >= Math.min(...times) && timeMs <= Math.max(...times));
    return [told(rule, name, inside.length, Math.min(...times), Math.max(...times))];
  });
}

const told = (rule: string, group: string, count: number, firstMs: number, lastMs: number) =>
  `${rule} ${group}: ${count} from ${(firstMs - T) / MINUTE_MS} to ${(lastMs - T) / MINUTE_MS}`;

describe('chains of rules', () => {
  it('come to the same alerts in whatever order and however often events arrive, over restarts too', () => {
    fc.assert(
      fc.property(eventsInAnyOrder, fc.nat(40), ([all, delivered], restartAt) => {
        const bench = new ChainBench(...RULES);
        for (const [index, { id, action, minute, host, user }] of delivered.entries()) {
          if (index === restartAt) bench.restart();
          const fields = { 'event.id': `event-${id}`, 'event.ingested': T + 50 * MINUTE_MS };
          const who = { 'host.name': host, 'user.name': user };
          bench.feed(eventOf(action, T + minute * MINUTE_MS, { ...fields, ...who }));
        }
        const alerts = bench.final();
        expect(
          alerts
            .map((one) => told(one.rule, Object.values(one.key)[0] as string, one.count, one.firstMs, one.lastMs))
            .sort(),
        ).toEqual(expected(all));
        for (const { all: contributors, count } of alerts) {
          expect([...contributors.values()].reduce((sum, own) => sum + own, 0)).toBe(count);
        }
      }),
      { numRuns: 200 },
    );
  });
});
