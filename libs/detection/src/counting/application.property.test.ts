import type { AlertChange } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules } from '../sigma/index.js';
import { Counter } from './counter.js';
import { episodeOf, type Logon, type OracleRule, verdictOf } from './excuses-oracle.test-support.js';
import { alertingCorrelation, inNumbers, logonEvent, outcomeRule, partsOf } from './logons.test-support.js';
import { Observer } from './observer.js';
import { planCorrelations } from './plan.js';

const MINUTE_MS = 60_000;
const T = Date.UTC(2026, 10, 22, 12);
const SPAN_MINUTES = 150;

const TEXT = [
  outcomeRule('failure'),
  outcomeRule('success'),
  alertingCorrelation(
    'fast',
    'type: event_count, rules: [failure], group-by: [source.ip], timespan: 30m, condition: {gte: 4}',
  ),
  alertingCorrelation(
    'hosts',
    'type: value_count, rules: [failure], group-by: [source.ip], timespan: 1h, condition: {gte: 3, field: host.id}',
  ),
  alertingCorrelation(
    'botnet',
    'type: value_count, rules: [failure], group-by: [user.name], timespan: 40m, condition: {gte: 3, field: source.ip}',
  ),
  alertingCorrelation('got-in', 'type: temporal_ordered, rules: [fast, success], group-by: [source.ip], timespan: 20m'),
].join('---');
const RULES: Record<string, OracleRule> = {
  fast: { groupBy: 'address', threshold: 4, windowMs: 30 * MINUTE_MS },
  hosts: { groupBy: 'address', counts: 'host', threshold: 3, windowMs: 60 * MINUTE_MS },
  botnet: { groupBy: 'account', counts: 'address', threshold: 3, windowMs: 40 * MINUTE_MS },
};

const plans = planCorrelations(loadRules([{ path: 'r.yml', text: TEXT }]).correlations);
const observer = new Observer(plans);
const fresh = () => new Counter({ plans, seed: [1, 2, 3], maxBytes: 1 << 26 });

/** A logon, of a web application or of something else. */
interface Try extends Logon {
  isWeb: boolean;
}

const eventOf = (one: Try, ingestedMs: number) =>
  logonEvent(one, {
    'event.ingested': ingestedMs,
    ...(one.isWeb && { 'event.module': 'wordpress', 'network.application': 'http' }),
  });

/** For each alert that stands in the end whether it is of the web alone, and which of its contributors are said to be. */
function told(tries: readonly Try[], restartAt = -1, ingestedMs = (one: Try) => one.timeMs) {
  let counter = fresh();
  const changes: AlertChange[] = [];
  tries.forEach((one, index) => {
    if (index === restartAt) {
      const parts = partsOf(counter);
      counter = fresh();
      counter.restore(parts);
    }
    const nowMs = ingestedMs(one);
    for (const observation of observer.observe(eventOf(one, nowMs), [{ name: one.outcome }], 'default'))
      counter.count(JSON.parse(JSON.stringify(observation)));
    counter.tick(nowMs);
    changes.push(...counter.takeChanges());
  });
  counter.flush();
  changes.push(...counter.takeChanges());
  const standing = new Map<string, { name: string; isWeb: boolean; web: Map<string, boolean>; hosts: string[] }>();
  for (const { id, state, rule, key, application, knownGood, contributors, cleared, hosts } of changes) {
    if (knownGood) continue;
    const web = standing.get(id)?.web ?? new Map<string, boolean>();
    for (const value of cleared) web.delete(value);
    for (const one of contributors) web.set(one.value, one.application === 'http');
    const name = `${rule} ${Object.values(key)[0]}`;
    if (state === 'open') standing.set(id, { name, isWeb: application === 'http', web, hosts });
    else standing.delete(id);
  }
  return new Map([...standing.values()].map(({ name, ...rest }) => [name, rest]));
}

function expected(tries: readonly Try[]) {
  const standing = new Map<string, { episode: Try[]; rule: OracleRule }>();
  for (const [name, rule] of Object.entries(RULES)) {
    for (const key of new Set(tries.map((one) => one[rule.groupBy]))) {
      const own = tries.filter((one) => one[rule.groupBy] === key);
      const episode = episodeOf(rule, verdictOf(rule, own).counted) as Try[];
      if (episode.length > 0) standing.set(`${name} ${key}`, { episode, rule });
    }
  }
  return standing;
}

const tryOf = (outcomes: readonly Logon['outcome'][]) =>
  fc.record({
    outcome: fc.constantFrom(...outcomes),
    minute: fc.oneof(fc.nat(40), fc.nat(SPAN_MINUTES)),
    address: fc.constantFrom('198.51.100.7', '203.0.113.9', '192.0.2.3'),
    account: fc.constantFrom('alice', 'root'),
    host: fc.constantFrom('web-1', 'web-2', 'web-3'),
    isWeb: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  });
const triesOf = (...outcomes: Logon['outcome'][]) =>
  fc
    .array(tryOf(outcomes), { minLength: 1, maxLength: 24 })
    .map((list) => inNumbers(list.map(({ minute, ...one }) => ({ ...one, timeMs: T + minute * MINUTE_MS }))));
const ranksOf = fc.array(fc.nat(1_000), { minLength: 24, maxLength: 24 });
const shuffled = (list: readonly Try[], ranks: readonly number[]) =>
  list
    .map((one, index) => ({ one, rank: ranks[index] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
const AFTER_ALL = () => T + SPAN_MINUTES * MINUTE_MS;

describe('what an alert says of the applications that were attacked', () => {
  it('is http when all evidence is of the web, whatever the order, and so of each contributor', () => {
    const failures = triesOf('failure');
    fc.assert(
      fc.property(failures, ranksOf, fc.nat(24), (list, ranks, restartAt) => {
        const stands = expected(list);
        const inTime = told([...list].sort((a, b) => a.timeMs - b.timeMs));
        for (const found of [inTime, told(shuffled(list, ranks), restartAt, AFTER_ALL)]) {
          expect([...found.keys()].sort()).toEqual([...stands.keys()].sort());
          for (const [name, { episode, rule }] of stands) {
            const { isWeb, web, hosts } = found.get(name) as {
              isWeb: boolean;
              web: Map<string, boolean>;
              hosts: string[];
            };
            expect([name, isWeb]).toEqual([name, episode.every((one) => one.isWeb)]);
            expect(new Set(hosts).size).toBe(hosts.length);
            for (const [value, isOfWeb] of web) {
              const own = episode.filter((one) => one[rule.counts ?? 'host'] === value);
              expect([name, value, isOfWeb]).toEqual([name, value, own.every((one) => one.isWeb)]);
            }
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it('is never http of evidence that is not, also where successes forgive and excuse', () => {
    fc.assert(
      fc.property(
        triesOf('failure', 'failure', 'failure', 'success'),
        ranksOf,
        fc.nat(24),
        (list, ranks, restartAt) => {
          const stands = expected(list);
          for (const [name, { isWeb, web }] of told(shuffled(list, ranks), restartAt, AFTER_ALL)) {
            const { episode, rule } = stands.get(name.replace('got-in', 'fast')) ?? {};
            expect(episode).toBeDefined();
            if (isWeb) expect(episode?.filter((one) => !one.isWeb)).toEqual([]);
            if (name.startsWith('got-in')) continue;
            for (const [value, isOfWeb] of web) {
              const own = episode?.filter((one) => rule?.counts && one[rule.counts] === value);
              if (isOfWeb) expect(own?.filter((one) => !one.isWeb)).toEqual([]);
            }
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  const failure = (n: number, isWeb: boolean, more: Partial<Try> = {}): Try => ({
    id: n.toString(16).padStart(12, '0'),
    outcome: 'failure',
    timeMs: T + n * 1_000,
    address: '198.51.100.7',
    account: 'root',
    host: 'web-1',
    isWeb,
    ...more,
  });

  it('is told at once when it ceases to be http, however large the alert', () => {
    const counter = fresh();
    const changes: AlertChange[] = [];
    const tries = Array.from({ length: 100 }, (_, n) => failure(n, n !== 97));
    for (const one of tries) {
      for (const observation of observer.observe(eventOf(one, one.timeMs), [{ name: 'failure' }], 'default'))
        counter.count(observation);
      changes.push(...counter.takeChanges().filter(({ rule }) => rule === 'fast'));
    }
    const first = changes.find(({ application }) => application === undefined);
    expect(first?.lastMs).toBe(T + 97_000);
    expect(changes[0]).toMatchObject({
      application: 'http',
      hosts: ['web-1'],
      evidence: [{ host: 'web-1' }, {}, {}, {}],
    });
    expect(changes.at(-1)?.application).toBeUndefined();
  });

  it('remembers the one attempt that was not of the web when the attempt itself is forgotten', () => {
    const list = Array.from({ length: 6_000 }, (_, n) => failure(n + 1, n !== 10, { timeMs: T + n * 100 }));
    expect(told(list).get('fast 198.51.100.7')?.isWeb).toBe(false);
    const repeated = list.map((one) => ({ ...one, host: 'web-2' }));
    const others = [1, 3].map((n) => failure(7_000 + n, true, { host: `web-${n}`, timeMs: T + 600_000 + n }));
    const found = told([...repeated, ...others]).get('hosts 198.51.100.7');
    expect(found?.isWeb).toBe(false);
    expect(found?.web).toEqual(
      new Map([
        ['web-1', true],
        ['web-2', false],
        ['web-3', true],
      ]),
    );
  });

  it('a success on another service after failures on the web is not of the web', () => {
    const failures = Array.from({ length: 5 }, (_, n) => failure(n + 1, true));
    const success = (isWeb: boolean) => failure(9, isWeb, { outcome: 'success' });
    expect(told([...failures, success(true)]).get('got-in 198.51.100.7')?.isWeb).toBe(true);
    expect(told([...failures, success(false)]).get('got-in 198.51.100.7')?.isWeb).toBe(false);
  });

  it('of a snapshot from before, nothing is known to be of the web', () => {
    const counter = fresh();
    const count = (n: number) => {
      const one = failure(n, true);
      for (const observation of observer.observe(eventOf(one, one.timeMs), [{ name: 'failure' }], 'default'))
        counter.count(observation);
    };
    for (let n = 1; n <= 6; n++) count(n);
    const old = partsOf(counter).map((part) =>
      part.name === 'state' ? { ...part, bytes: withoutWeb(part.bytes) } : part,
    );
    const later = fresh();
    later.restore(old);
    later.flush();
    for (const observation of observer.observe(eventOf(failure(7, true), T + 7_000), [{ name: 'failure' }], 'default'))
      later.count(observation);
    later.flush();
    const changes = later.takeChanges();
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.map(({ application }) => application)).toEqual(changes.map(() => undefined));
  });
});

/** The state as version 3 had it. */
function withoutWeb(bytes: Buffer): Buffer {
  const state = JSON.parse(bytes.toString());
  state.version = 3;
  state.hosts = state.hosts.map(([name]: [string]) => name);
  for (const { alerts } of state.rules) for (const alert of alerts) delete alert.notWebFollowed;
  return Buffer.from(JSON.stringify(state));
}
