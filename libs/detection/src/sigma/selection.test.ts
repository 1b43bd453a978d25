import type { FieldValue, FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules } from './index.js';

/** Whether a rule with this selection matches an event with these fields. */
function matches(selection: string, fields: Record<string, FieldValue>, condition = 'selection'): boolean {
  const indented = selection.replace(/^/gm, '    ');
  const text = `title: T\ntaxonomy: ecs\nlogsource: {category: web}\ndetection:\n${indented}\n    condition: ${condition}\n`;
  const { rules, problems } = loadRules([{ path: 'a.yml', text }]);
  expect(problems).toEqual([]);
  return rules[0]?.matches({ 'event.category': ['web'], ...fields } as unknown as FleetEvent) as boolean;
}

const one = (item: string) => `selection:\n    ${item}`;

describe('values of a field', () => {
  it.each<[string, FieldValue, boolean]>([
    ['f: Root', 'root', true],
    ['f: root', 'ROOT', true],
    ['f: root', 'rooted', false],
    ['f: ro*', 'rooted', true],
    ['f: 22', 22, true],
    ['f: 22', '22', true],
    ["f: '22'", 22, true],
    ['f: 1.10', '1.10', true],
    ['f: 1.10', '1.1', false],
    ['f: 0x10', 16, true],
    ['f: true', true, true],
    ['f: true', 'TRUE', true],
    ['f: [a, b]', 'B', true],
    ['f: [a, b*]', 'bcd', true],
    ['f: [a, b]', 'c', false],
    ['f: b', ['a', 'b'], true],
    ['f: c', ['a', 'b'], false],
    ['f: a', [], false],
    ['f: a', undefined, false],
    ["f: '*'", 'anything', true],
    ["f: '*'", undefined, false],
    ["f: ''", '', true],
    ["f: ''", undefined, false],
    ["f: ''", ' ', false],
    ["f: ['', x]", '', true],
    ['f: null', undefined, true],
    ['f:', undefined, true],
    ['f: null', '', false],
    ['f: null', 'null', false],
    ["f: 'null'", 'null', true],
  ])('%s against %j is %s', (item, value, expected) => {
    expect(matches(one(item), { f: value })).toBe(expected);
  });
});

describe('modifiers', () => {
  it.each<[string, FieldValue, boolean]>([
    ['f|contains: oo', 'ROOT', true],
    ['f|contains: ox', 'root', false],
    ['f|contains: a*c', 'xxabcxx', true],
    [String.raw`f|contains: a\*c`, 'xa*cx', true],
    [String.raw`f|contains: a\*c`, 'xabcx', false],
    [String.raw`f|startswith: 'C:\'`, String.raw`c:\windows`, true],
    ['f|startswith: oo', 'root', false],
    [String.raw`f|endswith: '\cmd.exe'`, String.raw`C:\CMD.EXE`, true],
    ['f|endswith: cmd', 'cmd.exe', false],
    ['f|contains|all: [a, b]', 'xbxa', true],
    ['f|contains|all: [a, b]', 'xbx', false],
    ['f|contains|all: [a, b]', ['xa', 'bx'], true],
    ['f|all: [a, b]', ['B', 'A'], true],
    ['f|all: [a, b]', 'a', false],
    ['f|cased: Root', 'root', false],
    ['f|cased: Root', 'Root', true],
    ['f|contains|cased: Oo', 'rOot', true],
    ['f|contains|cased: Oo', 'root', false],
    ['f|re: ^ro+t$', 'root', true],
    ['f|re: ^ro+t$', 'Root', false],
    ['f|re: o+', 'root', true],
    ['f|re|i: ^RO+T$', 'root', true],
    ['f|re|m: ^b$', 'a\nb', true],
    ['f|re: ^b$', 'a\nb', false],
    ['f|re|s: a.b', 'a\nb', true],
    ['f|re: a.b', 'a\nb', false],
    ['f|re: [x, ^a]', 'abc', true],
    ['f|re|all: [b, ^a]', 'abc', true],
    ['f|re: ^4625$', 4625, true],
    ['f|cidr: 203.0.113.0/24', '203.0.113.255', true],
    ['f|cidr: 203.0.113.0/24', '203.0.114.0', false],
    ['f|cidr: 203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['f|cidr: 203.0.113.0/24', '203.0.113.9.', false],
    ['f|cidr: 203.0.113.0/24', '2001:db8::1', false],
    ['f|cidr: 203.0.113.0/24', 'host', false],
    ['f|cidr: 203.0.113.0/24', '203.0.113.010', false],
    ['f|cidr: 0.0.0.0/0', '255.255.255.255', true],
    ['f|cidr: 203.0.113.7', '203.0.113.7', true],
    ['f|cidr: 2001:db8::/32', '2001:DB8:1::1', true],
    ['f|cidr: 2001:db8::/32', '2001:db9::1', false],
    ['f|cidr: 2001:db8::/32', '2001:db8::1%eth0', false],
    ['f|cidr: [192.0.2.0/24, 203.0.113.0/24]', ['198.51.100.1', '203.0.113.1'], true],
    ['f|exists: true', '', true],
    ['f|exists: true', [], true],
    ['f|exists: true', undefined, false],
    ['f|exists: false', undefined, true],
    ['f|exists: false', 'a', false],
    ['f|gt: 5', 6, true],
    ['f|gt: 5', 5, false],
    ['f|gte: 5', '5', true],
    ['f|lt: 5', 4.5, true],
    ['f|lt: 5', 5, false],
    ['f|lte: 5', 5, true],
    ['f|lte: 5', '', false],
    ['f|lte: 5', 'four', false],
    ['f|lte: 5', undefined, false],
    ['f|neq: a', 'b', true],
    ['f|neq: a', 'A', false],
    ['f|neq: [a, b]', 'b', false],
    ['f|contains|neq: a', 'bab', false],
    ['f|fieldref: g', 'SAME', true],
    ['f|fieldref: g', ['other', 'same'], true],
    ['f|fieldref: g', 'other', false],
    ['f|fieldref: g', undefined, false],
    ['f|fieldref: missing', 'a', false],
    ['f|fieldref|cased: g', 'SAME', false],
    ['f|fieldref|neq: g', 'other', true],
  ])('%s against %j is %s', (item, value, expected) => {
    expect(matches(one(item), { f: value, g: 'same' })).toBe(expected);
  });
});

describe('selections', () => {
  it('a map wants all its fields', () => {
    expect(matches('selection:\n    f: a\n    g: b', { f: 'a', g: 'b' })).toBe(true);
    expect(matches('selection:\n    f: a\n    g: b', { f: 'a', g: 'c' })).toBe(false);
  });

  it('a list of maps wants one of them', () => {
    const selection = 'selection:\n    - f: a\n      g: b\n    - f: c';
    expect(matches(selection, { f: 'c' })).toBe(true);
    expect(matches(selection, { f: 'a' })).toBe(false);
  });

  it('the log source is part of the rule', () => {
    expect(matches(one('f: a'), { f: 'a', 'event.category': ['authentication', 'web'] })).toBe(true);
    expect(matches(one('f: a'), { f: 'a', 'event.category': ['authentication'] })).toBe(false);
  });
});

describe('keywords', () => {
  const event = {
    'event.original': 'Oct 11 sshd[7]: Failed password',
    'user.name': 'root',
    'related.user': ['bob'],
    n: 4625,
  };

  it.each([
    ['selection:\n    - FAILED\n    - nothing', true],
    ['selection:\n    - nothing', false],
    ['selection:\n    - fail*word', true],
    ['selection:\n    - bob', true],
    ['selection:\n    - 4625', false],
    ["selection:\n    '|all':\n        - failed\n        - root", true],
    ["selection:\n    '|all':\n        - failed\n        - alice", false],
    ["selection:\n    '|re': 'sshd\\[\\d+\\]'", true],
    ["selection:\n    '|cased':\n        - FAILED\n        - other", false],
    ["selection:\n    '|startswith': roo", true],
    ['selection:\n    - alice\n    - user.name: root', true],
  ])('%s is %s', (selection, expected) => {
    expect(matches(selection, event)).toBe(expected);
  });
});

describe('conditions', () => {
  const selections = ['a', 'b', 'c', '_hidden', 'x_one', 'x_two']
    .map((name) => `${name}:\n    f|contains: ${name}`)
    .join('\n');

  it.each([
    ['a or b and c', 'a', true],
    ['a or b and c', 'b', false],
    ['(a or b) and c', 'a', false],
    ['(a or b) and c', 'a c', true],
    ['not a and b', 'b', true],
    ['not a and b', '', false],
    ['not (a and b)', 'a', true],
    ['not not a', 'a', true],
    ['not 1 of x_*', '', true],
    ['not 1 of x_*', 'x_two', false],
    ['a or b or c', 'c', true],
    ['a and b and c', 'a b', false],
    ['1 of them', '_hidden', false],
    ['1 of them', 'x_one', true],
    ['all of x_*', 'x_one', false],
    ['all of x_*', 'x_one x_two', true],
    ['all of them', 'a b c x_one x_two', true],
    ['2 of them', 'a', false],
    ['2 of them', 'a c', true],
    ['any of x*e', 'x_two', false],
    ['1 of *_o*', 'x_one', true],
    ['1 of _hidden', '_hidden', true],
    ['[a, b and c]', 'b c', true],
    ['[a, b and c]', 'b', false],
  ])('%s with %j is %s', (condition, value, expected) => {
    expect(matches(selections, { f: value }, condition)).toBe(expected);
  });
});
