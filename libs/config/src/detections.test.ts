import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkDetections, detectionSources, readDetections } from './detections.js';

const RULE = `title: A logon that failed
taxonomy: ecs
level: high
logsource: { category: authentication }
detection:
  selection: { event.outcome: failure }
  condition: selection
`;
const COUNTED_FIRINGS = `title: Many brute forces
taxonomy: ecs
level: high
correlation:
  type: event_count
  rules: [brute-force]
  group-by: [source.ip]
  timespan: 5m
  condition: { gte: 2 }
---
title: Brute force
name: brute-force
taxonomy: ecs
correlation:
  type: event_count
  rules: [one]
  group-by: [source.ip]
  timespan: 5m
  condition: { gte: 2 }
`;
const POLICY = `name: NAME
match: { rules: [one] }
block: source.ip
scope: fleet
durations: [2h]
`;

describe('checkDetections', () => {
  let directory: string;
  let rules: string;
  let policies: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-detections-'));
    rules = join(directory, 'rules');
    policies = join(directory, 'policies');
    mkdirSync(rules);
    mkdirSync(policies);
    writeFileSync(join(rules, 'one.yml'), RULE);
    writeFileSync(join(policies, 'a.yml'), POLICY);
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const placesOf = async () => {
    const { problems } = await checkDetections(detectionSources({ rules: [rules], policies }));
    return problems.map(({ code, position }) => [code, position.split('/').at(-1)]);
  };

  it('finds no mistake in what is shipped', async () => {
    const shipped = await checkDetections(detectionSources({}));
    expect(shipped.problems).toEqual([]);
    expect(shipped.rules.correlations.length).toBeGreaterThan(4);
    expect(shipped.policies.length).toBeGreaterThan(2);
  });

  it('shows every mistake with its place, not only the first', async () => {
    writeFileSync(join(rules, 'two.yml'), RULE.replace('event.outcome:', 'event.outcome|foo:'));
    writeFileSync(join(rules, 'broken.yml'), 'title: [\n');
    writeFileSync(join(policies, 'b.yml'), POLICY.replace('NAME', 'other').replace('fleet', 'galaxy'));
    writeFileSync(join(policies, 'c.yml'), POLICY.replace('NAME', 'third').replace('[one]', '[nine]'));
    expect(await placesOf()).toEqual([
      ['SIGMA_YAML', 'broken.yml:2:1'],
      ['SIGMA_UNKNOWN_MODIFIER', 'two.yml:6:30'],
      ['POLICY_INVALID', 'b.yml:4:8'],
      ['POLICY_INVALID', 'c.yml:2:18'],
    ]);
  });

  it('shows where a correlation stands that cannot be counted', async () => {
    writeFileSync(join(rules, 'two.yml'), RULE);
    writeFileSync(join(rules, 'many.yml'), COUNTED_FIRINGS);
    expect(await placesOf()).toEqual([['CORRELATION_UNSUPPORTED', 'many.yml:4:1']]);
  });

  it('shows two policies of one name', async () => {
    writeFileSync(join(policies, 'b.yml'), POLICY);
    expect(await placesOf()).toEqual([['POLICY_INVALID', 'b.yml:1:1']]);
  });

  it('refuses a directory that is missing, and one without rules', async () => {
    await expect(
      checkDetections(detectionSources({ rules: [join(directory, 'none')], policies })),
    ).rejects.toMatchObject({
      code: 'RULES_UNREADABLE',
    });
    rmSync(join(rules, 'one.yml'));
    await expect(checkDetections(detectionSources({ rules: [rules], policies }))).rejects.toThrow(
      'there are no rules in it',
    );
  });

  it('tries rules by themselves with policies that speak of others too', async () => {
    const { problems, policies: shipped } = await checkDetections(detectionSources({ rules: [rules] }));
    expect(problems).toEqual([]);
    expect(shipped.length).toBeGreaterThan(2);
  });

  it("does not hold somebody's own rules against the shipped policies, whether named or configured", () => {
    expect(detectionSources({ rules: [rules] }).areMatched).toBe(false);
    expect(detectionSources({}, { rules: [rules] }).areMatched).toBe(false);
    expect(detectionSources({}, { rules: [rules], policies }).areMatched).toBe(true);
    expect(detectionSources({}).areMatched).toBe(true);
  });

  it('throws the first mistake when they are to be used', async () => {
    writeFileSync(join(policies, 'b.yml'), POLICY.replace('NAME', 'other').replace('2h', '0'));
    await expect(readDetections(detectionSources({ rules: [rules], policies }))).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      position: expect.stringMatching(/b\.yml:5:13$/),
    });
  });
});
