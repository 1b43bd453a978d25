import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules } from './load.js';
import type { Rule } from './rule.js';

const HEAD =
  'title: T\nid: 00000000-0000-4000-8000-000000000001\ntaxonomy: ecs\nlogsource: {category: authentication}\n';

function ruleOf(detection: string): Rule {
  const { rules, problems } = loadRules([{ path: 'rules/t.yml', text: `${HEAD}detection:\n${detection}` }]);
  expect(problems).toEqual([]);
  return rules[0] as Rule;
}

const event = (more: Record<string, unknown>) =>
  ({ 'event.category': ['authentication'], 'event.original': 'Failed password for root', ...more }) as FleetEvent;

describe('why a rule matches, or why not', () => {
  it('says of every line of a selection what was wanted and what is there', () => {
    const rule = ruleOf(`  sel:
    event.outcome: failure
    user.name|startswith: [ad, ro]
    source.ip|cidr: 10.0.0.0/8
  condition: sel`);
    const told = rule.explain(event({ 'event.outcome': 'failure', 'user.name': 'root', 'source.ip': '192.0.2.1' }));
    expect(told).toEqual({
      matches: false,
      logsource: [{ field: 'event.category', wanted: '["authentication"]', actual: '["authentication"]', holds: true }],
      selections: [
        {
          name: 'sel',
          holds: false,
          alternatives: [
            [
              { field: 'event.outcome', wanted: '"failure"', actual: '"failure"', holds: true },
              { field: 'user.name|startswith', wanted: '["ad","ro"]', actual: '"root"', holds: true },
              { field: 'source.ip|cidr', wanted: '"10.0.0.0/8"', actual: '"192.0.2.1"', holds: false },
            ],
          ],
        },
      ],
      conditions: ['sel'],
    });
  });

  it('tells which selection of a condition failed, alternatives and keywords apart', () => {
    const rule = ruleOf(`  sel:
    - user.name: root
      event.outcome: failure
    - user.name: admin
  words: [Failed, Accepted]
  filter_office:
    source.ip: 192.0.2.1
  condition: sel and words and not 1 of filter_*`);
    const told = rule.explain(event({ 'event.outcome': 'failure', 'user.name': 'root', 'source.ip': '192.0.2.1' }));
    expect(told.matches).toBe(false);
    expect(told.selections.map(({ name, holds }) => [name, holds])).toEqual([
      ['sel', true],
      ['words', true],
      ['filter_office', true],
    ]);
    expect(told.selections[0]?.alternatives.map((items) => items.map(({ holds }) => holds))).toEqual([
      [true, true],
      [false],
    ]);
    expect(told.selections[1]?.alternatives).toEqual([[{ field: '', wanted: '["Failed","Accepted"]', holds: true }]]);
  });

  it('what is missing has no value, also where it is asked not to be', () => {
    const rule = ruleOf(`  sel:
    user.name|exists: false
    host.name|neq: web-01
    process.pid: null
  condition: sel`);
    const told = rule.explain(event({ 'host.name': 'web-01' }));
    expect(told.selections[0]?.alternatives[0]).toEqual([
      { field: 'user.name|exists', wanted: 'false', holds: true },
      { field: 'host.name|neq', wanted: '"web-01"', actual: '"web-01"', holds: false },
      { field: 'process.pid', wanted: 'null', holds: true },
    ]);
  });

  it('says where the rule is', () => {
    const two = `${HEAD}detection: {s: {a: b}, condition: s}\n---\n${HEAD.replace('0001\n', '0002\nname: second\n')}detection: {s: {a: b}, condition: s}\n`;
    const { rules } = loadRules([{ path: 'rules/x/two.yml', text: two }]);
    expect(rules.map(({ file }) => file)).toEqual([
      { path: 'rules/x/two.yml', line: 1 },
      { path: 'rules/x/two.yml', line: 7 },
    ]);
  });
});
