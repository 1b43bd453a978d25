import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules, Matcher } from './index.js';

const folder = fileURLToPath(new URL('../../../../rules/logon/', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => ({ path: `rules/logon/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
const set = loadRules(files);

const attempt = (fields: Record<string, unknown>) =>
  ({
    'event.category': ['authentication'],
    'event.outcome': 'failure',
    'source.ip': '198.51.100.7',
    'fleetwall.attempt.id': '0123456789ab',
    ...fields,
  }) as unknown as FleetEvent;

describe('the logon rules', () => {
  it('load without a problem and say who made them, what for, and when they are wrong', () => {
    expect(set.problems).toEqual([]);
    for (const { text, path } of files) {
      expect(text).toMatch(/^id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/m);
      expect(text).toContain(`\nname: ${basename(path, '.yml')}\n`);
      for (const key of ['author: Fleetwall', 'references:', 'falsepositives:', 'description:', 'status:', 'date: ']) {
        expect(text).toContain(`\n${key}`);
      }
    }
  });

  it('count what they promise', () => {
    const promise = set.correlations.map(
      ({ name, type, rules, groupBy, windowMs, condition, field, generate, latenessMs }) =>
        [
          name,
          type,
          rules.join('+'),
          groupBy.join('+'),
          windowMs / 60_000,
          condition.atLeast,
          field ?? '',
          generate,
          latenessMs / 3_600_000,
        ].join(' '),
    );
    expect(promise.sort()).toEqual([
      'distributed-brute-force value_count logon-failure user.name 60 20 source.ip true 1',
      'fast-brute-force event_count logon-failure source.ip 30 5  true 1',
      'many-hosts value_count logon-failure source.ip 10 5 host.id true 1',
      'password-spraying value_count logon-failure source.ip 60 10 user.name true 1',
      'slow-grind event_count logon-failure source.ip 5790 5  true 96.5',
      'success-after-failures temporal_ordered slow-grind+logon-success source.ip 30 2  true 6',
    ]);
    expect(set.correlations.find(({ name }) => name === 'slow-grind')?.title).toBe('Catch All Login');
    expect(set.correlations.find(({ name }) => name === 'success-after-failures')?.level).toBe('critical');
  });

  it.each([
    ['a failure', {}, ['logon-failure']],
    ['a failure without address', { 'source.ip': undefined }, ['logon-failure']],
    ['a failure that is no attempt', { 'fleetwall.attempt.id': undefined }, []],
    ['a success', { 'event.outcome': 'success' }, ['logon-success']],
    ['a local success', { 'event.outcome': 'success', 'source.ip': undefined }, []],
    ['neither', { 'event.outcome': 'unknown' }, []],
    ['another failure', { 'event.category': ['network'] }, []],
  ])('match %s', (_name, fields, expected) => {
    expect(new Matcher(set.rules).match(attempt(fields)).map(({ name }) => name)).toEqual(expected);
    expect(set.rules.every(({ generate }) => !generate)).toBe(true);
  });

  it('have a firing and a silent sample each', () => {
    for (const { name } of set.correlations) {
      for (const kind of ['fires', 'silent'])
        expect(existsSync(join(folder, 'samples', `${name}.${kind}.log`))).toBe(true);
    }
  });
});
