// A real host for benches and tests: a network namespace with a real sshd, rsyslog and Fleetwall with nftables, and a
// namespace beside it to attack from. Root only; touches nothing of the machine's own network.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SERVER = '203.0.113.5';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Why this machine cannot run it, or undefined. */
export function missing() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  for (const path of ['/usr/sbin/sshd', '/usr/sbin/rsyslogd', '/usr/bin/ssh'])
    if (!existsSync(path)) return `needs ${path}`;
  try {
    execFileSync('ip', ['netns', 'add', 'fleetwall-probe']);
    execFileSync('ip', ['netns', 'del', 'fleetwall-probe']);
    execFileSync('nft', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `needs network namespaces and nft (${error.message.split('\n')[0]})`;
  }
}

/**
 * @param {{ addresses: string[], policies?: string, blockFor: string }} options addresses of the attackers
 */
export async function startRealHost({ addresses, blockFor }) {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-host-'));
  const suffix = process.pid.toString(36);
  const [server, client] = [`fws${suffix}`, `fwc${suffix}`];
  const children = [];
  const ip = (...args) => execFileSync('ip', args);
  const stop = async () => {
    for (const child of children.reverse()) await ended(child);
    for (const name of [server, client]) {
      try {
        ip('netns', 'del', name);
      } catch {}
    }
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const name of [server, client]) ip('netns', 'add', name);
    ip('link', 'add', `v${suffix}`, 'netns', server, 'type', 'veth', 'peer', 'name', `v${suffix}`, 'netns', client);
    ip('-n', server, 'addr', 'add', `${SERVER}/24`, 'dev', `v${suffix}`);
    for (const name of [server, client])
      for (const device of ['lo', `v${suffix}`]) ip('-n', name, 'link', 'set', device, 'up');
    ip('-n', server, 'route', 'add', '198.51.100.0/24', 'dev', `v${suffix}`);
    ip('-n', client, 'route', 'add', '203.0.113.0/24', 'dev', `v${suffix}`);
    for (const address of addresses) ip('-n', client, 'addr', 'add', `${address}/32`, 'dev', `v${suffix}`);

    const log = join(directory, 'auth.log');
    writeFileSync(log, '');
    const spawned = (netns, command, args, options = {}) => {
      const child = spawn('ip', ['netns', 'exec', netns, command, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        ...options,
      });
      children.push(child);
      return child;
    };
    await startSshd(directory, log, server, spawned);
    const service = await startFleetwall(directory, log, blockFor, server, spawned);
    return { directory, log, server, client, spawned, stop, ...service };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** sshd writes to /dev/log: in a mount namespace of its own that is rsyslog's socket, and the machine's stays as it is. */
export async function startSshd(directory, log, netns, spawned) {
  const config = join(directory, 'rsyslog.conf');
  writeFileSync(
    config,
    `module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0")
$PreserveFQDN off
template(name="file" type="string" string="%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n")
auth,authpriv.* action(type="omfile" file="${log}" template="file")
`,
  );
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'host_key')]);
  mkdirSync('/run/sshd', { recursive: true });
  const options = [
    'UsePAM=no',
    'PasswordAuthentication=yes',
    'MaxAuthTries=20',
    'MaxStartups=100',
    'LogLevel=INFO',
    'PerSourcePenalties=no',
  ];
  const known = options.filter((option) => !option.startsWith('PerSource') || Number(sshdVersion()) >= 9.8);
  const script = `set -e
mkdir -p ${directory}/dev
mount -t tmpfs tmpfs ${directory}/dev
for node in null zero full random urandom tty ptmx; do touch ${directory}/dev/$node; mount --bind /dev/$node ${directory}/dev/$node; done
mkdir ${directory}/dev/pts; mount --bind /dev/pts ${directory}/dev/pts
mount --rbind ${directory}/dev /dev
/usr/sbin/rsyslogd -n -f ${config} -i ${directory}/rsyslog.pid &
for i in $(seq 100); do [ -S /dev/log ] && break; sleep 0.05; done
trap 'kill $(jobs -p)' TERM
/usr/sbin/sshd -D -f /dev/null -h ${directory}/host_key -p 22 ${known.map((option) => `-o ${option}`).join(' ')} -o PidFile=none &
wait
`;
  writeFileSync(join(directory, 'sshd.sh'), script);
  spawned(netns, 'unshare', ['-m', 'bash', join(directory, 'sshd.sh')], { detached: true });
  await until(
    'sshd listens',
    () => execFileSync('ip', ['netns', 'exec', netns, 'ss', '-Hltn', 'sport = :22']).length > 0,
  );
}

async function startFleetwall(directory, log, blockFor, netns, spawned) {
  const policies = join(directory, 'policies');
  mkdirSync(policies);
  const policy = `name: test\nmatch: {rules: [fast-brute-force]}\nblock: source.ip\ndurations: [${blockFor}]\n`;
  writeFileSync(join(policies, 'test.yml'), policy);
  const home = join(directory, 'home');
  const env = {
    ...process.env,
    FLEETWALL_HOME: home,
    FLEETWALL_HTTP_PORT: '0',
    FLEETWALL_COLLECTOR_FILES: `${log},${join(directory, 'noise.log')}`,
    FLEETWALL_COLLECTOR_JOURNALD: 'false',
    FLEETWALL_POLICIES: policies,
    FLEETWALL_FIREWALL: 'nftables',
    FLEETWALL_COLLECTOR_MAX_CPU_SHARE: '1',
  };
  delete env.NODE_OPTIONS;
  writeFileSync(join(directory, 'noise.log'), '');
  const child = spawned(netns, process.execPath, [join(ROOT, 'services/standalone/dist/main.js')], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const control = (method, path, body) => callControl(join(home, 'control.sock'), method, path, body);
  await until(
    'Fleetwall is ready',
    async () => (await control('GET', 'status')).ready === true,
    () => output,
  );
  await control('POST', 'arm', {});
  return { control, pid: child.pid, output: () => output };
}

/** One SSH client that gives wrong passwords until the server has had enough of them. */
export function attack(host, address, passwords, server = SERVER) {
  const ask = join(host.directory, 'ask.sh');
  if (!existsSync(ask)) {
    writeFileSync(ask, '#!/bin/sh\necho wrong\n');
    chmodSync(ask, 0o755);
  }
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'PreferredAuthentications=password',
    `NumberOfPasswordPrompts=${passwords}`,
    'ConnectTimeout=3',
    'LogLevel=ERROR',
  ];
  const args = ['-b', address, ...options.flatMap((option) => ['-o', option]), `root@${server}`, 'true'];
  return host.spawned(host.client, 'ssh', args, {
    env: { ...process.env, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' },
  });
}

/** Milliseconds since 1970 of the n-th failed password from the address, by rsyslog's own stamp. */
export function failedAt(host, address, n) {
  const lines = readFileSync(host.log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`Failed password for root from ${address} `));
  return lines[n - 1] === undefined ? undefined : stampMs(lines[n - 1]);
}

/** With microseconds. */
export function stampMs(line) {
  const stamp = line.slice(0, line.indexOf(' '));
  const micros = /\.(\d{6})/.exec(stamp);
  return Math.floor(Date.parse(stamp) / 1_000) * 1_000 + (micros ? Number(micros[1]) / 1_000 : 0);
}

export const nowMs = () => performance.timeOrigin + performance.now();

export async function until(what, look, detail = () => '', withinMs = 30_000) {
  const endMs = Date.now() + withinMs;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch {}
    if (Date.now() > endMs) throw new Error(`not within ${withinMs / 1_000} s: ${what}\n${detail()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function callControl(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {};
    const call = request({ socketPath, method, path: `/control/v1/${path}`, headers }, (response) => {
      let text = '';
      response.on('data', (data) => (text += data));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    call.on('error', reject);
    call.end(payload);
  });
}

function sshdVersion() {
  try {
    execFileSync('/usr/sbin/sshd', ['-V'], { stdio: 'pipe' });
  } catch (error) {
    return /OpenSSH_(\d+\.\d+)/.exec(String(error.stderr))?.[1] ?? '0';
  }
  return '0';
}

export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const signal = (name) => {
    try {
      child.spawnfile === 'ip' && child.spawnargs.includes('unshare')
        ? process.kill(-child.pid, name)
        : child.kill(name);
    } catch {}
  };
  signal('SIGTERM');
  const timer = setTimeout(() => signal('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}
