import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules } from './index.js';

const rule = (item: string) =>
  `title: T\ntaxonomy: ecs\nlogsource: {category: web}\ndetection:\n    s:\n        ${item}\n    condition: s\n`;
const good = { path: 'good.yml', text: rule('f: a') };
const event = (f: string) => ({ 'event.category': ['web'], f }) as unknown as FleetEvent;

/** The problems of a hostile file that is loaded beside a good one, which must load. */
function refused(text: string): string[] {
  const { rules, problems } = loadRules([{ path: 'bad.yml', text }, good]);
  expect(rules.map(({ name }) => name)).toEqual(['good']);
  return problems.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

const bomb = Array.from({ length: 9 }, (_, i) =>
  i === 0
    ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
    : `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
).join('\n');

describe('F01: hostile YAML is refused before it costs anything', () => {
  it.each([
    ['nine levels of aliases', bomb, ['SIGMA_YAML_FORBIDDEN 1:5']],
    ['10,000 merge keys', `a: b\n<<: [${Array(10_000).fill('*a').join(', ')}]`, ['SIGMA_YAML_FORBIDDEN 2:6']],
    ['10,000 brackets', '['.repeat(10_000), ['SIGMA_LIMIT 1:17']],
    ['10,000 braces', '{a: '.repeat(10_000), ['SIGMA_LIMIT 1:65']],
    ['10,000 dashes', '- '.repeat(10_000), ['SIGMA_LIMIT 1:33']],
    ['10,000 question marks', '? '.repeat(10_000), ['SIGMA_LIMIT 1:33']],
    ['question marks within brackets', `[${'? '.repeat(10_000)}`, ['SIGMA_LIMIT 1:34']],
    [
      '300 levels of indentation',
      Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      ['SIGMA_LIMIT 102:1'],
    ],
    ['a tag', rule('f: !!js/function "x"'), ['SIGMA_YAML_FORBIDDEN 6:12']],
    ['an anchor', rule('f: &a x'), ['SIGMA_YAML_FORBIDDEN 6:12']],
    ['a directive', `%YAML 1.1\n---\n${rule('f: a')}`, ['SIGMA_YAML_FORBIDDEN 1:1']],
    ['a duplicate key', rule('f: a\n        f: b'), ['SIGMA_DUPLICATE_KEY 7:9']],
    ['2,000 documents', 'a: 1\n---\n'.repeat(2_000), ['SIGMA_LIMIT 2000:1']],
    ['a file of 2 MB', `title: ${'x'.repeat(2_000_000)}`, ['SIGMA_LIMIT 1:1']],
    ['a regular expression of 900 KB', rule(`f|re: '${'x'.repeat(900_000)}'`), ['SIGMA_LIMIT 6:15']],
    [
      'parentheses 1,000 deep',
      rule('f: a').replace('condition: s', `condition: ${'('.repeat(1_000)}s`),
      ['SIGMA_LIMIT 7:16'],
    ],
    [
      '1,000 times not',
      rule('f: a').replace('condition: s', `condition: ${'not '.repeat(1_000)}s`),
      ['SIGMA_LIMIT 7:16'],
    ],
    ['a prototype as key', `__proto__: {title: x}\nconstructor: 1\n`, ['SIGMA_MISSING 1:1']],
  ])('%s', (_name, text, expected) => {
    expect(refused(text)).toEqual(expected);
  });

  it('wildcards that look like aliases only need quotes, which the hint says', () => {
    const [problem] = loadRules([{ path: 'a.yml', text: rule('f: *admin*') }]).problems;
    expect(problem?.hint).toContain('single quotes');
  });
});

describe('hostile but valid', () => {
  it('F03: 10,000 values load and match', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `            - value ${i}`).join('\n');
    for (const item of [`f:\n${values}`, `f|contains:\n${values}`]) {
      const { rules, problems } = loadRules([{ path: 'a.yml', text: rule(item) }]);
      expect(problems).toEqual([]);
      expect(rules[0]?.matches(event('VALUE 9999'))).toBe(true);
      expect(rules[0]?.matches(event('nothing'))).toBe(false);
    }
  });

  // Each of these takes a backtracking engine longer than the test's time limit.
  it.each(['(a+)+$', '(.*a){20}!!', '(a|aa)+$', '(x+x+)+y'])('F02: the pattern %s runs in linear time', (pattern) => {
    const { rules, problems } = loadRules([{ path: 'a.yml', text: rule(`f|re: '${pattern}'`) }]);
    expect(problems).toEqual([]);
    expect(rules[0]?.matches(event(`${'a'.repeat(50_000)}!`))).toBe(false);
  });

  it('a selection may be called like a property of every object', () => {
    const text = rule('f: a').replace(' s:', ' constructor:').replace('condition: s', 'condition: constructor');
    const { rules, problems } = loadRules([{ path: 'a.yml', text }]);
    expect(problems).toEqual([]);
    expect(rules[0]?.matches(event('a'))).toBe(true);
  });
});
