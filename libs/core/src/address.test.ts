import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalAddress,
  canonicalTarget,
  contains,
  countedAs,
  embeddedIpv4,
  networkText,
  overlaps,
  parseNetwork,
  printable,
  subtract,
} from './address.js';

describe('B02, B03, B04, B05: addresses', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::ffff:c633:6407', '198.51.100.7'],
    ['::ffff:198.51.100.7/120', '198.51.100.0/24'],
    ['192.0.2.66/24', '192.0.2.0/24'],
    ['2001:db8:1:2:3::/64', '2001:db8:1:2::/64'],
    ['192.0.2.66/32', '192.0.2.66'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalTarget(text)).toBe(canonical);
  });

  it.each([
    '010.1',
    '127.1',
    '192.0.2.010',
    '0xc0.0.2.1',
    '3221225985',
    '192.0.2.',
    '192.0.2.256',
    'fe80::1%eth0',
    '2001:db8::1%25x',
    'evil.example',
    '1',
    '192.0.2.1; flush ruleset',
    '@set',
    '192.0.2.1,192.0.2.2',
    '192.0.2.1-192.0.2.9',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/08',
    '192.0.2.0/',
    '2001:db8::/129',
    '',
    ' 192.0.2.1',
    '\uff11\uff19\uff12.0.2.66',
  ])('refuses %j', (text) => {
    expect(() => canonicalTarget(text)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
    if (!text.includes('/')) expect(canonicalAddress(text)).toBeUndefined();
  });

  it('counts IPv6 by its /64, but what carries IPv4 by that or alone', () => {
    expect(countedAs('198.51.100.7')).toBe('198.51.100.7');
    expect(countedAs('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(countedAs('::ffff:198.51.100.7')).toBe('198.51.100.7');
    expect(countedAs('64:ff9b::c633:6407')).toBe('198.51.100.7');
    expect(countedAs('2002:c633:6407::1')).toBe('2002:c633:6407::1');
    expect(countedAs('2001:0:c633:6407:0:0:39cc:9bf8')).toBe('2001:0:c633:6407::39cc:9bf8');
  });

  it('unwraps the IPv4 address inside IPv6', () => {
    expect(embeddedIpv4(parseNetwork('64:ff9b::c000:242'))).toBe('192.0.2.66');
    expect(embeddedIpv4(parseNetwork('2002:c000:242::1'))).toBe('192.0.2.66');
    expect(embeddedIpv4(parseNetwork('2001:0:1:2:3:4:3fff:fdbd'))).toBe('192.0.2.66');
    expect(embeddedIpv4(parseNetwork('2001:db8::1'))).toBeUndefined();
  });

  const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
  const ipv6 = fc
    .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(':'));
  const network = fc.oneof(
    fc.tuple(ipv4, fc.nat(32)).map(([address, prefix]) => `${address}/${prefix}`),
    fc.tuple(ipv6, fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`),
  );

  it('writes what it reads back the same', () => {
    fc.assert(
      fc.property(network, (text) => {
        const once = canonicalTarget(text);
        expect(canonicalTarget(once)).toBe(once);
      }),
    );
  });

  it('a network less another holds the rest, all of it and nothing else', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.integer({ min: 16, max: 32 }),
        fc.nat(0xffffffff),
        fc.integer({ min: 16, max: 32 }),
        (a, p, b, q) => {
          const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
          const from = parseNetwork(`${text(a)}/${p}`);
          const hole = parseNetwork(`${text((a & 0xffff0000) | (b & 0xffff))}/${q}`);
          const rest = subtract(from, hole);
          const size = rest.reduce((sum, part) => sum + (part.last - part.first + 1n), 0n);
          const cut = overlaps(from, hole) ? (contains(hole, from) ? from : hole) : undefined;
          expect(size).toBe(from.last - from.first + 1n - (cut ? cut.last - cut.first + 1n : 0n));
          for (const part of rest) {
            expect(overlaps(part, hole)).toBe(false);
            expect(contains(from, part)).toBe(true);
          }
          expect(new Set(rest.map(networkText)).size).toBe(rest.length);
        },
      ),
    );
  });

  it('shows control characters and direction marks, and cuts what is long', () => {
    expect(printable('a\x1b]0;t\x07\r\u202eb')).toBe('a\\x1b]0;t\\x07\\x0d\\u202eb');
    expect(printable('x'.repeat(300))).toHaveLength(201);
  });
});
