import { describe, expect, it } from '@jest/globals';
import { subjectOf } from './subject.js';

describe('the search box', () => {
  it.each(['203.0.113.7', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32', '::ffff:192.0.2.1', '::'])(
    'opens the address %s',
    (address) => expect(subjectOf(` ${address}\n`)).toEqual({ kind: 'address', address }),
  );

  it('takes an address out of what was copied with it', () => {
    expect(subjectOf('[203.0.113.7],')).toEqual({ kind: 'address', address: '203.0.113.7' });
  });

  it.each(['256.0.113.7', '203.0.113', '203.0.113.7/33', 'user.name:root', '14:02:11', 'a::b AND c'])(
    'asks Events for %s',
    (query) => expect(subjectOf(query)?.kind).toBe('query'),
  );

  it.each([
    ['user:anna', 'anna'],
    ['~0123456789ab.9af1', '~0123456789ab.9af1'],
    ['anna@example.com', 'anna@example.com'],
  ])('opens the account of %s', (text, name) => expect(subjectOf(text)).toEqual({ kind: 'user', name }));

  it('opens an alert by its id, and nothing for nothing', () => {
    expect(subjectOf('0123456789abcdef0123')).toEqual({ kind: 'alert', id: '0123456789abcdef0123' });
    expect(subjectOf('  ')).toBeUndefined();
  });
});
