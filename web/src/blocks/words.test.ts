import { describe, expect, it } from '@jest/globals';
import { authorOf, enforcementText, reasonText, scopeText } from './words.js';

const exception = (state: 'ineffective' | 'behind', reason: string) => ({ host: 'a', state, reason });

describe('where a block holds', () => {
  it('adds up', () => {
    const off = exception('ineffective', 'Windows firewall is off');
    const where = { hosts: 815, inForce: 812, exceptions: [exception('behind', ''), exception('behind', ''), off] };
    expect(enforcementText(where)).toBe(
      'Blocked on 812 of 815 hosts; 1 ineffective: Windows firewall is off, 2 behind',
    );
  });

  it('says what it does not know', () => {
    expect(enforcementText({ hosts: 3, inForce: 1, exceptions: [] })).toBe('Blocked on 1 of 3 hosts; 2 unknown');
    expect(enforcementText({ hosts: 0, inForce: 0, exceptions: [] })).toBe('Unknown where: no host has told yet');
  });
});

describe('why', () => {
  it('names the person, counts the others, and hides what is hidden', () => {
    const person = { type: 'person' as const, by: 'anna', comment: 'scans us' };
    expect(reasonText({ reasons: [person], hiddenReasons: 2 })).toBe('By hand: scans us (+2)');
    expect(authorOf({ reasons: [person], hiddenReasons: 0 })).toBe('anna');
    expect(reasonText({ reasons: [], hiddenReasons: 1 })).toBe('1 reason (hidden)');
  });

  it('words a scope', () => {
    expect(['fleet', 'tenant:acme', 'host:web-01'].map(scopeText)).toEqual([
      'fleet-wide',
      'tenant acme',
      'web-01 only',
    ]);
  });
});
