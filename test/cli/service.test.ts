import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  canUnshare,
  type Ended,
  ended,
  failedLogons,
  fleetwall,
  launch,
  startFleetwall,
  until,
} from './fleetwall-process.test-support.js';

jest.setTimeout(180_000);

const ATTACKER = '198.51.100.66';

describe('fleetwall with a running service', () => {
  let directory: string;
  let log: string;
  let env: Record<string, string>;
  let service: ChildProcess;
  let end: Promise<Ended>;

  const run = (...args: string[]) => fleetwall(args, { env, cwd: directory });
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const stateOf = async (target: string) =>
    (await json('blocks')).find((block: { target: string }) => block.target === target)?.state as string | undefined;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fleetwall-service-'));
    log = join(directory, 'auth.log');
    writeFileSync(log, '');
    env = {
      FLEETWALL_HOME: join(directory, 'home'),
      FLEETWALL_HTTP_PORT: '0',
      FLEETWALL_COLLECTOR_FILES: log,
      FLEETWALL_COLLECTOR_JOURNALD: 'false',
      FLEETWALL_FIREWALL: 'dry-run',
    };
    // Builds what is stale.
    expect((await launch(['--version'])).code).toBe(0);
    service = startFleetwall(['standalone'], { env, cwd: directory });
    end = ended(service);
    const failed = end.then(({ stderr }) => {
      throw new Error(`The service ended: ${stderr}`);
    });
    failed.catch(() => undefined);
    const banner = new Promise<void>((resolve) => {
      service.stdout?.on('data', (text: string) => text.includes('Ctrl-C stops') && resolve());
    });
    await Promise.race([banner, failed]);
  });

  afterAll(async () => {
    service.kill('SIGKILL');
    await end;
    rmSync(directory, { recursive: true, force: true });
  });

  it('answers on a socket that is for its owner only', async () => {
    expect(statSync(join(directory, 'home/control.sock')).mode & 0o777).toBe(0o600);
    const status = await json('status');
    expect(status).toMatchObject({ ready: true, armed: false, enforcing: false });
    const { stdout } = await run('status');
    expect(stdout).toMatch(
      /^Fleetwall works on .*\n {2}console {3}http:.*\/setup#\S+ creates the first administrator, once\n.*reads .*\n.*auth\.log\n.*reports {3}only: not armed/,
    );
  });

  it('blocks who fails five times, and shows why, line by line', async () => {
    const lines = failedLogons(ATTACKER, 5, Date.now());
    appendFileSync(log, lines);
    await until('the block', async () => ((await stateOf(ATTACKER)) === 'active' ? true : undefined));
    const expected = lines.trimEnd().split('\n');
    const why = await until('the evidence', async () => {
      const answer = await json('why', ATTACKER);
      return answer.latest.length === expected.length ? answer : undefined;
    });
    expect(why).toMatchObject({ target: ATTACKER, blocked: true });
    const [reason] = why.blocks[0].reasons;
    expect(reason.rule).toBe('fast-brute-force');
    expect(reason.evidence.map(({ line }: { line: string }) => line)).toEqual(expected);
    const { stdout } = await run('why', ATTACKER);
    for (const line of expected) expect(stdout).toContain(line);
    expect((await run('blocks')).stdout).toMatch(new RegExp(`^${ATTACKER} +fleet +active .*fast-brute-force`, 'm'));
  });

  it('shows who was connected when, from where', async () => {
    const stamp = (ms: number) => new Date(ms).toISOString();
    const fromMs = Date.now() - 60_000;
    const sshd = (ms: number, text: string) => `${stamp(ms)} web-01 sshd[977]: ${text}\n`;
    appendFileSync(
      log,
      sshd(fromMs, 'Accepted password for anna from 198.51.100.200 port 4022 ssh2') +
        sshd(fromMs + 50_000, 'pam_unix(sshd:session): session closed for user anna'),
    );
    const sessions = await until('the session', async () => {
      const answer = await json('sessions', '198.51.100.0/24');
      return answer[0]?.until === undefined ? undefined : answer;
    });
    const [from, ended] = [stamp(fromMs), stamp(fromMs + 50_000)];
    expect(sessions).toMatchObject([{ account: 'anna', address: '198.51.100.200', from, until: ended }]);
    expect((await run('sessions', 'ANNA', '--since', '1h')).stdout).toContain('50 s');
    expect((await run('sessions', 'bob')).stdout).toBe('Nobody was connected, as far as events tell.\n');
    expect(await run('sessions', 'bob', '--since', 'x')).toMatchObject({ code: 2 });
  });

  it('lifts a block by hand', async () => {
    expect((await run('unblock', ATTACKER)).stdout).toBe(`${ATTACKER} is no longer blocked.\n`);
    expect(await stateOf(ATTACKER)).toBe('lifted');
    expect((await json('why', ATTACKER)).blocked).toBe(false);
  });

  it('blocks by hand, for as long as it is told', async () => {
    const [block] = await json('block', '192.0.2.0/28', '--for', '30m', '--comment', 'a scanner');
    expect(block).toMatchObject({
      target: '192.0.2.0/28',
      state: 'active',
      reasons: [{ type: 'person', comment: 'a scanner' }],
    });
    expect(block.untilMs - block.atMs).toBe(1_800_000);
  });

  it('refuses by name what must stay reachable, and changes nothing', async () => {
    for (const target of ['0.0.0.0/0', '127.0.0.1', '::1']) {
      const { code, stdout, stderr } = await run('block', target);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^fleetwall: \S+ is not blocked: .*\n {2}\S/);
    }
    expect((await json('blocks')).filter(({ state }: { state: string }) => state === 'active')).toHaveLength(1);
    expect(await run('block', '198.51.100.9', '--for', '2x')).toMatchObject({ code: 2, stdout: '' });
  });

  it('never blocks what is on the allowlist', async () => {
    const list = await json('allow', '203.0.113.9', '--reason', 'our office', '--for', '30d');
    expect(list).toMatchObject([{ target: '203.0.113.9', reason: 'our office' }]);
    await until('the refusal', async () => ((await run('block', '203.0.113.9')).code === 1 ? true : undefined));
    expect((await run('allow')).stdout).toMatch(/^203\.0\.113\.9 .* our office$/m);
    expect(await json('allow', '203.0.113.9', '--remove')).toEqual([]);
    expect((await run('allow', '203.0.113.9', '--remove')).code).toBe(1);
  });

  it('traces a synthetic attack to its block', async () => {
    const { ok, steps } = await json('selftest');
    expect(ok).toBe(true);
    const names = (steps as { step: string }[]).map(({ step }) => step);
    expect(names.filter((step) => step === 'line')).toHaveLength(5);
    expect(names).toEqual(expect.arrayContaining(['block', 'firewall', 'stored', 'lifted']));
    expect((await run('selftest')).stdout).toMatch(/Everything works\.\n$/);
  });

  it('doctor asks the service', async () => {
    const { checks } = await json('doctor');
    expect(checks.find(({ area }: { area: string }) => area === 'service')).toMatchObject({ state: 'ok' });
  });

  it('arms, and says when nothing is enforced all the same', async () => {
    const { code, stdout, stderr } = await run('arm');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Armed.\n' });
    expect(stderr).toMatch(/^Nothing is enforced all the same: dry run/);
    expect(await json('status')).toMatchObject({ armed: true, enforcing: false });
  });

  (canUnshare ? it : it.skip)('disarms while the service hangs (needs unshare -rn)', async () => {
    const disarm = () => fleetwall(['disarm', '--json'], { env, cwd: directory, ownNetwork: true });
    const outcomesOf = ({ stdout }: Ended) =>
      (JSON.parse(stdout).steps as { outcome: string }[]).map(({ outcome }) => outcome);
    await run('arm');
    service.kill('SIGSTOP');
    const hung = await disarm().finally(() => service.kill('SIGCONT'));
    expect(hung.code).toBe(0);
    expect(outcomesOf(hung)).toEqual(['done', 'failed', 'done']);
    expect(existsSync(join(directory, 'home/armed'))).toBe(false);
    await until('the service to follow', async () => ((await json('status')).armed ? undefined : true));
    await run('arm');
    expect(outcomesOf(await disarm())).toEqual(['done', 'done', 'done']);
    expect((await json('status')).armed).toBe(false);
  });

  it('is not started twice with one home', async () => {
    const { code, stdout, stderr } = await run('standalone');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^fleetwall: Fleetwall is already running with .*\n {2}Look at it with `\.\/fleetwall status`/m,
    );
    expect((await json('status')).ready).toBe(true);
  });

  it('says which port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const taken = { ...env, FLEETWALL_HOME: join(directory, 'other'), FLEETWALL_HTTP_PORT: String(port) };
    const { code, stderr } = await fleetwall(['standalone'], { env: taken, cwd: directory });
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(1);
    expect(stderr).toContain(`fleetwall: Port ${port} on 127.0.0.1 is taken.\n`);
  });

  it('drains on Ctrl-C', async () => {
    service.kill('SIGINT');
    expect((await end).code).toBe(0);
    expect((await run('status')).code).toBe(3);
  });
});
