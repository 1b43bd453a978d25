import type { AlertChange, Block } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alert, HOUR_MS, MINUTE_MS, nextVersion, R, T } from './alert.test-support.js';
import { Decider } from './decider.js';
import { loadPolicies } from './load-policies.js';

const FLEET = { type: 'fleet' } as const;

const policies = loadPolicies([
  { path: 'a.yml', text: 'name: attackers\nmatch: {rules: [fast, grind]}\nblock: source.ip\n' },
  { path: 'b.yml', text: 'name: distributed\nmatch: {rules: [distributed]}\nblock: contributors\n' },
  { path: 'c.yml', text: 'name: wide\nmatch: {rules: [wide]}\nblock: source.ip\nports: all\n' },
]);

const onWeb = (change: Partial<AlertChange> = {}) => alert({ application: 'http', ...change });
const onSsh = (change: Partial<AlertChange> = {}) => alert({ id: 'ssh', rule: 'grind', ...change });
const contributors = (change: Partial<AlertChange>) =>
  alert({ id: 'd', rule: 'distributed', key: { 'user.name': 'root' }, valueField: 'source.ip', ...change });
const contributor = (value: string, count: number, application?: 'http') => ({
  ...{ value, count, firstMs: T, lastMs: T, hosts: ['web-01'] },
  ...(application && { application }),
});

const decider = () => new Decider({ policies, exemptions: () => [] });
const portsOf = (subject: Decider, target = R) => subject.book.get(target, FLEET)?.ports ?? 'all';
/** A decider that knows what was published, and nothing else. */
function restarted(published: readonly Block[]): Decider {
  const subject = decider();
  const last = new Map(published.map((block) => [block.id, JSON.parse(JSON.stringify(block)) as Block]));
  for (const block of last.values()) subject.restore(block);
  return subject;
}

describe('the ports of a block', () => {
  it('are those of the web while all evidence is of the web', () => {
    const subject = decider();
    expect(subject.onAlert(onWeb(), T).changed).toMatchObject([{ state: 'active', ports: 'web' }]);
    subject.onAlert(onWeb({ count: 9 }), T + 1);
    expect(portsOf(subject)).toBe('web');
    expect(decider().onAlert(alert(), T).changed[0]).not.toHaveProperty('ports');
  });

  it('become all as soon as another service contributes, by the same alert or another, in a new version', () => {
    for (const change of [alert({ count: 6 }), onSsh(), onSsh({ rule: 'fast', count: 30 })]) {
      const subject = decider();
      const before = subject.onAlert(onWeb(), T).changed[0] as Block;
      const after = subject.onAlert({ ...change, version: nextVersion() }, T + MINUTE_MS).changed[0] as Block;
      expect(after).toMatchObject({ id: before.id, state: 'active', atMs: before.atMs, untilMs: before.untilMs });
      expect(after.version).toBeGreaterThan(before.version);
      expect(after).not.toHaveProperty('ports');
      expect(before.ports).toBe('web');
    }
  });

  it('never become fewer while it runs, whatever follows', () => {
    const subject = decider();
    subject.onAlert(onSsh(), T);
    subject.onAlert(onWeb(), T + 1);
    subject.onAlert(onSsh({ application: 'http', count: 7 }), T + 2);
    expect(portsOf(subject)).toBe('all');
  });

  it('are judged anew for the next offence', () => {
    const subject = decider();
    subject.onAlert(onSsh(), T);
    subject.tick(T + 3 * HOUR_MS);
    subject.onAlert(onWeb({ lastMs: T + 4 * HOUR_MS }), T + 4 * HOUR_MS);
    expect(subject.book.get(R, FLEET)).toMatchObject({ state: 'active', ports: 'web', offence: 2 });
    subject.tick(T + 90 * HOUR_MS);
    expect(subject.book.get(R, FLEET)?.history).toEqual([
      { atMs: T, untilMs: T + 2 * HOUR_MS, state: 'expired' },
      { atMs: T + 4 * HOUR_MS, untilMs: T + 28 * HOUR_MS, state: 'expired', ports: 'web' },
    ]);
  });

  it('are all where the policy says so', () => {
    const subject = decider();
    subject.onAlert(onWeb({ rule: 'wide' }), T);
    expect(portsOf(subject)).toBe('all');
    const other = decider();
    other.onAlert(onWeb(), T);
    other.onAlert(onWeb({ id: 'w', rule: 'wide' }), T);
    expect(portsOf(other)).toBe('all');
  });

  it('are those of each contributor, held ones as well', () => {
    const [web, ssh, both] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
    const subject = decider();
    const told = [contributor(web, 5, 'http'), contributor(ssh, 5), contributor(both, 1, 'http')];
    subject.onAlert(contributors({ contributors: told }), T);
    expect([web, ssh, both].map((target) => portsOf(subject, target))).toEqual(['web', 'all', 'web']);
    subject.onAlert(contributors({ contributors: [contributor(both, 2)] }), T + 1);
    expect(subject.book.get(both, FLEET)?.state).toBe('held');
    expect(portsOf(subject, both)).toBe('all');
    // What is held for all ports does not begin with fewer, nor narrows when a later reason goes.
    subject.onAlert(onWeb({ key: { 'source.ip': both } }), T + 2);
    expect(subject.book.get(both, FLEET)).toMatchObject({ state: 'active' });
    expect(portsOf(subject, both)).toBe('all');
  });

  it('stay all after a restart, and what was the web alone can still become all', () => {
    const subject = decider();
    const published = [...subject.onAlert(onWeb(), T).changed];
    const again = restarted(published);
    expect(portsOf(again)).toBe('web');
    published.push(...again.onAlert(onSsh(), T + 1).changed);
    const third = restarted(published);
    expect(portsOf(third)).toBe('all');
    third.onAlert(onWeb({ count: 8 }), T + 2);
    expect(portsOf(third)).toBe('all');
  });

  it('become fewer again when the evidence that was not of the web is taken back, and only then', () => {
    const subject = decider();
    subject.onAlert(onWeb(), T);
    const ssh = onSsh();
    const published = [...subject.onAlert(ssh, T + 1).changed];
    for (const one of [subject, restarted(published)]) {
      one.onAlert(onWeb({ id: 'other web', rule: 'grind' }), T + 2);
      expect(portsOf(one)).toBe('all');
      one.onAlert(onSsh({ state: 'over', version: nextVersion() }), T + 3);
      expect(portsOf(one)).toBe('all');
      const [block] = one.onAlert(onSsh({ state: 'withdrawn', version: nextVersion() }), T + 4).changed;
      expect(block).toMatchObject({ state: 'active', ports: 'web' });
    }
  });

  it('stay all when an alert of both is followed by the end of one of the web', () => {
    const subject = decider();
    subject.onAlert(onWeb({ id: 'mixed' }), T);
    subject.onAlert(onWeb(), T + 1);
    subject.onAlert(alert({ id: 'mixed', count: 6 }), T + 2);
    subject.onAlert(onWeb({ state: 'withdrawn' }), T + 3);
    expect(portsOf(subject)).toBe('all');
  });

  it('are all by hand, unless asked for', () => {
    const request = {
      ...({ type: 'block', id: 'r', target: R, scope: FLEET, durationMs: HOUR_MS } as const),
      by: 'ops',
      comment: '',
      atMs: T,
    };
    const subject = decider();
    subject.onRequest({ ...request, ports: 'web' }, T);
    expect(portsOf(subject)).toBe('web');
    subject.onRequest(request, T + 1);
    expect(portsOf(subject)).toBe('all');
    subject.onRequest({ ...request, ports: 'web' }, T + 2);
    expect(portsOf(subject)).toBe('all');
  });

  it('equal all evidence of what is in force, in whatever order alerts change, with restarts in between', () => {
    const ids = ['a', 'b', 'c'] as const;
    const step = fc.record({ id: fc.constantFrom(...ids), isWeb: fc.boolean(), restart: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let subject = decider();
        const published: Block[] = [];
        const mixed = new Set<string>();
        const counts = new Map<string, number>();
        steps.forEach(({ id, isWeb, restart }, index) => {
          // As counting tells it: of an episode with anything else in it, no later change is of the web alone.
          if (!isWeb) mixed.add(id);
          const count = (counts.get(id) ?? 4) + 1;
          counts.set(id, count);
          const change = alert({ id, count, ...(mixed.has(id) ? {} : { application: 'http' as const }) });
          published.push(...subject.onAlert(change, T + index).changed);
          if (restart) subject = restarted(published);
          expect(portsOf(subject)).toBe(mixed.size === 0 ? 'web' : 'all');
        });
        for (const id of mixed) subject.onAlert(alert({ id, state: 'withdrawn' }), T + HOUR_MS);
        if (mixed.size < counts.size) expect(portsOf(subject)).toBe('web');
        else expect(subject.book.get(R, FLEET)?.state).toBe('withdrawn');
      }),
      { numRuns: 300 },
    );
  });
});
