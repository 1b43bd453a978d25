import type { AlertChange } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules } from '../sigma/index.js';
import { Counter } from './counter.js';
import { episodeOf, follows, type Logon, type OracleRule, verdictOf } from './excuses-oracle.test-support.js';
import { alertingCorrelation, inNumbers, logonEvent, outcomeRule, partsOf } from './logons.test-support.js';
import { Observer } from './observer.js';
import { planCorrelations } from './plan.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const T = Date.UTC(2026, 10, 22, 12);
const LATENESS_MS = 6 * HOUR_MS;
const FOLLOWS_WITHIN_MS = 20 * MINUTE_MS;

const TEXT = [
  outcomeRule('failure'),
  outcomeRule('success'),
  alertingCorrelation(
    'fast',
    'type: event_count, rules: [failure], group-by: [source.ip], timespan: 30m, condition: {gte: 4}',
  ),
  alertingCorrelation(
    'spray',
    'type: value_count, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {gte: 3, field: user.name}',
  ),
  alertingCorrelation(
    'hosts',
    'type: value_count, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {gte: 3, field: host.id}',
  ),
  alertingCorrelation(
    'botnet',
    'type: value_count, rules: [failure], group-by: [user.name], timespan: 40m, condition: {gte: 3, field: source.ip}',
  ),
  alertingCorrelation(
    'got-in',
    `type: temporal_ordered, rules: [fast, success], group-by: [source.ip], timespan: ${FOLLOWS_WITHIN_MS / MINUTE_MS}m`,
  ),
].join('---');
const RULES: Record<string, OracleRule> = {
  fast: { groupBy: 'address', threshold: 4, windowMs: 30 * MINUTE_MS },
  spray: { groupBy: 'address', counts: 'account', threshold: 3, windowMs: HOUR_MS },
  hosts: { groupBy: 'address', counts: 'host', threshold: 3, windowMs: HOUR_MS },
  botnet: { groupBy: 'account', counts: 'address', threshold: 3, windowMs: 40 * MINUTE_MS },
};

const loaded = loadRules([{ path: 'r.yml', text: TEXT }]);
const plans = planCorrelations(loaded.correlations);
const observer = new Observer(plans);

interface Delivery {
  logon: Logon;
  ingestedMs: number;
}

/** What stands in the end: `rule key` with its contributors; those of the known apart. */
function outcomeOf(deliveries: readonly Delivery[], restartAt = -1): Record<string, string[]> {
  const fresh = () => new Counter({ plans, seed: [1, 2, 3], maxBytes: 1 << 26 });
  let counter = fresh();
  const changes: AlertChange[] = [];
  deliveries.forEach(({ logon, ingestedMs }, index) => {
    if (index === restartAt) {
      const parts = partsOf(counter);
      counter = fresh();
      counter.restore(parts);
    }
    for (const observation of observer.observe(
      logonEvent(logon, { 'event.ingested': ingestedMs }),
      [{ name: logon.outcome }],
      'default',
    ))
      counter.count(observation);
    counter.tick(ingestedMs);
    changes.push(...counter.takeChanges());
  });
  counter.flush();
  changes.push(...counter.takeChanges());
  const standing = new Map<string, { name: string; values: Set<string> }>();
  for (const { id, state, rule, key, knownGood, contributors, cleared } of changes) {
    const values = standing.get(id)?.values ?? new Set<string>();
    for (const value of cleared) values.delete(value);
    for (const { value } of contributors) values.add(value);
    const name = `${rule} ${Object.values(key)[0]}${knownGood ? ' known' : ''}`;
    if (state === 'open') standing.set(id, { name, values });
    else standing.delete(id);
  }
  const named = [...standing.values()];
  expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
  return Object.fromEntries(named.map(({ name, values }) => [name, [...values].sort()]));
}

/** The same in words. */
function expected(logons: readonly Logon[]): Record<string, string[]> {
  const standing: Record<string, string[]> = {};
  for (const [name, rule] of Object.entries(RULES)) {
    for (const key of new Set(logons.map((one) => one[rule.groupBy]))) {
      const own = logons.filter((one) => one[rule.groupBy] === key);
      const { counted, known } = verdictOf(rule, own);
      const tell = (suffix: string, failures: readonly Logon[]) => {
        const episode = episodeOf(rule, failures);
        const { counts } = rule;
        if (episode.length > 0)
          standing[`${name} ${key}${suffix}`] = counts ? [...new Set(episode.map((one) => one[counts]))].sort() : [];
      };
      tell('', counted);
      tell(' known', known);
      const successes = own.filter((one) => one.outcome === 'success');
      const got = successes.filter((one) => follows(rule, counted, one, FOLLOWS_WITHIN_MS));
      if (name === 'fast' && got.length > 0)
        standing[`got-in ${key}`] = [...new Set(got.map(({ account }) => account))].sort();
    }
  }
  return standing;
}

const logon = fc.record({
  outcome: fc.constantFrom('failure' as const, 'failure' as const, 'success' as const),
  minute: fc.oneof(fc.nat(40), fc.nat(150)),
  address: fc.constantFrom('198.51.100.7', '203.0.113.9', '192.0.2.3'),
  account: fc.constantFrom('alice', 'bob', 'root'),
  host: fc.constantFrom('web-1', 'web-2', 'web-3'),
});
const logons = fc
  .array(logon, { minLength: 1, maxLength: 24 })
  .map((list) => inNumbers(list.map(({ minute, ...one }) => ({ ...one, timeMs: T + minute * MINUTE_MS }))));

const inTime = (list: readonly Logon[]): Delivery[] =>
  [...list].sort((a, b) => a.timeMs - b.timeMs).map((one) => ({ logon: one, ingestedMs: one.timeMs }));
/** Delivered by rank, one in some twice; each within the lateness of its own time. */
const shuffled = (list: readonly Logon[], ranks: readonly number[]): Delivery[] => {
  const ranked = list.flatMap((one, index) => {
    const rank = ranks[index] ?? 0;
    return rank % 10 === 0
      ? [
          { one, rank },
          { one, rank: (rank * 7) % 1_000 },
        ]
      : [{ one, rank }];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  const endMs = T + 150 * MINUTE_MS;
  return ranked.map(({ one }, index) => ({ logon: one, ingestedMs: endMs + index }));
};

describe('counting, whatever the order of delivery', () => {
  it('loads its rules', () => {
    expect(loaded.problems).toEqual([]);
    expect(plans.map(({ latenessMs }) => latenessMs)).toEqual(plans.map(() => LATENESS_MS));
  });

  it('comes to what the rules say in words, as in order of time', () => {
    fc.assert(
      fc.property(
        logons,
        fc.array(fc.nat(1_000), { minLength: 24, maxLength: 24 }),
        fc.nat(24),
        (list, ranks, restartAt) => {
          const stands = expected(list);
          expect(outcomeOf(inTime(list))).toEqual(stands);
          expect(outcomeOf(shuffled(list, ranks))).toEqual(stands);
          expect(outcomeOf(shuffled(list, ranks), restartAt)).toEqual(stands);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('spares who mistypes, the old mail client and the office after a change of passwords', () => {
    const scene = fc.record({ mistypes: fc.integer({ min: 1, max: 2 }), stale: fc.integer({ min: 1, max: 12 }) });
    const ranksOf = fc.array(fc.nat(1_000), { minLength: 80, maxLength: 80 });
    fc.assert(
      fc.property(scene, ranksOf, ({ mistypes, stale }, ranks) => {
        const innocents = inNumbers([...mistyped(mistypes), ...mailClient(stale), ...office(mistypes)]);
        const standing = outcomeOf(shuffled(innocents, ranks));
        expect(Object.keys(standing).filter((name) => !name.endsWith(' known'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('a password that was found excuses nothing of who guessed it', () => {
    const guesses = Array.from({ length: 6 }, (_, n) => of('failure', n, '198.51.100.7', `user-${n}`));
    const found = of('success', 6, '198.51.100.7', 'user-5');
    const after = Array.from({ length: 6 }, (_, n) => of('failure', 10 + n, '198.51.100.7', 'user-5'));
    const list = inNumbers([...guesses, found, ...after]);
    const ranksOf = fc.array(fc.nat(1_000), { minLength: list.length, maxLength: list.length });
    fc.assert(
      fc.property(ranksOf, (ranks) => {
        const standing = outcomeOf(shuffled(list, ranks));
        expect(Object.keys(standing).sort()).toEqual(['fast', 'got-in', 'spray'].map((rule) => `${rule} 198.51.100.7`));
      }),
      { numRuns: 60 },
    );
  });
});

const of = (outcome: Logon['outcome'], minute: number, address: string, account: string): Omit<Logon, 'id'> => {
  return { outcome, timeMs: T + minute * MINUTE_MS, address, account, host: 'mail-1' };
};

const mistyped = (count: number) => [
  ...Array.from({ length: count }, (_, n) => of('failure', 30 + n, '203.0.113.9', 'bob')),
  of('success', 33, '203.0.113.9', 'bob'),
];
const mailClient = (failures: number) => [
  of('success', 0, '192.0.2.3', 'alice'),
  ...Array.from({ length: failures }, (_, n) => of('failure', 5 + n * 7, '192.0.2.3', 'alice')),
];
/** Everybody logged on in the morning; after the change each mistypes, within minutes of all others. */
const office = (count: number) =>
  Array.from({ length: 8 }, (_, person) => [
    of('success', person, '203.0.113.77', `clerk-${person}`),
    ...Array.from({ length: count }, (_, n) => of('failure', 90 + person + n, '203.0.113.77', `clerk-${person}`)),
    of('success', 93 + person, '203.0.113.77', `clerk-${person}`),
  ]).flat();
