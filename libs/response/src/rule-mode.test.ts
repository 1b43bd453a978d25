import { describe, expect, it } from '@jest/globals';
import { alert, HOUR_MS, MINUTE_MS, R, T } from './alert.test-support.js';
import { Decider } from './decider.js';
import { loadPolicies } from './load-policies.js';
import { type RuleMode, withoutThoseOff } from './rule-mode.js';

const policies = loadPolicies([{ path: 'a.yml', text: 'name: a\nmatch: {rules: [fast, slow]}\nblock: source.ip\n' }]);
const modes = new Map<string, RuleMode>();
const newDecider = () => new Decider({ policies, exemptions: () => [], modeOf: (rule) => modes.get(rule) ?? 'on' });
const stateOf = (decider: Decider) => decider.book.get(R, { type: 'fleet' })?.state;
const slow = { id: 's1', rule: 'slow' };

describe('rules that people switched', () => {
  it('off: no block; on again: the next failure blocks', () => {
    modes.clear();
    const decider = newDecider();
    modes.set('fast', 'off');
    decider.onAlert(alert(), T);
    expect(stateOf(decider)).toBeUndefined();
    modes.delete('fast');
    decider.onAlert(alert({ count: 6 }), T + 1);
    expect(stateOf(decider)).toBe('active');
  });

  it('dry run: only reported, and in no way of a rule that is on', () => {
    modes.clear();
    const decider = newDecider();
    modes.set('fast', 'dry-run');
    decider.onAlert(alert(), T);
    expect(stateOf(decider)).toBe('dry-run');
    decider.onAlert(alert(slow), T + 1);
    expect(stateOf(decider)).toBe('active');
    // And it carries nothing: the block goes with the evidence of the rule that is on.
    decider.onAlert(alert({ count: 9 }), T + 2);
    decider.onAlert(alert({ ...slow, state: 'withdrawn' }), T + 3);
    expect(stateOf(decider)).toBe('withdrawn');
  });

  it('does not widen or keep up a block of another rule', () => {
    modes.clear();
    const decider = newDecider();
    decider.onAlert(alert({ ...slow, application: 'http' }), T);
    modes.set('fast', 'dry-run');
    decider.onAlert(alert(), T + 1);
    expect(decider.book.get(R, { type: 'fleet' })).toMatchObject({ ports: 'web', reasons: [{ rule: 'slow' }] });
  });

  it('switched on while its dry run goes on, it blocks with the next failure', () => {
    modes.clear();
    const decider = newDecider();
    modes.set('fast', 'dry-run');
    decider.onAlert(alert(), T);
    modes.delete('fast');
    decider.onAlert(alert({ count: 6 }), T + 1);
    expect(stateOf(decider)).toBe('active');
  });

  it.each([
    ['off', 'withdrawn'],
    ['dry-run', 'dry-run'],
  ] as const)('%s: what is held and comes due is %s', (mode, state) => {
    modes.clear();
    const decider = newDecider();
    decider.onAlert(alert(), T);
    const end = T + 2 * HOUR_MS;
    decider.tick(end);
    decider.onAlert(alert({ count: 6, lastMs: end }), end);
    expect(stateOf(decider)).toBe('held');
    modes.set('fast', mode);
    decider.tick(end + 10 * MINUTE_MS);
    expect(stateOf(decider)).toBe(state);
  });

  it('a rule that is off counts on for those that refer to it', () => {
    const rules = [
      { name: 'a', generate: true },
      { name: 'b', generate: true },
      { name: 'c', generate: false },
    ];
    expect(withoutThoseOff(rules, (rule) => (rule === 'a' ? 'off' : 'on')).map(({ generate }) => generate)).toEqual([
      false,
      true,
      false,
    ]);
  });
});
