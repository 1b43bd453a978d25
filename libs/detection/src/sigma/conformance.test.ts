import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { planCorrelations } from '../counting/index.js';
import { loadRules, type Mapping, Matcher, type RuleFile, type RuleProblem } from './index.js';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const shared = process.env['FLEETWALL_SHARED'] ?? join(repository, '..', 'shared');
const sigma = join(shared, 'data', 'sigma');
const publicSets = existsSync(sigma) ? readdirSync(sigma).filter((name) => name.startsWith('rules')) : [];

/** Sigma's own taxonomy as it is: fields keep their names, the log source is in fields of its own. */
const SIGMA_AS_IT_IS: Mapping = {
  taxonomy: 'sigma',
  fieldName: (field) => field,
  logsource: (logsource) => ({ fields: { ...logsource } as Record<string, string> }),
};

function filesBelow(folder: string): RuleFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ path: name, text: readFileSync(join(folder, name), 'utf8') }));
}

const SPECIFICATION = 'sigma-correlation-rules-specification.md';

/** An example as a file, and a rule for each that it refers to and does not show. */
function withItsRules(yaml: string): RuleFile[] {
  const text = /^title:/m.test(yaml) ? yaml : `title: Example\n${yaml}`;
  const referred = [...yaml.matchAll(/^ +- ([\w-]+)(?: +#.*)?$/gm)].map(([, name = '']) => name);
  const shown = new Set([...yaml.matchAll(/^(?:name|id): (.+)$/gm)].map(([, name]) => name));
  const rules = referred
    .filter((name) => /^[0-9a-f-]{36}$|_/.test(name) && !shown.has(name))
    .map((name) => {
      const key = name.includes('_') ? 'name' : 'id';
      return `title: ${name}\n${key}: ${name}\nlogsource: {product: windows}\ndetection: {s: {f: a}, condition: s}\n`;
    });
  return [{ path: 'example.yml', text }, ...rules.map((rule, i) => ({ path: `rule-${i}.yml`, text: rule }))];
}

/** `SIGMA_UNSUPPORTED The modifier "windash"` -> 106 */
function countByFeature(problems: RuleProblem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code, message } of problems) {
    const name = `${code} ${code === 'SIGMA_UNSUPPORTED' ? message.split(' is not supported')[0] : ''}`.trim();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const describeShared = publicSets.length > 0 ? describe : describe.skip;

describeShared('the public Sigma rules (needs the shared test data)', () => {
  it('load, but for those with a feature that is refused by name', () => {
    const files = publicSets.flatMap((set) => filesBelow(join(sigma, set)));
    const { rules, correlations, problems } = loadRules(files, [SIGMA_AS_IT_IS]);
    expect(countByFeature(problems)).toEqual({
      'SIGMA_UNSUPPORTED The modifier "windash"': expect.any(Number),
      'SIGMA_UNSUPPORTED The modifier "expand"': expect.any(Number),
      'SIGMA_UNSUPPORTED The modifier "base64offset"': expect.any(Number),
    });
    const refused = new Set(problems.map(({ path }) => path));
    expect(rules.length + correlations.length + refused.size).toBe(files.length);
    expect(rules.length / files.length).toBeGreaterThan(0.95);

    const matcher = new Matcher(rules);
    const event = {
      product: 'windows',
      category: 'process_creation',
      Image: 'C:\\Windows\\System32\\whoami.exe',
      OriginalFileName: 'whoami.exe',
      CommandLine: 'whoami /all',
    } as unknown as FleetEvent;
    const found = matcher.match(event);
    expect(found.map(({ title }) => title)).toContain('Local Accounts Discovery');
    expect(found).toEqual(rules.filter((rule) => rule.matches(event)));
  });

  it('are refused with a place within their file and a hint', () => {
    const files = ['unsupported', ...publicSets].flatMap((set) => filesBelow(join(sigma, set)));
    const { problems } = loadRules(files, [SIGMA_AS_IT_IS]);
    const texts = new Map(files.map(({ path, text }) => [path, text.split('\n')]));
    expect(problems.length).toBeGreaterThan(50);
    for (const { path, line, column, hint, caret } of problems) {
      const written = texts.get(path)?.[line - 1] ?? '';
      expect(column).toBeLessThanOrEqual(written.length + 1);
      expect(caret.split('\n')).toHaveLength(2);
      expect(hint).not.toMatch(/^$|[{}]/);
    }
  });

  it('the public correlations load with their base rules', () => {
    const folder = join(shared, 'data', 'correlation-rules');
    const { correlations, problems } = loadRules(filesBelow(folder), [SIGMA_AS_IT_IS]);
    expect(problems).toEqual([]);
    expect(correlations.length).toBeGreaterThanOrEqual(9);
    expect(new Set(correlations.map(({ type }) => type))).toEqual(new Set(['event_count', 'value_count']));
    expect(planCorrelations(correlations)).toHaveLength(correlations.filter(({ generate }) => generate).length);
  });

  it('the correlations in the text of the specification load and are counted, but for types that are refused by name', () => {
    const text = readFileSync(join(shared, 'data', 'sigma-specification', 'specification', SPECIFICATION), 'utf8');
    const examples = [...text.matchAll(/^```ya?ml\n(.*?)^```/gms)]
      .map(([, yaml = '']) => yaml)
      .filter((yaml) => /^correlation:\n(?=.*^ +type: )(?=.*^ +rules:)/ms.test(yaml));
    const results = examples.map((yaml) => {
      const files = withItsRules(yaml);
      const { correlations, problems } = loadRules(files, [SIGMA_AS_IT_IS]);
      const chained = planCorrelations(correlations).filter(({ chain }) => chain).length;
      return (
        problems.map(({ message }) => message.split(' is not supported')[0]).join() ||
        `${correlations.length}/${chained}`
      );
    });
    expect(results).toEqual([
      // event_count, value_count, temporal, temporal_ordered; then the three of 2.1.0
      ...['1/0', '1/0', '1/1', '1/1'],
      ...['value_sum', 'value_avg', 'value_percentile'].map((type) => `The correlation type "${type}"`),
      // Aliases; failed logons followed by a successful one.
      ...['1/1', '2/0'],
    ]);
  });
});
