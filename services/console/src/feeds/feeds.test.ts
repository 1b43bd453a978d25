import { describe, expect, it } from '@jest/globals';
import { blocklistText, etagOf, isMatch } from './blocklist.js';
import { begunDecision, bouncerFilter } from './bouncer-decision.js';
import { goDuration } from './go-duration.js';
import { programOf } from './pull-positions.js';

describe('a duration as Go writes it', () => {
  it.each([
    [14_399_000, '3h59m59s'],
    [14_400_000, '4h0m0s'],
    [3_600_000, '1h0m0s'],
    [60_000, '1m0s'],
    [59_001, '1m0s'],
    [400, '1s'],
    [0, '1s'],
    [8_784 * 3_600_000, '8784h0m0s'],
    [-7_349, '-8s'],
    [-3_600_000, '-1h0m0s'],
  ])('%i ms is %s', (durationMs, text) => expect(goDuration(durationMs)).toBe(text));
});

describe('what a bouncer asks for', () => {
  const held = (value: string, rule = 'slow-grind') => ({ value, rule, untilMs: 60_000, revision: 1, changedMs: 0 });
  const one = (value: string, rule?: string) => begunDecision(held(value, rule), 0);

  it('has one id for a value, whatever the rule', () => {
    expect(one('198.51.100.7')).toEqual({ ...one('198.51.100.7', 'manual'), scenario: 'fleetwall/slow-grind' });
    expect(one('198.51.100.7').id).not.toBe(one('198.51.100.0/24').id);
    expect(Number.isSafeInteger(one('2001:db8::/64').id)).toBe(true);
  });

  it.each([
    [{}, true],
    [{ scopes: 'ip,range' }, true],
    [{ scopes: 'Range' }, true],
    [{ scopes: 'ip' }, false],
    [{ scopes: 'Country' }, false],
    [{ origins: 'fleetwall' }, true],
    [{ origins: 'cscli,crowdsec' }, false],
    [{ scenarios_containing: 'ssh,GRIND' }, true],
    [{ scenarios_containing: 'ssh' }, false],
    [{ scenarios_not_containing: 'grind' }, false],
    [{ type: 'captcha' }, false],
    [{ ip: '198.51.100.7' }, true],
    [{ ip: '::ffff:198.51.100.7' }, true],
    [{ ip: '198.51.101.7' }, false],
    [{ range: '198.51.100.64/26' }, true],
    [{ range: '198.51.0.0/16' }, false],
    [{ range: '198.51.0.0/16', contains: 'false' }, true],
    [{ ip: '198.51.100.7', contains: 'false' }, false],
    [{ value: '198.51.100.0/24' }, true],
  ])('%j finds 198.51.100.0/24: %s', (filter, isFound) =>
    expect(bouncerFilter(filter)(held('198.51.100.0/24'))).toBe(isFound),
  );

  it('finds the network of an IPv6 address', () => {
    expect(bouncerFilter({ ip: '2001:db8:1:2::9' })(held('2001:db8:1:2::/64'))).toBe(true);
    expect(() => bouncerFilter({ ip: 'host.example' })).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
  });

  it.each([
    ['crowdsec-firewall-bouncer/v0.0.31-debian-pragmatic', 'crowdsec-firewall-bouncer'],
    ['crowdsec-nginx-bouncer', 'crowdsec-nginx-bouncer'],
    [undefined, ''],
  ])('%s is the program %s', (agent, program) => expect(programOf(agent)).toBe(program));
});

describe('the list as text', () => {
  const VALUES = ['2001:db8:1:2::/64', '198.51.100.10', '198.51.100.9', '203.0.113.0/24', '203.0.113.7', '192.0.2.1'];

  it('is in order of addresses, none inside another', () => {
    expect(blocklistText(VALUES, undefined)).toBe(
      '192.0.2.1\n198.51.100.9\n198.51.100.10\n203.0.113.0/24\n2001:db8:1:2::/64\n',
    );
  });

  it('is of one family', () => {
    expect(blocklistText(VALUES, 6)).toBe('2001:db8:1:2::/64\n');
    expect(blocklistText(['192.0.2.1'], 6)).toBe('');
  });

  it('is known again by its tag', () => {
    const tag = etagOf('192.0.2.1\n');
    expect(['*', tag, `W/${tag}`, `"other", ${tag}`].map((header) => isMatch(header, tag))).not.toContain(false);
    expect([undefined, '', '"other"', etagOf('')].map((header) => isMatch(header, tag))).not.toContain(true);
  });
});
