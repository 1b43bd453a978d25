import { describe, expect, it } from '@jest/globals';
import { parseNetwork } from './address.js';
import type { FleetEvent } from './event.js';
import { type Origin, specialOf, withOrigin } from './origin.js';

describe('addresses that are not of the Internet', () => {
  it.each([
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', undefined],
    ['100.64.0.1', 'carrier NAT'],
    ['100.128.0.1', undefined],
    ['127.0.0.53', 'loopback'],
    ['192.0.2.66', 'documentation'],
    ['192.0.2.0/23', undefined],
    ['203.0.113.0/24', 'documentation'],
    ['255.255.255.255', 'broadcast'],
    ['250.0.0.1', 'reserved'],
    ['11.0.0.0', undefined],
    ['::1', 'loopback'],
    ['2001:db8::7', 'documentation'],
    ['2001:db8:1::/64', 'documentation'],
    ['fd00::1', 'private'],
    ['fe80::1', 'link-local'],
    ['ff02::1', 'multicast'],
    ['4000::1', 'reserved'],
    ['2000::', undefined],
    ['::/0', undefined],
    // Addresses that carry an IPv4 one are what that one is: mapped, NAT64, 6to4.
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::11.0.0.0', undefined],
    ['2002:a00:1::1', 'private'],
    ['64:ff9b:1::1', 'private'],
  ])('%s: %s', (text, what) => {
    expect(specialOf(parseNetwork(text))).toBe(what);
  });
});

describe('an event with its origin', () => {
  const event = { 'event.id': 'x', 'source.ip': '203.0.113.7', 'user.name': 'root' } as unknown as FleetEvent;
  const as = (origin: Origin) => ({ of: () => origin });

  it('has what is known', () => {
    const named = withOrigin(event, as({ country: 'NL', asNumber: 64_500, asName: 'Example' }));
    expect(named).toEqual({
      ...event,
      'source.geo.country_iso_code': 'NL',
      'source.as.number': 64_500,
      'source.as.organization.name': 'Example',
    });
    expect(withOrigin(event, as({ special: 'documentation' }))).toEqual(event);
  });

  it('has nothing of what its sender claimed, and leaves the event that came as it is', () => {
    const claimed = {
      ...event,
      'source.geo.country_iso_code': 'XX',
      'source.as.number': 1,
      'source.geo.city_name': 'x',
    };
    expect(withOrigin(claimed, as({ asNumber: 64_500 }))).toEqual({
      ...event,
      'source.as.number': 64_500,
      'source.geo.city_name': 'x',
    });
    expect(claimed['source.as.number']).toBe(1);
    const { 'source.ip': _, ...without } = claimed;
    expect(withOrigin(without as FleetEvent, as({ country: 'NL' }))).not.toHaveProperty([
      'source.geo.country_iso_code',
    ]);
  });
});
