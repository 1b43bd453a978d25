import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { detectionSources, readDetections } from '@fleetwall/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReplayEngine, type ReplayReport, reportOf } from './index.js';
import { openReplayFiles } from './open-files.js';

const SSH_ATTACKER = '198.51.100.7';
const RDP_ATTACKER = '198.51.100.8';

const sshLine = (day: number) =>
  `Nov ${String(day).padStart(2)} 12:00:00 web-01 sshd[${day}]: Failed password for root from ${SSH_ATTACKER} port 4022 ssh2\n`;

function failedLogon(record: number, time: string): string {
  const data = {
    TargetUserName: `user${record}`,
    Status: '0xc000006d',
    SubStatus: '0xc000006a',
    LogonType: '3',
    IpAddress: RDP_ATTACKER,
    IpPort: '50000',
  };
  const fields = Object.entries(data).map(([name, value]) => `<Data Name="${name}">${value}</Data>`);
  return [
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>',
    '<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><Version>0</Version><Level>0</Level>',
    `<TimeCreated SystemTime="${time}"/><EventRecordID>${record}</EventRecordID><Channel>Security</Channel>`,
    `<Computer>rdp-01</Computer></System><EventData>${fields.join('')}</EventData></Event>\n`,
  ].join('\n');
}

describe('a replay of a directory', () => {
  let directory: string;
  let report: ReplayReport;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-replay-'));
    const write = (name: string, content: string | Buffer) => {
      mkdirSync(join(directory, name, '..'), { recursive: true });
      writeFileSync(join(directory, name), content);
    };
    write('auth.log', [4, 5].map(sshLine).join(''));
    write('auth.log.1', sshLine(3));
    write('auth.log.2.gz', gzipSync([1, 2].map(sshLine).join('')));
    const records = [1, 2, 3, 4, 5].map((i) => failedLogon(i, `2026-11-02T07:0${i}:00.000Z`));
    write('windows/security.xml', Buffer.from(`\ufeff${records.join('')}`, 'utf16le'));
    write('own/queue.log', 'PUT 17\nGET 17\n');
    write('own/old.log.xz', Buffer.from('\xfd7zXZ\0rest', 'latin1'));
    write('journal/system.journal', 'LPKSHHRH\0\0');
    write('wtmp', Buffer.from([7, 0, 0, 0, 1, 2, 3, 4, 5, 6]));
    write('empty.log', '');
    symlinkSync(directory, join(directory, 'loop'));
    const { files, skipped } = openReplayFiles([directory]);
    const { rules, policies } = await readDetections(detectionSources({}));
    const engine = new ReplayEngine({ rules, policies, zone: 'UTC', fromYear: 2026 });
    report = await reportOf({ ...(await engine.run(files)), skipped }, files);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('joins what lies in it, whatever it is, in the order of time', () => {
    expect(report.blocks.map(({ target, rule }) => [target, rule])).toEqual([
      [RDP_ATTACKER, 'fast-brute-force'],
      [SSH_ATTACKER, 'slow-grind'],
    ]);
    expect(report.lines).toBe(5 + 5 + 2);
    expect(report.failures).toBe(10);
  });

  it('shows the evidence of each, also of what is packed and of records', () => {
    const [rdp, ssh] = report.blocks;
    expect(ssh?.evidence.map(({ line }) => `${line}\n`)).toEqual([1, 2, 3, 4, 5].map(sshLine));
    expect(rdp?.evidence).toHaveLength(5);
    expect(rdp?.evidence[0]).toMatchObject({ host: 'rdp-01', time: '2026-11-02T07:01:00.000Z' });
    expect(rdp?.evidence[0]?.line).toMatch(/^<Event .*<Data Name="TargetUserName">user1<\/Data>.*<\/Event>$/);
  });

  it('says what it did not know, and what it did not read', () => {
    const known = Object.fromEntries(
      report.files.map(({ path, kind, lines, known }) => [path.slice(directory.length + 1), [kind, lines, known]]),
    );
    expect(known).toEqual({
      'auth.log': ['text', 2, 2],
      'auth.log.1': ['text', 1, 1],
      'auth.log.2.gz': ['gzip', 2, 2],
      'own/queue.log': ['text', 2, 0],
      'windows/security.xml': ['xml', 5, 5],
    });
    expect(report.skipped.map(({ path, reason }) => [path.slice(directory.length + 1), reason])).toEqual([
      ['journal/system.journal', 'it is a journal'],
      ['own/old.log.xz', 'it is packed with xz'],
      ['wtmp', 'it is no text'],
    ]);
  });

  it('refuses what is named itself and cannot be read, and says what to do', () => {
    expect(() => openReplayFiles([join(directory, 'own/old.log.xz')])).toThrow('it is packed with xz');
  });
});
