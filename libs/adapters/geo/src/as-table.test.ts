import { parseNetwork } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { AsTable } from './as-table.js';

const ipv4 = (text: string) => parseNetwork(text).first;
const line = (first: string, last: string, rest: string) => `${ipv4(first)},${ipv4(last)},${rest}`;

function tableOf(ipv4Lines: string[], ipv6Lines: string[] = []): AsTable {
  return new AsTable(Buffer.from(ipv4Lines.join('\n')), Buffer.from(`${ipv6Lines.join('\n')}\n`));
}

function of(table: AsTable, text: string) {
  return table.find(parseNetwork(text));
}

describe('the table of autonomous systems', () => {
  const table = tableOf(
    [
      line('192.0.2.0', '192.0.2.127', '64500,"Example, ""Inc"""'),
      line('192.0.2.128', '192.0.2.255', '64501,Other'),
      line('203.0.113.0', '203.0.113.255', '4294967295,'),
    ],
    [line('2001:db8::', '2001:db8:0:7:ffff:ffff:ffff:ffff', '64500,not read again')],
  );

  it.each([
    ['192.0.1.255', undefined],
    ['192.0.2.0', { asNumber: 64_500, asName: 'Example, "Inc"' }],
    ['192.0.2.127', { asNumber: 64_500, asName: 'Example, "Inc"' }],
    ['192.0.2.128', { asNumber: 64_501, asName: 'Other' }],
    ['192.0.3.0', undefined],
    ['192.0.2.0/25', { asNumber: 64_500, asName: 'Example, "Inc"' }],
    ['192.0.2.0/24', undefined],
    ['203.0.113.7', { asNumber: 4_294_967_295 }],
    ['255.255.255.255', undefined],
    ['2001:db8::1', { asNumber: 64_500, asName: 'Example, "Inc"' }],
    ['2001:db8:0:7::/64', { asNumber: 64_500, asName: 'Example, "Inc"' }],
    ['2001:db8:0:8::', undefined],
    ['2001:db8::/48', undefined],
    ['::1', undefined],
  ])('%s', (text, origin) => {
    expect(of(table, text)).toEqual(origin);
  });

  it('leaves lines out that are not in order, finer than a /64 or no lines, and counts them', () => {
    const whole = line('192.0.2.0', '192.0.2.255', '64500,Example');
    const bad = [
      line('192.0.2.255', '192.0.3.255', '64501,overlaps'),
      line('198.51.100.9', '198.51.100.1', '64501,backwards'),
      '4294967296,4294967297,64501,beyond',
      `${ipv4('203.0.113.0')},${ipv4('203.0.113.255')},0,no system`,
      '1e3,0x10,64501,no numbers',
      '"',
      ',,,',
    ];
    const fine = line('2001:db8::', '2001:db8::7', '64502,finer');
    const mixed = tableOf([whole, ...bad], [fine]);
    expect([mixed.ranges, mixed.leftOut]).toEqual([1, bad.length + 1]);
    expect(of(mixed, '192.0.2.7')?.asNumber).toBe(64_500);
    expect(of(mixed, '192.0.3.7')).toBeUndefined();
    expect(of(tableOf([]), '192.0.2.7')).toBeUndefined();
  });
});
