// Time to block: a real sshd, a real client, a real log daemon and nftables in network namespaces.
// From the fifth failed password (the log daemon's stamp) to the element in the kernel's set, to the first connection that
// no longer comes through, and to the end of a session that was open. Noise of 2,000 lines/s flows meanwhile.
//   node test/bench/block.mjs [--tries 100] [--json]
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { quantile } from './quantile.mjs';
import { attack, failedAt, missing, nowMs, SERVER, startRealHost, until } from './real-host.mjs';

const args = process.argv.slice(2);
const tries = Number(args[args.indexOf('--tries') + 1] || 100) || 100;
const asJson = args.includes('--json');
const THRESHOLD = 5;
const BLOCK_SECONDS = 4;
const NOISE_LINES_PER_SECOND = 2_000;

const reason = missing();
if (reason) {
  console.error(`bench:block cannot run here: ${reason}`);
  process.exit(2);
}
execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
  stdio: 'ignore',
});

const addresses = Array.from({ length: Math.min(tries, 200) }, (_, i) => `198.51.100.${i + 1}`);
const host = await startRealHost({ addresses, blockFor: `${BLOCK_SECONDS}s` });
process.once('SIGINT', () => void host.stop().then(() => process.exit(130)));
const noise = startNoise();
const results = [];
try {
  host.spawned(host.server, process.execPath, ['-e', ECHO_SERVER()]);
  await until(
    'the echo server listens',
    () => execFileSync('ip', ['netns', 'exec', host.server, 'ss', '-Hltn', 'sport = :7']).length > 0,
  );
  const elements = watchElements();
  for (const [i, address] of addresses.entries()) {
    results.push(await once(address, elements));
    if (!asJson && process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${addresses.length} `);
  }
} finally {
  clearInterval(noise);
  await host.stop();
}
report();

/** One attacker: an open session and new connections all the while, until the block, and back in after it has expired. */
async function once(address, elements) {
  // It dials all the time, on cores that an attacker's machine would not share: what it sees can only be seen later so.
  const probe = host.spawned(host.client, 'nice', ['-n', '19', process.execPath, '-e', PROBE(), address, SERVER]);
  const told = {};
  createInterface({ input: probe.stdout }).on('line', (line) => {
    const [what, time] = line.split(' ');
    told[what] = Number(time);
  });
  await until('the probe is connected', () => told.open);
  attack(host, address, THRESHOLD + 1);
  await until(`${address} in the kernel's set`, () => elements.get(address), host.output);
  await until('a refused connection', () => told.refused);
  await until('the open session is cut', () => told.silent);
  const failedMs = failedAt(host, address, THRESHOLD);
  const block = (await host.control('GET', 'blocks')).find(({ target }) => target === address);
  await until('the client is back in', () => told.back);
  probe.kill();
  return {
    address,
    decidedMs: block.atMs - failedMs,
    elementMs: elements.get(address) - failedMs,
    refusedMs: told.refused - failedMs,
    cutMs: told.silent - failedMs,
    backSeconds: (told.back - failedMs) / 1_000,
  };
}

/** When each address appeared in a set of the kernel, as `nft monitor` tells. */
function watchElements() {
  const seen = new Map();
  const monitor = host.spawned(host.server, 'nft', ['monitor', 'new', 'elements']);
  createInterface({ input: monitor.stdout }).on('line', (line) => {
    const atMs = nowMs();
    for (const [address] of line.matchAll(/198\.51\.100\.\d+/g)) if (!seen.has(address)) seen.set(address, atMs);
  });
  return seen;
}

function startNoise() {
  let n = 0;
  return setInterval(() => {
    let text = '';
    for (let i = 0; i < NOISE_LINES_PER_SECOND / 50; i++, n++) {
      const stamp = new Date().toISOString().replace('Z', '000+00:00');
      text +=
        n % 4
          ? `${stamp} web-01 sshd[${n % 30_000}]: Accepted publickey for deploy from 203.0.113.9 port ${1_025 + (n % 60_000)} ssh2: ED25519 SHA256:x\n`
          : `${stamp} web-01 CRON[${n % 30_000}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)\n`;
    }
    appendFileSync(join(host.directory, 'noise.log'), text);
  }, 20);
}

function ECHO_SERVER() {
  return `require('net').createServer(s => { s.on('error', () => {}); s.pipe(s); }).listen(7)`;
}

/** Tells when the open session last answered, when the first new connection failed, and when one came through again. */
function PROBE() {
  return `
const net = require('net'); const [address, server] = process.argv.slice(1);
const now = () => performance.timeOrigin + performance.now();
const say = (what, at) => process.stdout.write(what + ' ' + at + '\\n');
let last = 0, silent = false, refused = false, back = false;
const session = net.connect({ host: server, port: 7, localAddress: address }, () => {
  say('open', now()); session.setNoDelay(true);
  setInterval(() => session.write('x'), 4);
});
session.on('data', () => { last = now(); }); session.on('error', () => {});
setInterval(() => { if (last && !silent && now() - last > 250) { silent = true; say('silent', last); } }, 10);
const dial = () => {
  const began = now(); let done = false;
  const socket = net.connect({ host: server, port: 7, localAddress: address });
  const end = (ok) => {
    if (done) return; done = true; socket.destroy();
    if (!ok && !refused) { refused = true; say('refused', began); }
    if (ok && refused && !back) { back = true; say('back', now()); }
    setTimeout(dial, ok ? 4 : 50);
  };
  socket.on('connect', () => end(true)); socket.on('error', () => end(false)); setTimeout(() => end(false), 300);
};
dial();`;
}

function report() {
  const rows = [
    ['fifth failure to decision', 'decidedMs'],
    ['fifth failure to element in the kernel', 'elementMs'],
    ['fifth failure to first refused connection', 'refusedMs'],
    ['fifth failure to last answer of an open session', 'cutMs'],
  ].map(([what, key]) => {
    const values = results.map((result) => result[key]);
    return {
      what,
      p50: quantile(values, 0.5),
      p90: quantile(values, 0.9),
      p99: quantile(values, 0.99),
      most: Math.max(...values),
    };
  });
  if (asJson) {
    console.log(JSON.stringify({ tries: results.length, blockSeconds: BLOCK_SECONDS, rows, results }));
    return;
  }
  console.log(
    `\n${results.length} attackers, ${NOISE_LINES_PER_SECOND} lines/s of noise, blocks of ${BLOCK_SECONDS} s\n`,
  );
  console.log('| ms | p50 | p90 | p99 | most |\n|---|---|---|---|---|');
  for (const { what, p50, p90, p99, most } of rows)
    console.log(`| ${what} | ${[p50, p90, p99, most].map((ms) => ms.toFixed(1)).join(' | ')} |`);
  const back = results.map(({ backSeconds }) => backSeconds);
  console.log(`\nback in after ${Math.min(...back).toFixed(1)} to ${Math.max(...back).toFixed(1)} s`);
}
