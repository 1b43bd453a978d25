import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadPolicies } from './load-policies.js';

const load = (text: string, rules?: Set<string>) => () => loadPolicies([{ path: 'policies/x.yml', text }], rules);

describe('policies', () => {
  it('reads the shipped ones', () => {
    const files = ['10-attackers', '20-distributed', '30-intruders'].map((name) => ({
      path: `${name}.yml`,
      text: readFileSync(`policies/${name}.yml`, 'utf8'),
    }));
    const [attackers, distributed, intruders] = loadPolicies(files);
    expect(attackers?.durations.map((ms) => ms / 3_600_000)).toEqual([2, 24, 168, 720]);
    expect(distributed?.block).toBe('contributors');
    expect(intruders?.cutSessions).toBe(true);
  });

  it.each([
    ['an unknown scope', 'name: x\nmatch: {rules: [a]}\nblock: source.ip\nscope: planet\n', '4:8'],
    ['an unknown field', 'name: x\nmatch: {rules: [a]}\nblock: source.ip\nforever: true\n', '4:10'],
    ['duration 0', 'name: x\nmatch: {rules: [a]}\nblock: source.ip\ndurations: [2h, 0h]\n', '4:17'],
    ['an endless duration', 'name: x\nmatch: {rules: [a]}\nblock: source.ip\ndurations: [9999d]\n', '4:13'],
    ['no condition', 'name: x\nmatch: {}\nblock: source.ip\n', '2:8'],
    ['a rule that does not exist', 'name: x\nmatch:\n  rules: [fast, fats]\nblock: source.ip\n', '3:17'],
    ['broken YAML', 'name: x\nmatch: [\n', '3:1'],
    ['a duplicate key', 'name: x\nname: y\n', '2:1'],
    ['an empty file', '', '1:1'],
    ['a tag that builds things', 'name: !!js/function "x"\n', '1:7'],
  ])('F05: refuses %s, and says where', (_what, text, place) => {
    let error: { code?: string; position?: string; message?: string } = {};
    try {
      load(text, new Set(['fast', 'a']))();
    } catch (thrown) {
      error = thrown as typeof error;
    }
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.position).toBe(`policies/x.yml:${place}`);
    expect(error.message).toContain('^');
  });

  it('F01: refuses an alias bomb quickly', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n');
    expect(load(bomb)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });

  it('refuses two policies of one name', () => {
    const text = 'name: x\nmatch: {rules: [a]}\nblock: none\n';
    expect(() =>
      loadPolicies([
        { path: 'a.yml', text },
        { path: 'b.yml', text },
      ]),
    ).toThrow(/taken by a\.yml/);
  });
});
