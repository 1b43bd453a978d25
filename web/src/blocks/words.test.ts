import { describe, expect, it } from '@jest/globals';
import { authorOf, enforcementText, hostsText, reachText, reasonText, scopeText, stateText } from './words.js';

const none = { hosts: 0, inForce: 0, disarmed: 0, behind: 0, ineffective: 0, refused: 0, exceptions: [] };

describe('where a block holds', () => {
  it('adds up', () => {
    const off = { host: 'web-07', state: 'ineffective' as const, reason: 'Windows firewall is off' };
    const where = { ...none, hosts: 815, inForce: 812, behind: 2, ineffective: 1, exceptions: [off] };
    expect(enforcementText(where)).toBe(
      'Blocked on 812 of 815 hosts; 1 ineffective: Windows firewall is off, 2 not told yet',
    );
  });

  it('gives a reason only where it is that of all', () => {
    const refused = (host: string, reason: string) => ({ host, state: 'refused' as const, reason });
    const exceptions = [refused('a', 'its gateway'), refused('b', 'its resolver')];
    const where = { ...none, hosts: 3, inForce: 1, refused: 2, exceptions };
    expect(enforcementText(where)).toBe('Blocked on 1 of 3 hosts; 2 refused');
  });

  it('says what it does not know', () => {
    expect(enforcementText(none)).toBe('Unknown where: no host has told yet');
    expect(enforcementText({ ...none, hosts: 1, disarmed: 1 })).toBe('Blocked on 0 of 1 host; 1 report only');
  });

  it('says beforehand which hosts only report', () => {
    const [armed, disarmed] = [{ armed: true }, { armed: false }];
    expect(hostsText([armed, armed])).toBe('2 hosts');
    expect(hostsText([armed, disarmed])).toBe('2 hosts; 1 host only report');
  });
});

describe('the state of a block', () => {
  it('is in force only where a host enforces it', () => {
    const stateOf = (over: Partial<typeof none>) => stateText({ state: 'active', enforcement: { ...none, ...over } });
    expect(stateOf({ hosts: 2, inForce: 1, disarmed: 1 })).toBe('In force');
    expect(stateOf({ hosts: 2, disarmed: 2 })).toBe('Report only');
    expect(stateOf({ hosts: 2, disarmed: 1, ineffective: 1 })).toBe('In force nowhere');
    expect(stateText({ state: 'lifted', enforcement: none })).toBe('Lifted');
  });
});

describe('why', () => {
  it('names the person, counts the others, and hides what is hidden', () => {
    const person = { type: 'person' as const, by: 'anna', comment: 'scans us' };
    expect(reasonText({ reasons: [person], hiddenReasons: 2 })).toBe('By hand: scans us (+2)');
    expect(authorOf({ reasons: [person], hiddenReasons: 0 })).toBe('anna');
    expect(reasonText({ reasons: [], hiddenReasons: 1 })).toBe('1 reason (hidden)');
  });

  it('says that only the ports of the web are closed, and that a list holds it', () => {
    expect(reachText({ scope: 'fleet', ports: 'web' })).toBe('fleet-wide, web ports only');
    expect(reachText({ scope: 'host:web-01', ports: 'all' })).toBe('web-01 only');
    const listed = { type: 'person' as const, by: 'anna', comment: 'scans us', listed: '2026-11-22T14:00:00.000Z' };
    expect(reasonText({ reasons: [listed], hiddenReasons: 0 })).toBe('Denylist: scans us');
  });

  it('words a scope', () => {
    expect(['fleet', 'tenant:acme', 'host:web-01'].map(scopeText)).toEqual([
      'fleet-wide',
      'tenant acme',
      'web-01 only',
    ]);
  });
});
