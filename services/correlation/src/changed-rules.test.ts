import type { AlertChange, BusRecord, OutRecord } from '@fleetwall/core';
import { coreError, TOPICS } from '@fleetwall/core';
import { type Observation, planCorrelations } from '@fleetwall/detection';
import { createMemoryBus } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { declareCounting } from './horizon.js';
import { PartitionCounter } from './partition-counter.js';
import { countingRule, rulesOf } from './rules.test-support.js';
import { NOWHERE } from './snapshot-store.test-support.js';

const T = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const STAYS = [
  countingRule('stays', 2, 'gte: 4'),
  countingRule('spread', 3, 'field: user.name, gte: 3', 'value_count'),
];
/** What comes and goes, or changes, around the two rules that stay; the first set is in force at the beginning. */
const SETS = [
  [...STAYS, countingRule('other', 4, 'gte: 2')],
  STAYS,
  [countingRule('other', 4, 'gte: 3'), ...STAYS],
  [...STAYS, countingRule('twin', 5, 'gte: 4'), countingRule('other', 4, 'gte: 2')],
].map((rules) => planCorrelations(rulesOf(...rules).correlations));

type Step =
  | { type: 'attempts'; address: number; account: number; times: number; step: 'count' | 'clear' }
  | { type: 'pass'; ms: number }
  | { type: 'use'; set: number };

const attempts = fc.record({
  type: fc.constant('attempts' as const),
  address: fc.integer({ min: 1, max: 3 }),
  account: fc.integer({ min: 1, max: 4 }),
  times: fc.integer({ min: 1, max: 4 }),
  step: fc.constantFrom('count' as const, 'count' as const, 'count' as const, 'clear' as const),
});
const pass = fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1_000, max: 90 * MINUTE_MS }) });
const use = fc.record({ type: fc.constant('use' as const), set: fc.nat(SETS.length - 1) });

/** No snapshot is kept: what stays is kept from memory to memory. */
async function run(steps: readonly Step[]): Promise<AlertChange[]> {
  const bus = createMemoryBus();
  await bus.declare([{ name: TOPICS.observations, partitions: 1 }]);
  const counter = new PartitionCounter({
    ...{ bus, plans: SETS[0] ?? [], snapshots: NOWHERE, committed: 0, partition: 0, seed: [1, 2, 3] },
    ...{ maxWindowBytes: 1 << 24, snapshotEveryMs: 1e9, onNotice: () => undefined },
  });
  const alerts: AlertChange[] = [];
  const send = async (records: OutRecord[]) => {
    alerts.push(...records.map(({ value }) => JSON.parse(`${value}`) as AlertChange));
  };
  await counter.restore();
  let [nowMs, offset, attempt] = [T, 1, 0];
  for (const step of steps) {
    if (step.type === 'use') counter.use(SETS[step.set] ?? []);
    else if (step.type === 'pass') {
      nowMs += step.ms;
      await counter.tick(nowMs, offset, send);
    } else {
      const records = Array.from({ length: step.times }, (): BusRecord => {
        nowMs += 10;
        const value = Buffer.from(JSON.stringify(observationOf(step, ++attempt, nowMs)));
        return { topic: TOPICS.observations, partition: 0, key: 'k', value, offset: offset++, timestampMs: nowMs };
      });
      await counter.count(records, send);
    }
  }
  await counter.tick(nowMs + 3 * HOUR_MS, offset, send);
  await bus.close();
  return alerts;
}

function observationOf(step: Step & { type: 'attempts' }, attempt: number, timeMs: number): Observation {
  const address = `198.51.100.${step.address}`;
  const account = `user-${step.account}`;
  return {
    rules: ['stays', 'spread', 'other', 'twin'],
    ...{
      step: step.step,
      key: `default\x1fhandshake\x1f${address}`,
      attemptId: attempt.toString(16).padStart(12, '0'),
    },
    ...{ fields: { 'source.ip': address }, timeMs, ingestedMs: timeMs, host: 'web-01', address, account },
    ...{ tenant: 'default', evidence: 'handshake', values: { 'user.name': account } },
  };
}

const toldBy = (alerts: readonly AlertChange[], ...rules: string[]) =>
  alerts.filter(({ rule }) => rules.includes(rule));

describe('rules that change while they are counted', () => {
  it('those that stay tell exactly what they tell without any change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(attempts, attempts, pass, use), { maxLength: 60 }), async (steps) => {
        const changed = await run(steps);
        const unchanged = await run(steps.filter(({ type }) => type !== 'use'));
        expect(toldBy(changed, 'stays', 'spread')).toEqual(toldBy(unchanged, 'stays', 'spread'));
      }),
      { numRuns: 150 },
    );
  });

  it('whatever comes and goes, no alert is left open, and versions of an alert rise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(attempts, attempts, pass, use), { maxLength: 60 }), async (steps) => {
        const last = new Map<string, AlertChange>();
        for (const change of await run(steps)) {
          expect(change.version).toBeGreaterThan(last.get(change.id)?.version ?? 0);
          last.set(change.id, change);
        }
        expect([...last.values()].filter(({ state }) => state === 'open')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('a rule that is put back before anybody was told goes on with its alert', async () => {
    const fail: Step = { type: 'attempts', address: 1, account: 1, times: 4, step: 'count' };
    const use = (set: number): Step => ({ type: 'use', set });
    // The twin counts like a rule that stays, and so finds its counts again.
    const alerts = await run([use(3), fail, use(0), use(3), fail]);
    const told = toldBy(alerts, 'twin');
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told.filter(({ state }) => state === 'over')).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({ state: 'over' });
  });
});

describe('a rule that reaches further than observations are kept', () => {
  it('is refused by name, with what would help', async () => {
    const bus = {
      ...createMemoryBus(),
      declare: async () => {
        const details = { topic: TOPICS.observations, actualMs: 25 * HOUR_MS, neededMs: 121 * HOUR_MS };
        throw coreError('BUS_RETENTION_TOO_SHORT', details);
      },
    };
    const rules = rulesOf(...STAYS, countingRule('far', 6, 'gte: 5').replace('timespan: 1h', 'timespan: 4d'));
    await expect(declareCounting(bus, 1, rules)).rejects.toMatchObject({
      code: 'RULE_REACHES_TOO_FAR',
      details: { rule: 'far', keptHours: 25, neededMs: 121 * HOUR_MS },
    });
  });
});
