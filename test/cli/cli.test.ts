import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  canUnshare,
  ended,
  failedLogons,
  fleetwall,
  launch,
  ROOT,
  startFleetwall,
} from './fleetwall-process.test-support.js';

jest.setTimeout(300_000);

const VERBS = 'standalone replay status arm disarm block unblock blocks why allow doctor selftest parse rules'.split(
  ' ',
);
const ATTACKER = '198.51.100.7';
const LAST_MS = Date.UTC(2026, 10, 22, 7);

let directory: string;
let env: Record<string, string>;
let log: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fleetwall-cli-'));
  env = { FLEETWALL_HOME: join(directory, 'home') };
  log = join(directory, 'auth.log');
  writeFileSync(log, failedLogons(ATTACKER, 8, LAST_MS));
  // Builds what is stale, so that no test waits for it.
  expect(await launch(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('help', () => {
  it('lists every verb and the exit codes', async () => {
    const { code, stdout, stderr } = await fleetwall(['help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    expect(stdout).toContain('Exit codes:');
  });

  it.each([...VERBS.map((verb) => [verb]), ['rules', 'check']])('tells about %s %s', async (...verb) => {
    const [{ code, stdout, stderr }, other] = await Promise.all([
      fleetwall([...verb.filter(Boolean), '--help']),
      fleetwall(['help', ...verb.filter(Boolean)]),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: fleetwall /);
    expect(verb.length > 1 ? other.code : other.stdout).toBe(verb.length > 1 ? 0 : stdout);
  });

  it('comes with exit code 2 when no verb is given', async () => {
    const { code, stdout, stderr } = await fleetwall([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: fleetwall /);
  });
});

(process.platform === 'win32' ? describe.skip : describe)('the launcher (needs a system with shebangs)', () => {
  it('works in another working directory, and through a link as npm makes them', async () => {
    const link = join(directory, 'linked');
    symlinkSync(join(ROOT, 'fleetwall'), link);
    const { code, stdout } = await launch(['replay', 'auth.log', '--json'], { cwd: directory, env }, link);
    rmSync(link);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ lines: 8, failures: 8 });
  });
});

describe('without a service', () => {
  it.each([
    [['status']],
    [['arm']],
    [['block', ATTACKER]],
    [['unblock', ATTACKER]],
    [['blocks', '--json']],
    [['why', ATTACKER]],
    [['allow']],
    [['selftest']],
  ])('%j says so and what to do, exit code 3', async (args) => {
    const { code, stdout, stderr } = await fleetwall(args, { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^fleetwall: No Fleetwall service runs with .*\n {2}Start one with `npm start`/);
  });

  it('doctor looks around by itself', async () => {
    const { stdout, stderr } = await fleetwall(['doctor', '--json'], {
      env: { ...env, FLEETWALL_COLLECTOR_FILES: log, FLEETWALL_FIREWALL: 'dry-run' },
    });
    expect(stderr).toBe('');
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { area: string; state: string; text: string }[];
    };
    expect(ok).toBe(true);
    const states = Object.fromEntries(checks.map(({ area, state }) => [area, state]));
    expect(states).toEqual({
      node: 'ok',
      home: 'ok',
      config: 'ok',
      rules: 'ok',
      service: 'note',
      reads: 'ok',
      firewall: 'note',
      armed: 'note',
    });
    expect(checks.find(({ area }) => area === 'reads')?.text).toContain(log);
  });

  it('doctor and standalone point at a mistake in fleetwall.yml, and nothing is created', async () => {
    const cwd = join(directory, 'broken');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'fleetwall.yml'), 'http:\n  port: 8686\ncollector:\n  maxCpuShare: 7\n');
    const place = `${join(cwd, 'fleetwall.yml')}:4:16: collector.maxCpuShare: `;
    const [doctor, standalone] = await Promise.all([
      fleetwall(['doctor'], { cwd, env }),
      fleetwall(['standalone'], { cwd, env }),
    ]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain(`BAD   config    ${place}`);
    expect(standalone).toMatchObject({ code: 1, stdout: '' });
    expect(standalone.stderr).toContain(`fleetwall: ${place}`);
    expect(readdirSync(directory)).not.toContain('home');
  });
});

(canUnshare ? describe : describe.skip)('disarm without a service (needs unshare -rn and nft)', () => {
  it('removes the marker and says what was done', async () => {
    mkdirSync(env['FLEETWALL_HOME'] as string, { recursive: true });
    writeFileSync(join(env['FLEETWALL_HOME'] as string, 'armed'), 'armed\n');
    writeFileSync(join(env['FLEETWALL_HOME'] as string, 'fleetwall.yml'), 'this is: [not a configuration\n');
    const { code, stdout, stderr } = await fleetwall(['disarm', '--json'], { env, ownNetwork: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { disarmed, steps } = JSON.parse(stdout) as { disarmed: boolean; steps: { step: string; outcome: string }[] };
    expect(disarmed).toBe(true);
    expect(Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]))).toEqual({
      marker: 'done',
      service: 'nothing',
      firewall: 'done',
    });
    expect(readdirSync(env['FLEETWALL_HOME'] as string)).toEqual(['fleetwall.yml']);
    rmSync(env['FLEETWALL_HOME'] as string, { recursive: true });
  });
});

describe('replay', () => {
  it('puts one JSON object on standard output and nothing else, and writes nothing', async () => {
    const before = readdirSync(directory);
    const { code, stdout, stderr } = await fleetwall(['replay', log, '--json'], { cwd: directory, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    const { lines, failures, blocks } = JSON.parse(stdout);
    expect({ lines, failures }).toEqual({ lines: 8, failures: 8 });
    expect(blocks).toMatchObject([{ target: ATTACKER, rule: 'fast-brute-force', state: expect.any(String) }]);
    expect(blocks[0].evidence[0].line).toBe(readFileSync(log, 'utf8').split('\n')[0]);
    expect(readdirSync(directory)).toEqual(before);
  });

  it('reads gzip and plain files together', async () => {
    const packed = join(directory, 'auth.log.1.gz');
    writeFileSync(packed, gzipSync(failedLogons(ATTACKER, 3, LAST_MS - 60_000, 'admin')));
    const { stdout } = await fleetwall(['replay', packed, log, '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ lines: 11, failures: 11 });
  });

  it('shows people what would have been blocked, escaped', async () => {
    const file = join(directory, 'hostile.log');
    writeFileSync(file, failedLogons(ATTACKER, 8, LAST_MS, 'invalid user \x1b[2J\u202e'));
    const { code, stdout } = await fleetwall(['replay', file], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`  ${ATTACKER}  by fast-brute-force`);
    expect(stdout).toContain('\\x1b[2J\\u202e');
    expect(stdout).not.toMatch(/[\x1b\u202e]/);
  });

  it('takes the year and the zone it is told', async () => {
    const file = join(directory, 'bsd.log');
    writeFileSync(file, `Nov 22 07:00:00 web-01 sshd[1]: Failed password for root from ${ATTACKER} port 4022 ssh2\n`);
    const { stdout } = await fleetwall(['replay', file, '--from-year', '2024', '--zone', 'Asia/Tokyo', '--json'], {
      env,
    });
    expect(JSON.parse(stdout)).toMatchObject({ first: '2024-11-21T22:00:00.000Z' });
  });

  it('points at the mistake in a rule, and replays nothing', async () => {
    const rules = join(directory, 'rules');
    mkdirSync(rules);
    writeFileSync(
      join(rules, 'bad.yml'),
      'title: Bad\ntaxonomy: ecs\nlevel: hihg\nlogsource: { category: authentication }\ndetection: { a: { event.outcome: failure }, condition: a }\n',
    );
    const { code, stdout, stderr } = await fleetwall(['replay', '--rules', rules, log], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^fleetwall: .*bad\.yml:3:8: .*"hihg".*expected.*\n.*level: hihg\n {7}\^\n {2}\S/);
    const check = await fleetwall(['rules', 'check', rules, '--json'], { env });
    expect(check.code).toBe(1);
    expect(JSON.parse(check.stdout).problems[0].position).toMatch(/bad\.yml:3:8$/);
  });

  it('tells which gzip file is damaged', async () => {
    const file = join(directory, 'damaged.gz');
    writeFileSync(file, gzipSync(failedLogons(ATTACKER, 5_000, LAST_MS)).subarray(0, 5_000));
    const { code, stdout, stderr } = await fleetwall(['replay', file], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^fleetwall: Cannot read .*damaged\.gz: its gzip data is damaged or ends early\.\n/);
  });
});

describe('rules check', () => {
  it('counts what loads', async () => {
    const { code, stdout, stderr } = await fleetwall(['rules', 'check'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ rules, \d+ correlations and \d+ policies load; no mistakes\.\n$/);
  });
});

describe('parse', () => {
  const samples = join(ROOT, 'rules/logon/samples');

  it('prints one line of JSON for each record of Windows, too', async () => {
    const file = join(ROOT, 'test/cases/firewall-then-malware.xml');
    const { code, stdout, stderr } = await fleetwall(['parse', file], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => event['event.code'])).toEqual(['2003', '3004', '2003', '3004', '2003', '3004']);
    expect(events[1]).toMatchObject({ 'host.name': 'web-01', 'event.action': 'malware-detected' });
  });

  it('takes a log for one that an attacker filled with control characters', async () => {
    const file = join(directory, 'odd.log');
    writeFileSync(
      file,
      `${'\x01\x02\0'.repeat(3_000)}\nNov  1 12:00:00 web-01 sshd[1]: Failed password for root from 198.51.100.7 port 4022 ssh2\n`,
    );
    const { stdout } = await fleetwall(['parse', file], { env });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ 'source.ip': '198.51.100.7' });
  });

  it('prints one line of JSON for each line of the shipped samples', async () => {
    const files = readdirSync(samples).map((name) => join(samples, name));
    const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
    const { code, stdout, stderr } = await fleetwall(['parse', ...files, '--from-year', '2026'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => event['event.original'])).toEqual(lines);
    for (const event of events.filter((event) => event['event.outcome'] === 'failure'))
      expect(event['fleetwall.attempt.id']).toMatch(/^[0-9a-f]{12}$/);
  });

  it('says why a line gives no event', async () => {
    const input = `what is this\n\n2026-11-22T07:00:00Z web-01 CRON[1]: hello\n${failedLogons(ATTACKER, 1, LAST_MS)}`;
    for (const bytes of [input, gzipSync(input)]) {
      const { code, stdout } = await fleetwall(['parse', '-'], { env, input: bytes });
      expect(code).toBe(0);
      const [first, second, third, fourth, end] = stdout.split('\n');
      expect(first).toBe('{"event.original":"what is this","fleetwall.unparsed":"no-header"}');
      expect(second).toBe('{"event.original":"","fleetwall.unparsed":"no-header"}');
      expect(third).toBe(
        '{"event.original":"2026-11-22T07:00:00Z web-01 CRON[1]: hello","fleetwall.unparsed":"unknown-program: CRON"}',
      );
      expect(JSON.parse(fourth as string)).toMatchObject({
        '@timestamp': '2026-11-22T07:00:00.000Z',
        'source.ip': ATTACKER,
      });
      expect(end).toBe('');
    }
  });

  it('reads with one source only, when asked', async () => {
    const { stdout } = await fleetwall(['parse', '--source', 'pam', log], { env });
    expect(JSON.parse(stdout.split('\n')[0] as string)).toMatchObject({
      'fleetwall.unparsed': 'unknown-program: sshd',
    });
  });

  it('stops quietly when the reader has seen enough', async () => {
    const file = join(directory, 'long.log');
    writeFileSync(file, failedLogons(ATTACKER, 20_000, LAST_MS));
    const child = startFleetwall(['parse', file], { env });
    const end = ended(child);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });
});
