import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assembler } from '@fleetwall/assembly';
import { canonicalAddress, type FleetEvent } from '@fleetwall/core';
import { isUnparsed } from '../source.js';
import { recordOfXml } from '../windows/event-xml.test-support.js';
import { mapWindowsRecord } from '../windows/map-record.js';
import type { WindowsRecord } from '../windows/record.js';
import { entryOf } from '../windows/tables.js';
import { type Difference, dataPath, type Suite } from './suite.test-support.js';
import { firstFileOf, recordOfEvtxDump, recordOfNxlog, recordOfOpenXp } from './windows-records.test-support.js';

interface Expected {
  ip?: string | undefined;
  user?: string | undefined;
  outcome?: 'success' | 'failure' | undefined;
}

/** What somebody else says of one record; `nothing`: that it tells of no logon. */
interface Case {
  file: string;
  line: number;
  record: WindowsRecord;
  expected: Expected | 'nothing';
}

function read(record: WindowsRecord): FleetEvent | undefined {
  const event = mapWindowsRecord(record, { host: 'h' });
  return isUnparsed(event) ? undefined : new Assembler().assemble(event);
}

function suite(name: string, needs: string[], cases: () => Case[], known: Record<string, string> = {}): Suite {
  return {
    name,
    needs,
    known,
    run: () => {
      const all = cases();
      const differences = all.flatMap((one): Difference[] => {
        const difference = judge(one, read(one.record));
        return difference === undefined ? [] : [{ file: one.file, line: one.line, ...difference }];
      });
      const negatives = all.filter(({ expected }) => expected === 'nothing').length;
      return { positives: all.length - negatives, negatives, differences };
    },
  };
}

function judge({ expected }: Case, event: FleetEvent | undefined): Omit<Difference, 'file' | 'line'> | undefined {
  const outcome = event?.['event.outcome'];
  const here = `${event?.['event.action'] ?? 'no event'} ${event?.['source.ip'] ?? ''} ${event?.['user.name'] ?? ''}`;
  if (expected === 'nothing') {
    const counts = outcome === 'failure' && event?.['fleetwall.attempt.id'] !== undefined;
    return counts ? { verdict: 'wrong', expected: 'nothing', here, isNegative: true } : undefined;
  }
  const wanted = `${expected.outcome ?? ''} ${expected.ip ?? ''} ${expected.user ?? ''}`;
  if (event === undefined) return wanted.trim() === '' ? undefined : { verdict: 'missed', expected: wanted, here };
  const user = event['user.name']?.toLowerCase();
  const isRight =
    (expected.outcome === undefined || outcome === expected.outcome) &&
    event['source.ip'] === expected.ip &&
    (expected.user === undefined || user === expected.user.toLowerCase());
  return isRight ? undefined : { verdict: 'wrong', expected: wanted, here };
}

/** An address of somebody else, as tests of others print it. */
function peer(address: string | undefined): string | undefined {
  const canonical = canonicalAddress((address ?? '').trim());
  return canonical === undefined || /^(127\.|::1$|::$|0\.0\.0\.0$)/.test(canonical) ? undefined : canonical;
}

const IPBAN = 'ipban/EventViewerTests.even.txt';
const OUTCOMES: Readonly<Record<string, Expected['outcome']>> = { FailedLogin: 'failure', SuccessfulLogin: 'success' };

/** Blocks of the event's XML, then address, user, program and outcome, one a line. */
function ipbanCases(): Case[] {
  const blocks = readFileSync(dataPath(IPBAN), 'utf8').split(/\r?\n---\r?\n/);
  return blocks.flatMap((block, index): Case[] => {
    const [xml, ip, user, , outcome] = block.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    if (xml === undefined || outcome === undefined) return [];
    const wanted = OUTCOMES[outcome];
    const expected =
      wanted === undefined
        ? 'nothing'
        : { ip: peer(ip), user: user === '[nouser]' || user === 'x' ? undefined : user, outcome: wanted };
    return [{ file: 'EventViewerTests.even.txt', line: index + 1, record: recordOfXml(xml), expected } as const];
  });
}

/** Records that a table has a row for; what the samples of others hold beside them is not asked for. */
function isRead({ provider, eventId }: WindowsRecord): boolean {
  const entry = entryOf(provider, eventId);
  return entry !== undefined && entry !== 'unknown-event';
}

const XP = 'open-xp-rules/Microsoft';

/** `raw_N.txt` and what their rules make of it in `norm_N.json`. */
function openXpCases(): Case[] {
  const raws = readdirSync(dataPath(XP), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /raw_\d+\.txt$/.test(name),
  );
  return raws.sort().flatMap((name): Case[] => {
    let record: WindowsRecord;
    let norm: Record<string, unknown>;
    try {
      record = recordOfOpenXp(readFileSync(dataPath(XP, name), 'utf8'));
      norm = JSON.parse(readFileSync(dataPath(XP, name.replace(/raw_(\d+)\.txt$/, 'norm_$1.json')), 'utf8'));
    } catch {
      return [];
    }
    if (!isRead(record)) return [];
    const isLogon = norm['action'] === 'login';
    const user = typeof norm['subject.account.name'] === 'string' ? norm['subject.account.name'] : undefined;
    const status = norm['status'];
    const outcome = isLogon && (status === 'success' || status === 'failure') ? status : undefined;
    const ip = typeof norm['src.ip'] === 'string' ? peer(norm['src.ip']) : undefined;
    return [{ file: name, line: 1, record, expected: { ip, user, outcome } }];
  });
}

const EVTX = 'evtx-expected';

/** Real records, judged by their own named data. */
function evtxCases(): Case[] {
  const files = readdirSync(dataPath(EVTX), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jsonl'),
  );
  return files.sort().flatMap((file) => {
    const lines = readFileSync(dataPath(EVTX, file), 'utf8').split('\n');
    return lines.flatMap((line, index): Case[] => {
      if (line === '') return [];
      const record = recordOfEvtxDump(line);
      if (record === undefined || !isRead(record)) return [];
      return [{ file, line: index + 1, record, expected: evtxExpectation(record) }];
    });
  });
}

const said = (value: string | undefined) => (value === '-' || value === '' ? undefined : value);
const withoutPort = (address: string) => address.replace(/^\[?([\d.]+)\]?:\d+$/, '$1');
const FAILURES = new Set([4625, 4771, 18456]);
const SUCCESSES = new Set([4624, 18454]);

function evtxExpectation({ eventId, data, userData }: WindowsRecord): Expected {
  const first = (...names: string[]) => names.map((name) => said(data.get(name) ?? userData?.get(name))).find(Boolean);
  const client = /\[CLIENT ?: ([\d.:a-f]+)\]/.exec(data.get('param3') ?? data.get('param2') ?? '')?.[1];
  const address = first('IpAddress', 'ClientAddress', 'SourceAddress', 'IPString', 'ClientIP', 'Param3', 'Address');
  const target = FAILURES.has(eventId) || SUCCESSES.has(eventId) || eventId === 4634;
  const user = target ? first('TargetUserName', 'param1') : undefined;
  const outcome = FAILURES.has(eventId) ? 'failure' : SUCCESSES.has(eventId) ? 'success' : undefined;
  return { ip: peer(client ?? withoutPort(address ?? '')), user, outcome };
}

const MSDOCS = 'msdocs-event-xml';

function msdocsCases(): Case[] {
  return ['4740.xml', '5025.xml'].map((file) => {
    const record = recordOfXml(readFileSync(dataPath(MSDOCS, file), 'utf8'));
    return { file, line: 1, record, expected: { user: record.data.get('TargetUserName') } };
  });
}

const OTRF = 'otrf-security-datasets';
const OTRF_FILES = [
  'cmd_netsh_fw_mod_open_ports.zip',
  'cmd_psh_stop_netprofm_eventlog_before_reboot.zip',
  'rdp_interactive_taskmanager_lsass_dump.zip',
];
const RENDERED = new Set([4624, 4625, 4634, 4771, 4776]);

/** Records of NXLog, by their data (`named`) or by their message alone. */
function otrfCases(kind: 'named' | 'rendered'): Case[] {
  return OTRF_FILES.flatMap((file) => {
    const lines = firstFileOf(readFileSync(dataPath(OTRF, file))).split('\n');
    return lines.flatMap((line, index): Case[] => {
      if (line === '') return [];
      const record = recordOfNxlog(line);
      if (!isRead(record) || (kind === 'rendered' && !RENDERED.has(record.eventId))) return [];
      const shown = kind === 'named' ? record : { ...record, data: new Map<string, string>() };
      return [{ file, line: index + 1, record: shown, expected: evtxExpectation(record) }];
    });
  });
}

/** Every value of every record that is read must be in its event, whatever it is called there. */
function lossSuite(): Suite {
  return {
    name: `${EVTX}: no value is lost`,
    needs: [EVTX],
    known: {},
    run: () => {
      const cases = evtxCases();
      const differences = cases.flatMap(({ file, line, record }): Difference[] => {
        const event = mapWindowsRecord(record, { host: 'h' });
        if (isUnparsed(event) || event['event.module'] !== 'windows') return [];
        const lost = lostValues(record, event);
        return lost.length === 0 ? [] : [{ file, line, verdict: 'missed', expected: lost.join(', '), here: 'absent' }];
      });
      return { positives: cases.length, negatives: 0, differences };
    },
  };
}

function lostValues(record: WindowsRecord, event: FleetEvent): string[] {
  const values = new Set<string | number>();
  for (const value of Object.values(event)) values.add(typeof value === 'number' ? value : String(value));
  const all = [...record.data, ...(record.data.size === 0 ? (record.userData ?? []) : [])];
  return all.flatMap(([name, value]) => {
    const isThere = values.has(value) || values.has(Number(value)) || values.has(peer(value) ?? value);
    return value === '' || isThere || event['source.ip'] === withoutPort(value) ? [] : [`${name}=${value}`];
  });
}

const NO_TRY = 'the end of a connection: nobody has tried a password, and where somebody had, another line says so';
const AS_TYPED = 'the name as it was typed, with its domain behind the @';

const IPBAN_KNOWN = {
  'EventViewerTests.even.txt:11': 'VisualSVN is not read',
  'EventViewerTests.even.txt:26': NO_TRY,
  'EventViewerTests.even.txt:28': NO_TRY,
  'EventViewerTests.even.txt:29': 'TightVNC is not read',
};

const XP_SECURITY = 'Windows/eventlog/Common/Security';
const XP_KNOWN = {
  [`${XP_SECURITY}/4625_An_account_failed_to_log_on/raw_3.txt:1`]: AS_TYPED,
  [`${XP_SECURITY}/4625_An_account_failed_to_log_on/raw_9.txt:1`]: AS_TYPED,
  [`${XP_SECURITY}/4625_An_account_failed_to_log_on/raw_7.txt:1`]:
    'theirs is the account that asked; the one that failed has no name',
  [`${XP_SECURITY}/4776_Account_used_for_logon/raw_2.txt:1`]:
    'their address is the name of the workstation, which the peer chose',
};

export const windowsSuites: readonly Suite[] = [
  suite('ipban/EventViewerTests', [IPBAN], ipbanCases, IPBAN_KNOWN),
  suite('open-xp-rules/Microsoft', [XP], openXpCases, XP_KNOWN),
  suite('evtx-expected', [EVTX], evtxCases),
  lossSuite(),
  suite('msdocs-event-xml', [MSDOCS], msdocsCases),
  suite(
    'otrf-security-datasets: data',
    OTRF_FILES.map((file) => join(OTRF, file)),
    () => otrfCases('named'),
  ),
  suite(
    'otrf-security-datasets: message alone',
    OTRF_FILES.map((file) => join(OTRF, file)),
    () => otrfCases('rendered'),
  ),
];
