import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientOf } from './client-of.js';
import { TrustedProxies } from './trusted-proxies.js';

const VICTIM = '192.0.2.66';
const REAL = '198.51.100.7';
const STRANGER = '203.0.113.200';
const trusted = TrustedProxies.of('203.0.113.0/28', '2001:db8:cd::/48', '10.0.0.0/8', '10.1.0.0/16');

describe('A13: the client behind a proxy', () => {
  it.each([
    ['a stranger brings a header along', STRANGER, `${VICTIM}, ${REAL}`, STRANGER],
    ['the proxy appended the client', '203.0.113.5', `${VICTIM}, ${REAL}`, REAL],
    ['the proxy saw one client', '203.0.113.5', REAL, REAL],
    ['without blanks', '203.0.113.5', `${VICTIM},${REAL}`, REAL],
    ['a proxy behind a proxy', '203.0.113.5', `${VICTIM}, ${REAL}, 10.9.9.9, 203.0.113.6`, REAL],
    ['with a port', '203.0.113.5', `${VICTIM}, ${REAL}:50123`, REAL],
    ['IPv6', '2001:db8:cd::1', `${VICTIM}, 2001:DB8:0::7`, '2001:db8::7'],
    ['IPv6 in brackets', '203.0.113.5', '[2001:db8::7]', '2001:db8::7'],
    ['IPv6 in brackets with a port', '203.0.113.5', `${VICTIM}, [2001:db8::7]:443`, '2001:db8::7'],
    ['IPv4 as IPv6', '203.0.113.5', `${VICTIM}, ::ffff:${REAL}`, REAL],
    ['a private hop that nobody trusts', '203.0.113.5', `${VICTIM}, 192.168.1.9`, '192.168.1.9'],
    ['only proxies', '203.0.113.5', '10.0.0.1, 203.0.113.6', '10.0.0.1'],
    ['no header', '203.0.113.5', undefined, '203.0.113.5'],
    ['an empty header', '203.0.113.5', '-', '203.0.113.5'],
  ])('%s', (_, peer, header, client) => expect(clientOf(peer, header, trusted)).toBe(client));

  it.each([
    ['a word', `${VICTIM}, unknown`],
    ['nothing after the comma', `${VICTIM}, `],
    ['a port out of place', `${VICTIM}:1:2`],
    ['a zone', 'fe80::1%eth0'],
    ['a name', `${VICTIM}, evil.example`],
    ['a broken bracket', `${VICTIM}, [2001:db8::7`],
    ['full-width digits', '\uff11\uff19\uff12.0.2.66'],
    ['octal', '192.0.2.066'],
    ['an endless hop', `${VICTIM}, ${'x'.repeat(16_384)}`],
    ['an endless row of proxies', `${VICTIM}, ${'10.0.0.1, '.repeat(1_600)}10.0.0.1`],
  ])('is nobody when the proxy names %s', (_, header) =>
    expect(clientOf('203.0.113.5', header, trusted)).toBeUndefined(),
  );

  it('is the peer where nothing is trusted', () => {
    expect(clientOf(REAL, VICTIM, undefined)).toBe(REAL);
    expect(clientOf(REAL, VICTIM, TrustedProxies.of())).toBe(REAL);
  });

  it('is never what stands left of the last hop that the proxies wrote', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(VICTIM, ', ', '[', ']', ':80', '10.0.0.1', '::'),
    );
    const before = fc.array(word, { maxLength: 20 }).map((words) => words.join(''));
    fc.assert(
      fc.property(before, fc.constantFrom('', ', 10.0.0.1', ', 203.0.113.6, 10.3.3.3'), (sent, proxies) => {
        expect(clientOf('203.0.113.5', `${sent}, ${REAL}${proxies}`, trusted)).toBe(REAL);
        expect(clientOf(STRANGER, `${sent}, ${REAL}${proxies}`, trusted)).toBe(STRANGER);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('trusted proxies', () => {
  it('hold what their networks hold, however these overlap', () => {
    for (const inside of ['203.0.113.0', '203.0.113.15', '10.0.0.1', '10.1.2.3', '10.255.255.255', '2001:db8:cd:f::1'])
      expect([inside, trusted.has(inside)]).toEqual([inside, true]);
    for (const outside of ['203.0.113.16', '203.0.112.255', '11.0.0.0', '9.255.255.255', '2001:db8:ce::', '::1'])
      expect([outside, trusted.has(outside)]).toEqual([outside, false]);
  });
});
