import { describe, expect, it } from '@jest/globals';
import type { Policy, Rule } from '../api/types.js';
import { effectText, followsText, kindText } from './words.js';

const HOUR_MS = 3_600_000;
const policy: Policy = {
  ...{ name: 'attackers', match: {}, block: 'source.ip', scope: 'fleet', durationsMs: [2 * HOUR_MS, 24 * HOUR_MS] },
  ...{ escalationWindowMs: 0, dryRun: false, cutSessions: false, ports: 'evidence' },
  breaker: { blocks: 1, withinMs: 1 },
};
const rule: Rule = {
  ...{
    name: 'slow-grind',
    id: 'x',
    type: 'event_count',
    title: 'T',
    level: 'high',
    tags: [],
    alerts: true,
    mode: 'on',
  },
  ...{ threshold: 5, windowMs: 96 * HOUR_MS, groupBy: ['source.ip'], follows: policy },
};

describe('what a rule is and leads to', () => {
  it('in words', () => {
    expect(kindText(rule)).toBe('counts attempts: 5 by source.ip in 4 d');
    expect(kindText({ ...rule, type: 'value_count', field: 'user.name' })).toContain('5 of user.name by source.ip');
    expect(followsText(policy)).toBe('blocks source.ip fleet-wide for 2 h, then 1 d');
    expect(followsText({ ...policy, dryRun: true, block: 'contributors', scope: 'host', durationsMs: [HOUR_MS] })).toBe(
      'reports only: blocks each contributor on the hosts that saw it for 1 h',
    );
    expect(followsText({ ...policy, block: 'none' })).toBe('nothing is blocked');
    expect(followsText(undefined)).toBe('nothing: no policy is for it');
  });

  it('as it is switched', () => {
    expect(effectText(rule)).toBe('blocks source.ip fleet-wide for 2 h, then 1 d');
    expect(effectText({ ...rule, mode: 'dry-run' })).toMatch(/^dry run, else blocks/);
    expect(effectText({ ...rule, mode: 'off' })).toBe('off: no alerts, no blocks');
    expect(effectText({ ...rule, alerts: false })).toBe('makes no alerts: others refer to it');
  });
});
