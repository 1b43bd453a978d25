import { FleetwallError, type Query } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { caretText } from './errors.js';
import { parseQuery } from './parse.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const parse = (text: string) => parseQuery(text, NOW_MS);

/** The query as one line, to be read beside what was typed. */
function shown(query: Query): string {
  switch (query.type) {
    case 'all':
      return 'all';
    case 'and':
    case 'or':
      return `(${query.of.map(shown).join(query.type === 'and' ? ' & ' : ' | ')})`;
    case 'not':
      return `!${shown(query.of)}`;
    case 'text':
      return `'${query.value}'`;
    case 'term':
      return `${query.field}=${query.value}`;
    case 'exists':
      return `${query.field}?`;
    case 'range':
      return `${query.field}[${query.gte ?? ''}..${query.lte ?? ''}]`;
    case 'prefix':
      return `${query.field}^${query.value}`;
    case 'wildcard':
      return `${query.field}~${query.pattern}`;
    case 'cidr':
      return `${query.field} in ${query.network}`;
  }
}

const READ: [typed: string, query: string][] = [
  ['', 'all'],
  ['*', 'all'],
  ['failed', "'failed'"],
  [String.raw`user.name:\/?\/`, 'user.name~/?/'],
  ['"Failed password"', "'Failed password'"],
  ['constructor', "'constructor'"],
  ['user.name:toString', 'user.name=toString'],
  ['user.name:root', 'user.name=root'],
  ['user.name:"a b"', 'user.name=a b'],
  ['user.name:"say \\"hi\\""', 'user.name=say "hi"'],
  ['user.name: root', 'user.name=root'],
  ['user.name:svc*', 'user.name^svc'],
  ['user.name:*svc', 'user.name~*svc'],
  ['user.name:s?c*', 'user.name~s?c*'],
  ['user.name:a\\*b', 'user.name=a*b'],
  ['user.name:*', 'user.name?'],
  ['url.path:/wp-login.php', 'url.path=/wp-login.php'],
  ['source.ip:203.0.113.0/24', 'source.ip in 203.0.113.0/24'],
  ['source.ip:203.0.113.9/24', 'source.ip in 203.0.113.0/24'],
  ['source.ip:2001:DB8::0:1', 'source.ip=2001:db8::1'],
  ['source.ip:fe80::1', 'source.ip=fe80::1'],
  ['source.ip:::ffff:192.0.2.1', 'source.ip=192.0.2.1'],
  ['source.port:[1 TO 1024]', 'source.port[1..1024]'],
  ['source.port:{1 TO 1024}', 'source.port[2..1023]'],
  ['source.port:[1024 TO *]', 'source.port[1024..]'],
  ['source.port:>=1024', 'source.port[1024..]'],
  ['source.port:<22', 'source.port[..21]'],
  ['@timestamp:>now-1h', `@timestamp[${NOW_MS - 3_600_000 + 1}..]`],
  ['@timestamp:2026-11-22', `@timestamp[${Date.UTC(2026, 10, 22)}..${Date.UTC(2026, 10, 23) - 1}]`],
  ['@timestamp:["2026-11-22T07:00:00Z" TO now]', `@timestamp[${Date.UTC(2026, 10, 22, 7)}..${NOW_MS}]`],
  ['a b', "('a' & 'b')"],
  ['a AND b OR c', "(('a' & 'b') | 'c')"],
  ['a OR b c', "('a' | ('b' & 'c'))"],
  ['a && (b || c)', "('a' & ('b' | 'c'))"],
  ['NOT a -b !c', "(!'a' & !'b' & !'c')"],
  ['NOT NOT a', "'a'"],
  ['user.name:(root OR admin)', '(user.name=root | user.name=admin)'],
  ['user.name:(root NOT ad*)', '(user.name=root & !user.name^ad)'],
  ['source.port:(22 OR [80 TO 90])', '(source.port=22 | source.port[80..90])'],
  [
    'source.ip:203.0.113.0/24 AND event.outcome:failure AND NOT user.name:svc*',
    '(source.ip in 203.0.113.0/24 & event.outcome=failure & !user.name^svc)',
  ],
  ['and or not', "('and' & 'or' & 'not')"],
  ['__proto__:x', '__proto__=x'],
  ["user.name:x'", "user.name=x'"],
  ['user.name:"\\\\"', 'user.name=\\'],
];

const REFUSED: [typed: string, column: number, reason: string][] = [
  ['(a', 1, 'never closed'],
  ['a)', 2, 'no "("'],
  ['a AND', 6, 'missing at the end'],
  ['a OR OR b', 6, 'expected here'],
  ['user.name:', 11, 'value of user.name is missing'],
  ['user.name:"a', 11, 'quote is never closed'],
  ['source.ip:203.0.113.0/33', 11, 'no network'],
  ['source.port:>x', 14, 'no whole number'],
  ['source.port:[1 2]', 13, 'a range is expected'],
  ['@timestamp:>yesterday', 13, 'no time'],
  ['[1 TO 2]', 1, 'a range needs a field'],
  ['user.name:/.{10000,}/', 11, 'regular expressions'],
  ['user.name:a\\**', 11, 'escaped'],
  ['user.name:*a*b*c*d*e*', 11, 'wildcards'],
  ['adm*', 1, 'needs a field'],
  ['--', 2, 'no word'],
  ['a"}}],"must_not":[', 16, 'never closed'],
  [`${'('.repeat(1_000)}a`, 31, 'nested deeper'],
  [Array.from({ length: 10_000 }, () => 'a').join(' OR '), 10_001, 'longer than'],
  [Array.from({ length: 600 }, () => 'a').join(' OR '), 2_501, 'more than 500'],
  ['x'.repeat(20_000), 10_001, 'longer than'],
];

describe('a query', () => {
  it.each(READ)('%s', (typed, query) => {
    expect(shown(parse(typed))).toBe(query);
  });

  it.each(REFUSED)('%.40s is refused where it is wrong', (typed, column, reason) => {
    const error = refusalOf(typed);
    expect(error.details.column).toBe(column);
    expect(error.message).toContain(reason);
    expect(error.hint).not.toBe('');
  });

  it('is read or refused with a column inside of it, whatever is typed', () => {
    const piece = fc.constantFrom(
      'a',
      'user.name:',
      '(',
      ')',
      ' AND ',
      ' OR ',
      'NOT ',
      '"',
      '[1 TO 2]',
      '*',
      '\\',
      '-',
      ':',
      '{',
      '>',
      '/',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (typed) => {
          try {
            parse(typed);
          } catch (error) {
            expect(error).toBeInstanceOf(FleetwallError);
            const { column } = (error as FleetwallError).details;
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual(typed.length + 1);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('shows the place with a caret, and nothing that moves it', () => {
    expect(caretText('user.name:"a', 11)).toBe('user.name:"a\n          ^');
    expect(caretText('a\u202e\tb )', 6)).toBe('a··b )\n     ^');
    expect(
      caretText(`${'x'.repeat(500)})`, 501)
        .split('\n')
        .map((line) => line.length),
    ).toEqual([61, 61]);
  });
});

function refusalOf(typed: string): FleetwallError {
  try {
    parse(typed);
  } catch (error) {
    return error as FleetwallError;
  }
  throw new Error(`${typed} was read`);
}
