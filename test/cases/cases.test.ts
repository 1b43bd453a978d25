import { readFileSync } from 'node:fs';
import type { FleetEvent } from '@fleetwall/core';
import { isUnparsed, mapWindowsRecord, parseEventXml } from '@fleetwall/sources';
import { describe, expect, it } from '@jest/globals';
import { EventEngine } from '../rules/event-engine.test-support.js';
import { replayFiles } from '../truth/replay.js';

describe('five failures in two and a half days, on four hosts', () => {
  it('lead to a block of two hours, which names the earlier ones', async () => {
    const { alerts, blocks, failures, forgiven } = await replayFiles(['test/cases/catch-all-login.log']);
    expect(failures).toBe(6);
    expect(alerts).toMatchObject([{ rule: 'slow-grind', key: { 'source.ip': '121.31.114.99' }, count: 5 }]);
    expect(blocks).toEqual([
      expect.objectContaining({
        ...{ target: '121.31.114.99', rule: 'slow-grind', scope: 'fleet', offence: 1 },
        ...{ at: '2014-08-11T13:05:51.318Z', until: '2014-08-11T15:05:51.318Z' },
        hosts: expect.arrayContaining(['web-01', 'web-02', 'db-01', 'mail-01']),
      }),
    ]);
    const { evidence } = blocks[0] as (typeof blocks)[number];
    expect(evidence.map(({ time, host }) => `${time} ${host}`)).toEqual([
      '2014-08-09T00:32:05.318Z web-01',
      '2014-08-09T15:04:41.318Z web-02',
      '2014-08-10T06:20:13.318Z db-01',
      '2014-08-10T22:47:58.318Z mail-01',
      '2014-08-11T13:05:51.318Z web-01',
    ]);
    for (const { line } of evidence) expect(line).toContain('aksabadministrator from 121.31.114.99');
    expect(forgiven).toEqual([{ address: '192.0.2.20', accounts: ['alice'] }]);
  });
});

const RECORDS = 'test/cases/firewall-then-malware.xml';

describe('a firewall that is turned off, and malware eleven seconds later', () => {
  const events = parseEventXml(readFileSync(RECORDS, 'utf8'), (damage) => {
    throw new Error(JSON.stringify(damage));
  }).map((record, i): FleetEvent => {
    const event = mapWindowsRecord(record, { host: record.computer ?? '' });
    if (isUnparsed(event)) throw new Error(event.unparsed);
    return { ...event, 'event.id': `${record.computer}-${(i % 2) + 1}` };
  });
  const alertsOf = async (all: readonly FleetEvent[]) => {
    const engine = await EventEngine.shipped();
    for (const event of all) engine.feed({ ...event });
    expect(engine.blocks()).toEqual([]);
    return engine;
  };

  it('is told by the words of the records', () => {
    const common = { 'event.module': 'windows', 'host.name': 'web-01', 'user.name': 'SYSTEM' };
    expect(events.slice(0, 2)).toMatchObject([
      {
        ...{ ...common, 'event.code': '2003', 'event.action': 'firewall-setting-changed' },
        ...{ 'fleetwall.firewall.profile': 'Public', 'fleetwall.firewall.setting': 'Enable Windows Firewall' },
        ...{ 'fleetwall.firewall.value': 'No', 'process.executable': 'C:\\Windows\\SysWOW64\\netsh.exe' },
      },
      {
        ...{ ...common, 'event.code': '3004', 'event.action': 'malware-detected' },
        ...{ 'fleetwall.malware.name': 'TrojanDownloader:BAT/Ftper.gen', 'fleetwall.malware.severity': 'Severe' },
        ...{ 'file.path': 'C:\\Windows\\SysWOW64\\zax.txt', 'process.executable': 'C:\\Windows\\SysWOW64\\cmd.exe' },
      },
    ]);
  });

  it('is found by a replay of the records', async () => {
    const { alerts, blocks } = await replayFiles([RECORDS]);
    const found = alerts.filter(({ rule }) => rule === 'firewall-disabled-then-malware');
    expect(found.map(({ key }) => key)).toEqual(['web-01', 'web-02', 'web-03'].map((host) => ({ 'host.id': host })));
    expect(alerts.filter(({ rule }) => rule === 'malware-on-several-hosts')).toMatchObject([{ count: 3 }]);
    expect(blocks).toEqual([]);
  });

  it('is one alert on that host, with both events as evidence', async () => {
    const engine = await alertsOf(events.slice(0, 2));
    expect(engine.alerts('firewall-disabled-then-malware')).toMatchObject([
      {
        ...{ state: 'open', level: 'critical', key: { 'host.id': 'web-01' }, count: 2, hosts: ['web-01'] },
        ...{ firstMs: Date.UTC(2014, 11, 3, 4, 57, 45), lastMs: Date.UTC(2014, 11, 3, 4, 57, 56) },
        evidence: [{ attemptId: 'web-01-1' }, { attemptId: 'web-01-2' }],
        all: new Map([
          ['firewall-disabled', 1],
          ['malware-detected', 1],
        ]),
      },
    ]);
    expect(
      engine
        .alerts()
        .map(({ rule }) => rule)
        .sort(),
    ).toEqual(['firewall-disabled', 'firewall-disabled-then-malware', 'malware-detected']);
  });

  it('is the same alert when the malware is told of first, and twice', async () => {
    const [off, malware] = events.map((event) => ({ ...event, 'event.ingested': Date.UTC(2014, 11, 3, 5, 0) }));
    const engine = await alertsOf([malware, off, malware, off] as FleetEvent[]);
    expect(engine.alerts('firewall-disabled-then-malware')).toMatchObject([{ state: 'open', count: 2 }]);
  });

  it('is one alert for the owner when several hosts show the same, and one on each of them', async () => {
    const engine = await alertsOf(events.map((event) => ({ ...event, 'organization.id': 'acme' })));
    expect(engine.alerts('firewall-disabled-then-malware').map(({ key }) => key['host.id'])).toEqual([
      'web-01',
      'web-02',
      'web-03',
    ]);
    expect(engine.alerts('malware-on-several-hosts')).toMatchObject([
      {
        ...{ tenant: 'acme', level: 'critical', count: 3, hosts: ['web-01', 'web-02', 'web-03'] },
        key: { 'organization.id': 'acme', 'fleetwall.malware.name': 'TrojanDownloader:BAT/Ftper.gen' },
      },
    ]);
  });

  it('is no matter of two owners', async () => {
    const engine = await alertsOf(
      events.map((event, i) => ({ ...event, 'organization.id': i < 2 ? 'acme' : 'other' })),
    );
    expect(engine.alerts('malware-on-several-hosts')).toEqual([]);
  });
});
