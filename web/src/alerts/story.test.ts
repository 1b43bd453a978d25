import { describe, expect, it } from '@jest/globals';
import { outcomeOf, stateOf, storyText, type Told } from './story.js';

const told = (over: Partial<Told>): Told => ({
  rule: 'slow-grind',
  title: 'Slow grind',
  key: { 'source.ip': '203.0.113.7' },
  count: 23,
  hosts: Array.from({ length: 14 }, (_, i) => `web-${i}`),
  first: '2026-11-19T10:00:00.000Z',
  last: '2026-11-22T14:00:00.000Z',
  state: 'open',
  knownGood: false,
  history: false,
  contributorCount: 9,
  ...over,
});

describe('the story of an alert', () => {
  it('says who, what, where and how long', () => {
    expect(storyText(told({}))).toBe('203.0.113.7 failed 23 times on 14 hosts in 3 d 4 h.');
    const once = told({ count: 1, hosts: ['web-01'], last: '2026-11-19T10:00:00.000Z' });
    expect(storyText(once)).toBe('203.0.113.7 failed 1 time on web-01.');
  });

  it('leads with the account that many try, and with a success', () => {
    const botnet = { rule: 'distributed-brute-force', key: { 'user.name': 'admin' }, contributorCount: 61 };
    expect(storyText(told(botnet))).toBe('61 addresses failed on admin on 14 hosts in 3 d 4 h.');
    expect(storyText(told({ rule: 'success-after-failures' }))).toMatch(
      /^203.0.113.7 logged on after many failures on/,
    );
  });

  it('tells a rule it does not know by title and key', () => {
    const other = told({
      rule: 'mine',
      title: 'USB near malware',
      key: { 'host.name': 'pc-3' },
      count: 2,
      hosts: ['pc-3'],
    });
    expect(storyText(other)).toBe('USB near malware: pc-3, 2 matches on pc-3 in 3 d 4 h.');
    expect(storyText(told({ rule: 'mine', key: {}, hosts: [] }))).toContain('the fleet');
  });

  it('says why nothing was blocked', () => {
    expect(outcomeOf(told({ knownGood: true }))).toBe('Not blocked: known good for this account.');
    expect(outcomeOf(told({}))).toBeUndefined();
  });

  it('an alert of known good people that is over is over: only lost evidence withdraws one', () => {
    expect(stateOf({ state: 'over' })).toBe('Over');
    expect(stateOf({ state: 'withdrawn' })).toBe('Withdrawn');
    expect(stateOf({ state: 'open' })).toBe('Going on');
    expect(stateOf({ state: 'over', verdict: 'false-positive' })).toBe('False positive');
  });
});
