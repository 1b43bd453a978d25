import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Assembler } from '@fleetwall/assembly';
import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { describe, expect, it } from '@jest/globals';
import { LineParser } from './line-parser.js';
import { isUnparsed } from './source.js';

/**
 * What others know about these logs, against what is read here. The data is not part of this repository (its licences
 * differ from ours); it is looked for in `FLEETWALL_SHARED` or in `shared` beside the checkout. With UPDATE_GOLDEN=1
 * the table in CONFORMANCE.md is written anew.
 */
const shared = process.env.FLEETWALL_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const data = join(shared, 'data');
const document = fileURLToPath(new URL('../CONFORMANCE.md', import.meta.url));

interface Read {
  /** Absent when the line gave no event. */
  event: FleetEvent | undefined;
  unparsed: string;
}

/** fail2ban's samples are judged in August 2005 and in Switzerland. */
const FAIL2BAN_NOW_MS = Date.UTC(2005, 7, 14, 10);

function readAll(lines: string[], nowMs = FAIL2BAN_NOW_MS): Read[] {
  const parser = new LineParser({ zone: 'Europe/Zurich', year: { nowMs: () => nowMs }, defaultHost: 'h' });
  const assembler = new Assembler();
  return lines.map((line) => {
    const result = parser.parse(line);
    if (isUnparsed(result)) return { event: undefined, unparsed: result.unparsed };
    return { event: assembler.assemble(result), unparsed: '' };
  });
}

const sourceOf = (event: FleetEvent | undefined) => event?.['source.ip'] ?? event?.['source.domain'];
/** Whether somebody is held to account for it. */
const counts = (event: FleetEvent | undefined) =>
  event?.['fleetwall.attempt.id'] !== undefined && sourceOf(event) !== undefined;

interface Annotation {
  match?: boolean;
  host?: string;
  ip4?: string;
  ip6?: string;
  user?: string;
  time?: string;
  constraint?: string;
}

interface Sample {
  number: number;
  text: string;
  expected: Annotation;
  /** fail2ban finds it in its extra modes only: a scan, nobody's password. */
  extraMode: boolean;
}

function samplesOf(text: string): Sample[] {
  const samples: Sample[] = [];
  let expected: Annotation | undefined;
  let extraMode = false;
  for (const [i, line] of text.split('\n').entries()) {
    const options = /^# filterOptions?: (.*)$/.exec(line)?.[1];
    if (options !== undefined) {
      const list = [JSON.parse(options) as Record<string, string> | Record<string, string>[]].flat();
      extraMode = !list.some((option) => Object.keys(option).length === 0 || option.mode === 'normal');
    }
    const annotation = /^# failJSON: (.*)$/.exec(line)?.[1];
    if (annotation !== undefined) expected = JSON.parse(annotation) as Annotation;
    if (line === '' || line.startsWith('#') || expected === undefined) continue;
    const inExtraMode = extraMode || /mode'\) == '/.test(expected.constraint ?? '');
    samples.push({ number: i + 1, text: line, expected, extraMode: inExtraMode });
    expected = undefined;
  }
  return samples;
}

interface Row {
  file: string;
  line: number;
  expected: string;
  here: string;
}

function judge(sample: Sample, { event, unparsed }: Read): { expected: string; here: string } | undefined {
  const { match = false, host, ip4, ip6, user, time } = sample.expected;
  const here = counts(event)
    ? `counts against ${sourceOf(event)}`
    : unparsed || `${event?.['event.action']}, not counted`;
  if (!match || sample.extraMode) {
    return counts(event) ? { expected: sample.extraMode ? 'extra mode only' : 'no match', here } : undefined;
  }
  const named = host ?? ip4 ?? ip6;
  const address = named === undefined ? undefined : (canonicalAddress(named) ?? named);
  if (!counts(event) || (address !== undefined && sourceOf(event) !== address)) {
    return { expected: `match of ${address ?? 'a connection'}`, here };
  }
  if (user !== undefined && event?.['user.name'] !== user) {
    return { expected: `user ${user}`, here: `user ${event?.['user.name']}` };
  }
  const local = `${new Date((event?.['@timestamp'] ?? 0) + zurichOffsetMs(event?.['@timestamp'] ?? 0)).toISOString().slice(0, 19)}`;
  return time !== undefined && local !== time ? { expected: time, here: local } : undefined;
}

function zurichOffsetMs(timeMs: number): number {
  const text = new Date(timeMs).toLocaleString('sv-SE', { timeZone: 'Europe/Zurich' });
  return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(timeMs / 1000) * 1000;
}

function differencesOf(file: string): { samples: Sample[]; rows: Row[] } {
  const samples = samplesOf(readFileSync(join(data, file), 'utf8'));
  const reads = readAll(samples.map(({ text }) => text));
  const rows = samples.flatMap((sample, i) => {
    const difference = judge(sample, reads[i] as Read);
    return difference === undefined ? [] : [{ file, line: sample.number, ...difference }];
  });
  return { samples, rows };
}

const LOGHUB = join(data, 'restricted/loghub');
const FAIL2BAN = ['sshd', 'sshd-journal', 'pam-generic', 'selinux-ssh'].map((name) => `fail2ban/logs/${name}`);

describe.each(FAIL2BAN)('%s', (file) => {
  (existsSync(join(data, file)) ? it : it.skip)('is found as annotated (needs the shared data)', () => {
    const { samples, rows } = differencesOf(file);
    expect(samples.filter(({ expected }) => expected.match === true).length).toBeGreaterThan(0);
    expect(rows).toEqual([]);
  });
});

/** What crowdsec's own test expects of each line, by its number from 0. */
function crowdsecExpectations(text: string): Map<number, { ip?: string; user?: string }> {
  const expected = new Map<number, { ip?: string; user?: string }>();
  const pattern = /\["s01-parse"\]\["[^"]*sshd-logs"\]\[(\d+)\]\.Evt\.Meta\["(source_ip|target_user)"\] == "([^"]*)"/g;
  for (const [, index, name, value] of text.matchAll(pattern)) {
    const entry = expected.get(Number(index)) ?? {};
    entry[name === 'source_ip' ? 'ip' : 'user'] = value as string;
    expected.set(Number(index), entry);
  }
  return expected;
}

const CROWDSEC = join(data, 'crowdsec-hub-tests');

function crowdsecDifferences(): { compared: number; rows: Row[] } {
  const rows: Row[] = [];
  let compared = 0;
  for (const folder of ['sshd-logs', 'sshd-bad-keyexchange-bf']) {
    const file = folder === 'sshd-logs' ? 'sshd-logs.log' : `${folder}.log`;
    const lines = readFileSync(join(CROWDSEC, folder, file), 'utf8')
      .split('\n')
      .filter(Boolean);
    const reads = readAll(lines);
    for (const [index, { ip, user }] of crowdsecExpectations(
      readFileSync(join(CROWDSEC, folder, 'parser.assert'), 'utf8'),
    )) {
      const event = reads[index]?.event;
      compared++;
      if (event?.['source.ip'] === ip && (user === undefined || event?.['user.name'] === user)) continue;
      const here = `${event?.['event.action']} ${event?.['source.ip'] ?? ''} ${event?.['user.name'] ?? ''}`.trim();
      rows.push({
        file: `crowdsec-hub-tests/${folder}`,
        line: index + 1,
        expected: `${ip} ${user ?? ''}`.trim(),
        here,
      });
    }
  }
  return { compared, rows };
}

describe("crowdsec's sshd tests", () => {
  (existsSync(CROWDSEC) ? it : it.skip)('give the same addresses and users (needs the shared data)', () => {
    const { compared, rows } = crowdsecDifferences();
    expect(compared).toBeGreaterThan(20);
    expect(rows).toEqual([]);
  });

  (existsSync(CROWDSEC) ? it : it.skip)(
    'hold no failure where crowdsec says there is none (needs the shared data)',
    () => {
      const lines = readFileSync(join(CROWDSEC, 'sshd-logs-fp/sshd-logs.log'), 'utf8').split('\n').filter(Boolean);
      expect(readAll(lines).filter(({ event }) => counts(event))).toEqual([]);
    },
  );
});

const WAZUH = join(data, 'wazuh-ruletests');

/** Lines of Wazuh's tests that nothing here knows, in their order. */
function wazuhDifferences(): { compared: number; rows: Row[] } {
  const rows: Row[] = [];
  let compared = 0;
  for (const name of ['sshd.ini', 'pam.ini', 'su.ini', 'sudo.ini']) {
    for (const [i, line] of readFileSync(join(WAZUH, name), 'utf8').split('\n').entries()) {
      const text = /^log \d+ (?:pass|fail) = (.*)$/.exec(line)?.[1];
      if (text === undefined) continue;
      compared++;
      const { event, unparsed } = readAll([text])[0] as Read;
      if (event !== undefined || unparsed === 'not-relevant') continue;
      rows.push({ file: `wazuh-ruletests/${name}`, line: i + 1, expected: 'known', here: unparsed });
    }
  }
  return { compared, rows };
}

describe("Wazuh's tests of sshd, pam, su and sudo", () => {
  (existsSync(WAZUH) ? it : it.skip)('hold no line that is unknown here (needs the shared data)', () => {
    const { compared, rows } = wazuhDifferences();
    expect(compared).toBeGreaterThan(80);
    expect(rows).toEqual([]);
  });
});

/** What lines of one process of sshd tell of: the kind of line, how many tries, and of whom. */
const TELLING: [kind: string, pattern: RegExp][] = [
  [
    'password',
    /(?:message repeated (?<number>\d+) times: \[ )?Failed password for .* from (?<peer>\S+) port \d+ ssh2\]?$/,
  ],
  ['pam', /(?:(?<number>\d+) more )?authentication failures?; .*rhost=(?<peer>\S+)/],
  ['said', /Invalid user .* from (?<peer>\S+)$/],
  ['said', /disconnect from (?<peer>[\d.]+): 3: com\.jcraft.*Auth fail/],
];

/**
 * Tries by peer, counted another way: per process, the most that any one kind of line tells of. A process whose peer
 * is told by name and by address counts for the address.
 */
function triesByGrep(lines: string[]): Record<string, number> {
  const told = lines.flatMap((line) => {
    const pid = /sshd(?:\(pam_unix\))?\[(\d+)\]/.exec(line)?.[1] ?? '';
    return TELLING.flatMap(([kind, pattern]) => {
      const { peer, number = '1' } = pattern.exec(line)?.groups ?? {};
      return peer === undefined ? [] : [{ pid, peer, kind, number: Number(number) }];
    });
  });
  const addresses = new Map<string, string>();
  for (const { pid, peer } of told) if (isIP(peer) !== 0) addresses.set(pid, peer);
  const processes = new Map<string, { peer: string; kinds: Record<string, number> }>();
  for (const { pid, peer: named, kind, number } of told) {
    const peer = isIP(named) !== 0 ? named : (addresses.get(pid) ?? named);
    const entry = processes.get(`${pid} ${peer}`) ?? { peer, kinds: {} };
    entry.kinds[kind] = kind === 'said' ? 1 : (entry.kinds[kind] ?? 0) + number;
    processes.set(`${pid} ${peer}`, entry);
  }
  const byPeer: Record<string, number> = {};
  for (const { peer, kinds } of processes.values()) {
    byPeer[peer] = (byPeer[peer] ?? 0) + Math.max(...Object.values(kinds));
  }
  return byPeer;
}

function triesHere(lines: string[]): Record<string, number> {
  const peers = new Map<string, string>();
  for (const { event } of readAll(lines, Date.UTC(2016, 11, 31))) {
    const source = sourceOf(event);
    const id = event?.['fleetwall.attempt.id'];
    if (event === undefined || source === undefined || id === undefined) continue;
    for (const one of event['fleetwall.attempt.ids'] ?? [id]) {
      if (!peers.has(one) || event['source.ip'] !== undefined) peers.set(one, source);
    }
  }
  const byPeer: Record<string, number> = {};
  for (const peer of peers.values()) byPeer[peer] = (byPeer[peer] ?? 0) + 1;
  return byPeer;
}

const REAL_LOGS = ['OpenSSH/OpenSSH_2k.log', 'Linux/Linux_2k.log'];

function realLog(name: string): string[] {
  const text = readFileSync(join(LOGHUB, name), 'utf8');
  return text.split(/\r?\n/).filter((line) => line.includes('sshd'));
}

describe('logs of real servers', () => {
  (existsSync(LOGHUB) ? it.each(REAL_LOGS) : it.skip.each(REAL_LOGS))(
    '%s has as many tries by peer as another count finds (needs the shared data)',
    (name) => {
      const expected = triesByGrep(realLog(name));
      expect(Object.keys(expected).length).toBeGreaterThan(20);
      expect(triesHere(realLog(name))).toEqual(expected);
    },
  );
});

const everything = [FAIL2BAN.map((file) => join(data, file)), CROWDSEC, WAZUH, LOGHUB].flat().every(existsSync);

describe('the table of CONFORMANCE.md', () => {
  (everything ? it : it.skip)('says what the tests above found (needs all of the shared data)', () => {
    const written = conformanceTable();
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(document, written);
    // The formatter aligns the columns of tables.
    const unaligned = (text: string) => text.replace(/[ -]+/g, ' ');
    expect(unaligned(readFileSync(document, 'utf8'))).toBe(unaligned(written));
  });
});

function conformanceTable(): string {
  const sets: { name: string; compared: string; rows: Row[] }[] = [];
  const scans: Row[] = [];
  for (const file of FAIL2BAN) {
    const { samples, rows } = differencesOf(file);
    const ordinary = samples.filter(({ extraMode }) => !extraMode);
    const matches = ordinary.filter(({ expected }) => expected.match === true).length;
    sets.push({ name: file, compared: `${matches} matches, ${ordinary.length - matches} others`, rows });
    const reads = readAll(samples.map(({ text }) => text));
    samples.forEach((sample, i) => {
      if (!sample.extraMode) return;
      const here = reads[i]?.event?.['event.action'] ?? `no event (${reads[i]?.unparsed})`;
      scans.push({
        file,
        line: sample.number,
        expected: 'extra mode only',
        here,
      });
    });
  }
  const crowdsec = crowdsecDifferences();
  sets.push({ name: 'crowdsec-hub-tests/sshd*', compared: `${crowdsec.compared} lines`, rows: crowdsec.rows });
  const wazuh = wazuhDifferences();
  sets.push({ name: 'wazuh-ruletests/{sshd,pam,su,sudo}.ini', compared: `${wazuh.compared} lines`, rows: wazuh.rows });
  for (const name of REAL_LOGS) {
    const tries = Object.values(triesByGrep(realLog(name)));
    const total = tries.reduce((sum, one) => sum + one, 0);
    sets.push({ name: `loghub/${name}`, compared: `${total} tries of ${tries.length} peers`, rows: [] });
  }
  const rowText = (row: Row) => `| ${row.file}:${row.line} | ${row.expected} | ${row.here} |`;
  const head = '| line | there | here |\n|---|---|---|';
  return [
    '# What others know about these logs',
    '',
    'Written by `UPDATE_GOLDEN=1 node scripts/jest.mjs libs/sources/src/conformance`, which needs the test data of fail2ban,',
    'crowdsec, Wazuh and loghub in `FLEETWALL_SHARED/data`; the same test fails when a difference is not in this file.',
    '',
    '| data | compared | differences |',
    '|---|---|---|',
    ...sets.map(({ name, compared, rows }) => `| ${name} | ${compared} | ${rows.length} |`),
    '',
    '## Differences',
    '',
    ...(sets.some(({ rows }) => rows.length > 0)
      ? [head, ...sets.flatMap(({ rows }) => rows.map(rowText))]
      : ['None.']),
    '',
    '## Found by fail2ban in its modes ddos and aggressive only',
    '',
    'These lines tell of a connection, not of a logon: here they are events of the category `network` without a role, so',
    'they never count as a failed logon.',
    '',
    ...(scans.length > 0 ? [head, ...scans.map(rowText)] : ['None in this data.']),
    '',
  ].join('\n');
}
