import { type DesiredBlock, overlaps, parseNetwork } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BlockPlan, type PlanContext } from './block-plan.js';
import { exemptionsOf } from './host-facts.js';

const T = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;
const CONTEXT: PlanContext = exemptionsOf({
  own: ['203.0.113.5'],
  gateways: ['192.0.2.1'],
  resolvers: ['192.0.2.53', '127.0.0.53'],
  sessions: ['198.51.100.9'],
});

const block = (id: string, target: string, more: Partial<DesiredBlock> = {}): DesiredBlock => {
  return { id, target, untilMs: T + HOUR_MS, ...more };
};
const reasonOf = (plan: BlockPlan) => plan.refusals().map(([, { target, reason }]) => `${target}: ${reason}`);

function endsOf(plan: BlockPlan, target: string, nowMs: number): string {
  return JSON.stringify(plan.wanted(target, nowMs).map(({ untilMs, ports }) => [untilMs, ports]));
}

/** Everything that a plan says at a time. */
function told(plan: BlockPlan, nowMs: number) {
  const targets = [...plan.targets()].sort();
  const wanted = targets.map((target) => [target, endsOf(plan, target, nowMs)]);
  return { wanted, refusals: plan.refusals().sort(([a], [b]) => (a < b ? -1 : 1)) };
}

describe('B06: rails on the host itself', () => {
  it.each([
    ['127.0.0.53', /loopback/],
    ['192.0.2.1', /gateway/],
    ['192.0.2.53', /resolver/],
    ['203.0.113.5', /own address/],
    ['198.51.100.9', /live logon session/],
    ['0.0.0.0/0', /wider/],
    ['::', /unspecified/],
    ['fe80::1', /link-local/],
    ['evil.example', /not an IP address/],
    ['192.0.2.1; flush ruleset', /not an IP address/],
  ])('refuses %s and says why', (target, reason) => {
    const plan = new BlockPlan(CONTEXT);
    expect(plan.set(block('b', target))).toEqual([]);
    expect([...plan.targets()]).toEqual([]);
    expect(reasonOf(plan)).toEqual([expect.stringMatching(reason)]);
  });

  it('cuts even a live session when its owner got in by guessing, but never the gateway', () => {
    const plan = new BlockPlan(CONTEXT);
    plan.set(block('a', '198.51.100.9', { cutSessions: true }));
    plan.set(block('b', '192.0.2.1', { cutSessions: true }));
    expect([...plan.targets()]).toEqual(['198.51.100.9']);
  });

  it('splits a network around the gateway, the resolver and what the centre exempts', () => {
    const plan = new BlockPlan(CONTEXT);
    plan.set(block('b', '192.0.2.0/24', { except: ['192.0.2.66'] }));
    const holds = (address: string) =>
      [...plan.targets()].some((target) => overlaps(parseNetwork(target), parseNetwork(address)));
    const asked = ['192.0.2.1', '192.0.2.2', '192.0.2.53', '192.0.2.54', '192.0.2.65', '192.0.2.66', '192.0.2.67'];
    expect(asked.map(holds)).toEqual([false, true, false, true, true, false, true]);
  });
});

describe('several blocks', () => {
  it('of one target last as long as the longest', () => {
    const plan = new BlockPlan(CONTEXT);
    plan.set(block('short', '198.51.100.7'));
    plan.set(block('long', '198.51.100.7', { untilMs: T + 3 * HOUR_MS }));
    expect(plan.wanted('198.51.100.7', T)[0]?.id).toBe('long');
    plan.delete('long');
    expect(plan.wanted('198.51.100.7', T)[0]?.id).toBe('short');
    expect(plan.wanted('198.51.100.7', T + HOUR_MS)).toEqual([]);
  });

  it('close all ports as long as one of them does, and the web as long as any', () => {
    const plan = new BlockPlan(CONTEXT);
    const idsAt = (nowMs: number) => plan.wanted('198.51.100.7', nowMs).map(({ id }) => id);
    plan.set(block('web', '198.51.100.7', { untilMs: T + 2 * HOUR_MS, ports: 'web' }));
    expect(idsAt(T)).toEqual(['web']);
    plan.set(block('all', '198.51.100.7'));
    expect(idsAt(T)).toEqual(['all', 'web']);
    expect(idsAt(T + HOUR_MS)).toEqual(['web']);
    plan.set(block('longer', '198.51.100.7', { untilMs: T + 3 * HOUR_MS }));
    expect(idsAt(T)).toEqual(['longer']);
    plan.delete('all');
    plan.delete('longer');
    plan.set(block('unknown', '198.51.100.7', { ports: 'mail' as 'web' }));
    expect(idsAt(T)).toEqual(['unknown', 'web']);
  });

  it('B09: that overlap are lifted one by one', () => {
    const plan = new BlockPlan(CONTEXT);
    plan.set(block('net', '2001:db8:1::/64'));
    plan.set(block('one', '2001:db8:1::5'));
    expect(plan.delete('net')).toEqual(['2001:db8:1::/64']);
    expect([...plan.targets()]).toEqual(['2001:db8:1::5']);
  });

  const target = fc.constantFrom(
    ...['198.51.100.7', '198.51.100.9', '198.51.100.0/24', '198.51.100.0/28', '192.0.2.0/24', '192.0.2.0/31'],
    ...['192.0.2.1', '2001:db8:1::/64', '2001:db8:1::5', '0.0.0.0/0', 'evil.example'],
  );
  const desired = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    target,
    untilMs: fc.integer({ min: T - HOUR_MS, max: T + HOUR_MS }),
    except: fc.subarray(['192.0.2.66', '198.51.100.8', '198.51.100.0/30']),
    cutSessions: fc.boolean(),
    ports: fc.constantFrom(undefined, 'web' as const),
  });
  const step = fc.oneof(
    desired.map((added) => ({ added })),
    fc.constantFrom('a', 'b', 'c', 'd', 'e').map((removed) => ({ removed })),
  );

  it('changed one by one make the plan that all of them make at once, and every change is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const plan = new BlockPlan(CONTEXT);
        const blocks = new Map<string, DesiredBlock>();
        for (const change of steps) {
          const before = new Map([...plan.targets()].map((one) => [one, endsOf(plan, one, T)]));
          const touched = 'added' in change ? plan.set(change.added) : plan.delete(change.removed);
          if ('added' in change) blocks.set(change.added.id, change.added);
          else blocks.delete(change.removed);
          const fresh = new BlockPlan(CONTEXT);
          fresh.reset(blocks.values());
          expect(told(plan, T)).toEqual(told(fresh, T));
          for (const one of new Set([...before.keys(), ...plan.targets()])) {
            if (before.get(one) !== endsOf(plan, one, T)) expect(touched).toContain(one);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
