import { networkText, overlaps, parseNetwork } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { exemptAddress, judge, pieces } from './rails.js';

const exempt = (network: string, reason = 'on the allowlist') => ({ network: parseNetwork(network), reason });
const verdictOf = (target: string, exemptions = [exempt('192.0.2.66')]) =>
  judge(parseNetwork(target), 'fleet', exemptions);

describe('B01, B06: what is never blocked', () => {
  it.each([
    ['0.0.0.0/0', /wider/],
    ['::/0', /wider/],
    ['0.0.0.0', /unspecified/],
    ['::', /unspecified/],
    ['127.0.0.53', /loopback/],
    ['::1', /loopback/],
    ['169.254.169.254', /link-local/],
    ['fe80::1', /link-local/],
    ['224.0.0.1', /multicast/],
    ['ff02::1', /multicast/],
    ['255.255.255.255', /broadcast/],
    ['10.0.0.0/8', /wider/],
    ['2001:db8::/32', /wider/],
    ['192.0.2.66', /allowlist/],
    ['64:ff9b::c000:242', /carries 192\.0\.2\.66: on the allowlist/],
    ['2002:7f00:1::1', /carries 127\.0\.0\.1: loopback/],
  ])('%s', (target, reason) => {
    const verdict = verdictOf(target);
    expect(verdict).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
  });

  it('lets a stranger through', () => {
    expect(verdictOf('198.51.100.7')).toEqual({ allowed: true, except: [] });
    expect(verdictOf('2001:db8:1:2::/64')).toEqual({ allowed: true, except: [] });
  });

  it('splits a network around an exempt address', () => {
    const verdict = verdictOf('192.0.2.0/24');
    expect(verdict).toEqual({ allowed: true, except: ['192.0.2.66'] });
    const parts = pieces('192.0.2.0/24', ['192.0.2.66']);
    const holds = (address: string) => parts.some((part) => overlaps(parseNetwork(part), parseNetwork(address)));
    expect([holds('192.0.2.65'), holds('192.0.2.66'), holds('192.0.2.67')]).toEqual([true, false, true]);
    expect(parts).toHaveLength(8);
  });

  it('shelters the /64 of an exempt IPv6 address, since that is what would be blocked', () => {
    expect(networkText(exemptAddress('2001:db8:1:2::5', 'office').network)).toBe('2001:db8:1:2::/64');
    expect(verdictOf('2001:db8:1:2::/64', [exemptAddress('2001:db8:1:2::5', 'office')]).allowed).toBe(false);
  });

  it('lets a host block a fleet member that attacks it, and nobody beyond', () => {
    const member = [{ ...exempt('198.51.100.9', 'a member of the fleet'), onlyBeyondHost: true }];
    expect(judge(parseNetwork('198.51.100.9'), 'fleet', member).allowed).toBe(false);
    expect(judge(parseNetwork('198.51.100.9'), 'host', member).allowed).toBe(true);
  });
});
