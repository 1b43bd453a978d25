import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { loadRules, Matcher } from './index.js';

const folder = fileURLToPath(new URL('../../../../rules/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yml'))
  .map((name) => ({ path: `rules/${name.replaceAll('\\', '/')}`, text: readFileSync(join(folder, name), 'utf8') }));
const set = loadRules(files);

const attempt = (fields: Record<string, unknown>) =>
  ({
    'event.category': ['authentication'],
    'event.outcome': 'failure',
    'source.ip': '198.51.100.7',
    'fleetwall.attempt.id': '0123456789ab',
    ...fields,
  }) as unknown as FleetEvent;

const CHANGE = {
  'event.category': ['configuration'],
  'event.outcome': undefined,
  'event.action': 'firewall-setting-changed',
};

describe('the shipped rules', () => {
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
      'firewall-disabled-then-malware temporal_ordered firewall-disabled+malware-detected host.id 15 2  true 6',
      'malware-on-several-hosts value_count malware-detected organization.id+fleetwall.malware.name 1440 3 host.id true 6',
      'many-hosts value_count logon-failure source.ip 10 5 host.id true 1',
      'password-spraying value_count logon-failure source.ip 60 10 user.name true 1',
      'slow-grind event_count logon-failure source.ip 5790 5  true 96.5',
      'success-after-failures temporal_ordered slow-grind+logon-success source.ip 30 2  true 6',
      'usb-device-near-malware temporal usb-device-connected+malware-detected host.id 30 2  true 6',
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
    [
      'a failure on a disabled account',
      { 'fleetwall.account.state': 'disabled' },
      ['disabled-account-logon', 'logon-failure'],
    ],
    [
      'a success on an expired one',
      { 'event.outcome': 'success', 'fleetwall.account.state': 'expired' },
      ['logon-success'],
    ],
    [
      'a firewall that is switched off',
      { ...CHANGE, 'fleetwall.firewall.setting': 'Enable Windows Firewall', 'fleetwall.firewall.value': 'No' },
      ['firewall-disabled'],
    ],
    [
      'one that is switched on',
      { ...CHANGE, 'fleetwall.firewall.setting': 'Enable Windows Firewall', 'fleetwall.firewall.value': 'Yes' },
      [],
    ],
    [
      'another setting',
      { ...CHANGE, 'fleetwall.firewall.setting': 'Enable stateful FTP', 'fleetwall.firewall.value': 'No' },
      [],
    ],
    [
      'a firewall service that stopped',
      { ...CHANGE, 'event.action': 'firewall-service-stopped' },
      ['firewall-disabled'],
    ],
  ])('match %s', (_name, fields, expected) => {
    expect(new Matcher(set.rules).match(attempt(fields)).map(({ name }) => name)).toEqual(expected);
  });

  it('alert by themselves where one match says enough', () => {
    const alone = set.rules.filter(({ generate }) => generate).map(({ name, level }) => `${name} ${level}`);
    expect(alone.sort()).toEqual([
      'antivirus-disabled high',
      'audit-log-cleared high',
      'disabled-account-logon medium',
      'firewall-disabled high',
      'malware-detected high',
    ]);
  });
});
