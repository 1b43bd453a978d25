import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FleetwallError } from '@fleetwall/core';
import { growthOf, IN_PROPORTION } from '@fleetwall/testkit';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from '../line-parser.js';
import { loadCustomSource } from './load.js';

const SHOP = `name: shop
files: [/var/log/shop/*.log]
time: { format: dated }
events:
  - action: shop-logon-failed
    contains: 'login failed'
    pattern: '(?<time>.{19}) WARN login failed for "(?<user>.*)" from (?<ip>[0-9a-f.:]+)'
    fields: { user.name: user, source.ip: ip }
    outcome: failure
  - action: shop-logon
    contains: 'login ok'
    pattern: '(?<time>.{19}) INFO login ok for "(?<user>.*)" from (?<ip>[0-9a-f.:]+)'
    fields: { user.name: user, source.ip: ip }
    outcome: success
tests:
  - line: '2026-11-22 07:00:00 WARN login failed for "anna" from 198.51.100.7'
    expect: { event.outcome: failure, source.ip: 198.51.100.7, user.name: anna, '@timestamp': '2026-11-22T07:00:00.000Z' }
  - line: '2026-11-22 07:00:01 INFO login ok for "anna" from 2001:db8::1'
    expect: { event.outcome: success, source.ip: '2001:db8::1' }
  - line: '2026-11-22 07:00:01 INFO started'
    expect: none
`;

const load = (text: string) => loadCustomSource({ path: 'sources/shop.yml', text }, new Set(['sshd']));

function refusal(text: string): FleetwallError {
  try {
    load(text);
  } catch (error) {
    return error as FleetwallError;
  }
  throw new Error('it was taken');
}

describe('a source in YAML', () => {
  it('reads its log, and leaves other lines to others', () => {
    const parser = new LineParser({
      zone: 'Europe/Prague',
      year: { from: 2026 },
      defaultHost: 'shop-01',
      custom: [load(SHOP)],
    });
    expect(parser.parse('2026-11-22 07:00:00 WARN login failed for "a" from 198.51.100.7')).toMatchObject({
      '@timestamp': Date.UTC(2026, 10, 22, 6),
      'event.module': 'shop',
      'event.action': 'shop-logon-failed',
      'fleetwall.attempt.role': 'attempt',
      'fleetwall.evidence': 'handshake',
      'host.name': 'shop-01',
      'source.ip': '198.51.100.7',
    });
    expect(parser.parse('2026-11-22 07:00:00 WARN out of stock')).toHaveProperty('unparsed');
    const sshd = 'Nov 22 07:00:00 web-01 sshd[1]: Failed password for root from 198.51.100.8 port 22 ssh2';
    expect(parser.parse(sshd)).toMatchObject({ 'event.module': 'sshd' });
  });

  it('is what docs/sources.md shows', () => {
    const guide = readFileSync(fileURLToPath(new URL('../../../../docs/sources.md', import.meta.url)), 'utf8');
    const example = /```yaml source\n([\s\S]*?)```/.exec(guide)?.[1] as string;
    expect(load(example)).toMatchObject({ name: 'shop' });
  });

  it('reads the messages of a program in syslog', () => {
    const syslog = SHOP.replace('files: [/var/log/shop/*.log]', 'program: shopd')
      .replace('time: { format: dated }\n', '')
      .replaceAll('(?<time>.{19}) ', '')
      .replace(/line: '(.{19}) /g, "line: 'Nov 22 07:00:00 web-01 shopd[7]: ");
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h', custom: [load(syslog)] });
    expect(parser.parse('Nov 22 07:00:00 web-01 shopd[7]: WARN login failed for "x" from 198.51.100.7')).toMatchObject({
      'host.name': 'web-01',
      'process.pid': 7,
      'source.ip': '198.51.100.7',
    });
  });

  it('is worth no more than the stream that it comes by', () => {
    const options = { zone: 'UTC', year: { from: 2026 }, defaultHost: 'h', evidence: 'unauthenticated' } as const;
    const parser = new LineParser({ ...options, custom: [load(SHOP)] });
    const line = '2026-11-22 07:00:00 WARN login failed for "a" from 198.51.100.7';
    expect(parser.parse(line)).toMatchObject({ 'fleetwall.evidence': 'unauthenticated' });
  });

  const REFUSED: [what: string, from: string, to: string, position: string, reason: string][] = [
    ['an unknown key', 'files:', 'paths:', '2:8', 'paths'],
    ['a field that is none', 'user.name: user', 'user.names: user', '8:', 'fields'],
    [
      'a group that is none',
      'source.ip: ip }\n    outcome: failure',
      'source.ip: addr }\n    outcome: failure',
      '8:',
      'no group "addr"',
    ],
    [
      'F02: a pattern that RE2 has not',
      '(?<user>.*)" from (?<ip>[0-9a-f.:]+)\'\n    fields: { user.name: user, source.ip: ip }\n    outcome: failure',
      '(?<user>(a+)\\1)" from (?<ip>[0-9a-f.:]+)\'\n    fields: { user.name: user, source.ip: ip }\n    outcome: failure',
      '7:',
      'RE2 does not take it',
    ],
    ['a name that is taken', 'name: shop', 'name: sshd', '1:7', 'taken'],
    [
      'an expectation that is not met',
      'source.ip: 198.51.100.7',
      'source.ip: 198.51.100.8',
      '17:',
      'should be "198.51.100.8"',
    ],
    ['a line that gives no event', 'login failed for "anna"', 'login refused for "anna"', '16:', 'gives no event'],
    [
      'an event without a test',
      '2026-11-22 07:00:01 INFO login ok',
      '2026-11-22 07:00:01 INFO logon ok',
      '18:',
      'gives no event',
    ],
    ['F01: aliases', 'expect: none', 'expect: *x', '', ''],
    ['F01: brackets', 'expect: none', `expect: ${'['.repeat(10_000)}`, '21:', 'brackets'],
    ['F01: a key twice', 'name: shop', 'name: shop\nname: shop', '2:1', 'unique'],
  ];

  it.each(REFUSED)('is refused for %s, with its place', (_, from, to, position, reason) => {
    expect(SHOP).toContain(from);
    const error = refusal(SHOP.replace(from, to));
    expect(error.code).toMatch(/^SOURCE_/);
    expect(error.position).toContain(`sources/shop.yml:${position}`);
    expect(error.message).toContain(reason);
  });

  const CHOSEN: [what: string, pattern: string][] = [
    [
      'the first address instead of the last',
      '(?<time>.{19}) WARN login failed for "(?<user>.*?)" from (?<ip>[0-9a-f.:]+).*',
    ],
    [
      'any address behind the name',
      '(?<time>.{19}) WARN login failed for "(?<user>.*?)".*?(?<ip>[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+).*',
    ],
  ];

  it.each(CHOSEN)('is refused when a peer could choose whom it is about: %s', (_, pattern) => {
    const original = '(?<time>.{19}) WARN login failed for "(?<user>.*)" from (?<ip>[0-9a-f.:]+)';
    const error = refusal(SHOP.replace(original, pattern));
    expect(error.code).toBe('SOURCE_TEST_FAILED');
    expect(error.message).toContain('can choose the address');
  });

  it('F02: costs time in proportion to the line, whatever its pattern is', () => {
    const slow = SHOP.replace('WARN login failed for "(?<user>.*)"', 'WARN login failed for "(?<user>(a|a)*(a|aa)*)"')
      .replaceAll('"anna" from 198', '"aaaa" from 198')
      .replace('user.name: anna', 'user.name: aaaa');
    const parser = new LineParser({ zone: 'UTC', year: { from: 2026 }, defaultHost: 'h', custom: [load(slow)] });
    const growth = growthOf((length) => {
      const line = `2026-11-22 07:00:00 WARN login failed for "${'a'.repeat(length)}!" from 198.51.100.7`;
      return () => parser.parse(line);
    }, 4_000);
    expect(growth).toBeLessThan(IN_PROPORTION);
  });
});
