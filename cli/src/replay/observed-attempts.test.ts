import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { ObservedAttempts } from './observed-attempts.js';

const [FAILURE, INVALID, AFTER] = [{ name: 'failure' }, { name: 'invalid' }, { name: 'after' }];

const PLANS = [
  { groupBy: ['source.ip'] },
  { groupBy: ['source.ip'], field: 'process.name' },
  { groupBy: ['source.ip'], followedBy: 'after' },
];

function event(fields: Record<string, string | string[]>): FleetEvent {
  return { '@timestamp': 0, 'fleetwall.attempt.id': '0123456789ab', 'source.ip': '192.0.2.1', ...fields } as FleetEvent;
}

describe('a line of an attempt that was counted', () => {
  const seen = (first: Record<string, string>) => {
    const attempts = new ObservedAttempts(PLANS);
    expect(attempts.covers(event(first), [FAILURE])).toBe(false);
    return attempts;
  };

  it('adds nothing when it says the same or less', () => {
    const attempts = seen({ 'user.name': 'root', 'process.name': 'sshd' });
    expect(attempts.covers(event({ 'user.name': 'root', 'process.name': 'sshd' }), [FAILURE])).toBe(true);
    expect(attempts.covers(event({ 'process.name': 'sshd' }), [FAILURE])).toBe(true);
    expect(attempts.covers(event({}), [])).toBe(true);
  });

  it('counts when it names the account, another one, or whatever a rule counts', () => {
    const attempts = seen({ 'process.name': 'sshd' });
    expect(attempts.covers(event({ 'user.name': 'root', 'process.name': 'sshd' }), [FAILURE])).toBe(false);
    expect(attempts.covers(event({ 'user.name': 'root', 'process.name': 'sshd' }), [FAILURE])).toBe(true);
    expect(attempts.covers(event({ 'user.name': 'toor', 'process.name': 'sshd' }), [FAILURE])).toBe(false);
    expect(attempts.covers(event({ 'user.name': 'toor', 'process.name': 'su' }), [FAILURE])).toBe(false);
  });

  it('counts when it matches another rule, or one that follows others', () => {
    const attempts = seen({});
    expect(attempts.covers(event({}), [INVALID])).toBe(false);
    expect(attempts.covers(event({}), [AFTER])).toBe(false);
    expect(attempts.covers(event({}), [AFTER])).toBe(false);
  });

  it('counts when it tells of other attempts, of several, or of none', () => {
    const attempts = seen({});
    expect(attempts.covers(event({ 'fleetwall.attempt.id': 'ba9876543210' }), [FAILURE])).toBe(false);
    expect(attempts.covers(event({ 'fleetwall.attempt.ids': ['0123456789ab', 'ba9876543210'] }), [FAILURE])).toBe(
      false,
    );
    const { 'fleetwall.attempt.id': _, ...none } = event({});
    expect(attempts.covers(none as FleetEvent, [FAILURE])).toBe(false);
  });

  it('is remembered for thousands of attempts, and not for ever', () => {
    const attempts = seen({});
    const others = (count: number) => {
      for (let i = 0; i < count; i++)
        attempts.covers(event({ 'fleetwall.attempt.id': i.toString(16).padStart(12, '0') }), [FAILURE]);
    };
    others(10_000);
    expect(attempts.covers(event({}), [FAILURE])).toBe(true);
    others(45_000);
    expect(attempts.covers(event({}), [FAILURE])).toBe(false);
  });
});
