import { describe, expect, it } from '@jest/globals';
import { alert, HOUR_MS, R, T } from './alert.test-support.js';
import { allowedBy } from './allow-entry.js';
import { Decider, type ListHit } from './decider.js';
import type { DenyEntry } from './deny-entry.js';
import { loadPolicies } from './load-policies.js';
import type { Exemption } from './rails.js';

const DAY_MS = 24 * HOUR_MS;
const FLEET = { type: 'fleet' } as const;
const policies = loadPolicies([{ path: 'a.yml', text: 'name: a\nmatch: {rules: [fast]}\nblock: source.ip\n' }]);

class Site {
  readonly entries = new Map<string, DenyEntry>();
  readonly hits: ListHit[] = [];
  exemptions: Exemption[] = [];
  readonly decider = this.newDecider();

  newDecider(maxBlocks?: number): Decider {
    const denied = () => this.entries;
    const onHit = (hit: ListHit) => void this.hits.push(hit);
    return new Decider({
      ...{ policies, exemptions: () => this.exemptions, denied, onHit },
      ...(maxBlocks !== undefined && { maxBlocks }),
    });
  }

  deny(target: string, nowMs: number, more: Partial<DenyEntry> = {}): void {
    this.entries.set(target, { reason: 'scanner', owner: 'anna', createdMs: nowMs, ...more });
    this.bring(nowMs);
  }

  bring(nowMs: number, decider = this.decider): number {
    for (const _ of decider.denying(nowMs));
    return decider.book.takeChanges().changed.length;
  }

  of(target = R) {
    return this.decider.book.get(target, FLEET);
  }
}

describe('the denylist', () => {
  it('blocks all ports on the whole fleet, is renewed every month, and lifted when the entry goes', () => {
    const site = new Site();
    site.deny(R, T);
    const person = { type: 'person', by: 'anna', comment: 'scanner', listedMs: T, isEndless: true };
    expect(site.of()).toMatchObject({ state: 'active', untilMs: T + 365 * DAY_MS, reasons: [person] });
    expect(site.of()).not.toHaveProperty('ports');
    expect(site.bring(T + 29 * DAY_MS)).toBe(0);
    expect(site.bring(T + 31 * DAY_MS)).toBe(1);
    for (let day = 31; day < 800; day += 20) {
      site.bring(T + day * DAY_MS);
      site.decider.tick(T + day * DAY_MS);
    }
    expect(site.of()?.state).toBe('active');
    site.entries.clear();
    site.bring(T + 800 * DAY_MS);
    expect(site.of()).toMatchObject({ state: 'lifted', untilMs: T + 800 * DAY_MS });
  });

  it('takes a block over that alerts made, and ends it with the entry', () => {
    const site = new Site();
    site.decider.onAlert(alert({ application: 'http' }), T);
    expect(site.of()?.ports).toBe('web');
    site.deny(R, T + 1);
    expect(site.of()).toMatchObject({ state: 'active', reasons: [{ listedMs: T + 1 }, { type: 'alert' }] });
    expect(site.of()?.ports).toBeUndefined();
    site.decider.onAlert(alert({ state: 'withdrawn' }), T + 2);
    expect(site.of()).toMatchObject({ state: 'active', reasons: [{ listedMs: T + 1 }] });
    site.entries.clear();
    site.bring(T + 3);
    expect(site.of()).toMatchObject({ state: 'lifted', forgetBeforeMs: T + 3 });
  });

  it('never cuts short what goes on longer; an entry that is changed decides', () => {
    const site = new Site();
    site.decider.onAlert(alert(), T);
    site.deny(R, T, { untilMs: T + HOUR_MS });
    expect(site.of()?.untilMs).toBe(T + 2 * HOUR_MS);
    site.deny(R, T + 1, { untilMs: T + HOUR_MS });
    expect(site.of()?.untilMs).toBe(T + HOUR_MS);
    site.decider.tick(T + HOUR_MS);
    expect(site.of()?.state).toBe('expired');
    expect(site.bring(T + HOUR_MS)).toBe(0);
  });

  it('is the same after a restart, and lifts what lost its entry meanwhile', () => {
    const site = new Site();
    site.deny(R, T);
    site.deny('192.0.2.0/24', T);
    const again = site.newDecider();
    for (const block of site.decider.book.all()) again.restore(structuredClone(block));
    expect(site.bring(T + 1, again)).toBe(0);
    site.entries.delete(R);
    expect(site.bring(T + 2, again)).toBe(1);
    expect(again.book.get(R, FLEET)?.state).toBe('lifted');
  });

  it('gives way to the allowlist, and comes back when that ends', () => {
    const site = new Site();
    site.deny(R, T);
    site.exemptions = [allowedBy(R, { reason: 'office', owner: 'bob', createdMs: T })];
    site.decider.review(T);
    site.bring(T);
    expect(site.of()?.state).toBe('lifted');
    site.exemptions = [];
    site.bring(T + 1);
    expect(site.of()?.state).toBe('active');
    site.deny('198.51.100.0/24', T + 2);
    site.exemptions = [allowedBy('198.51.100.8', { reason: 'office', owner: 'bob', createdMs: T })];
    site.decider.review(T + 3);
    expect(site.of('198.51.100.0/24')).toMatchObject({ state: 'active', except: ['198.51.100.8'] });
  });

  it.each(['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32', '224.0.0.1'])('the rails refuse %s', (target) => {
    const site = new Site();
    site.deny(target, T);
    expect(site.of(target)).toBeUndefined();
    expect(site.decider.refusal(target, FLEET, T)).toEqual(expect.any(String));
  });

  it('has no room beyond the budget of all blocks', () => {
    const site = new Site();
    const decider = site.newDecider(1);
    site.deny(R, T);
    site.deny('198.51.100.8', T);
    site.bring(T, decider);
    expect([...decider.book.all()].map(({ target }) => target)).toEqual([R]);
  });

  it('is not undone by a lift, and not cut short by a block by hand', () => {
    const site = new Site();
    site.deny(R, T);
    const ask = { id: 'q', target: R, by: 'bob', comment: 'x', atMs: T };
    expect(() => site.decider.onRequest({ type: 'unblock', ...ask }, T)).toThrow(
      expect.objectContaining({ code: 'DENYLISTED' }),
    );
    site.decider.onRequest({ type: 'block', ...ask, scope: FLEET, durationMs: HOUR_MS }, T);
    expect(site.of()?.untilMs).toBe(T + 365 * DAY_MS);
  });

  it('counts alerts that found the entry in force, and blocks that the allowlist prevented', () => {
    const site = new Site();
    site.deny('198.51.100.0/24', T);
    site.decider.onAlert(alert(), T + 1);
    expect(site.hits).toEqual([{ list: 'deny', entry: '198.51.100.0/24', alertId: 'a1', target: R }]);
    site.exemptions = [allowedBy('203.0.113.0/24', { reason: 'office', owner: 'bob', createdMs: T })];
    site.decider.onAlert(alert({ id: 'a2', key: { 'source.ip': '203.0.113.9' } }), T + 1);
    expect(site.hits.at(-1)).toEqual({ list: 'allow', entry: '203.0.113.0/24', alertId: 'a2', target: '203.0.113.9' });
  });

  it('keeps a bounded number of alerts however long it goes on', () => {
    const site = new Site();
    site.deny(R, T);
    for (let i = 0; i < 500; i++) site.decider.onAlert(alert({ id: `a${i}` }), T + i);
    expect(site.of()?.reasons).toHaveLength(200);
    expect(site.of()?.reasons[0]).toMatchObject({ listedMs: T });
    expect(site.decider.book.ofAlert('a1')).toEqual([]);
    expect(site.decider.book.ofAlert('a499')).toHaveLength(1);
  });
});
