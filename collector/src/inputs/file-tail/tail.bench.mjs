// Measures the file tail: npm run build && node collector/src/inputs/file-tail/tail.bench.mjs
// Lines per CPU second over 100 MB beside the floor (read and split by indexOf), time from append to line alone and among
// thousands of files, memory, and what resting costs. Each case runs in its own process.
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MIB = 1_048_576;
const LINE = 'Nov 22 07:00:00 web1 sshd[812]: Failed password for invalid user admin from 198.51.100.7 port 4022 ssh2 ';
const APPENDS = 500;

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const residentMiB = () => Math.round(process.memoryUsage().rss / MIB);
const percentile = (sorted, p) => sorted[Math.floor(sorted.length * p)].toFixed(2);

function makeLog(path) {
  const lines = [];
  for (let bytes = 0, i = 0; bytes < 100 * MIB; i++) {
    lines.push(`${LINE}${i}`);
    bytes += lines.at(-1).length + 1;
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

function floor(path) {
  const buffer = Buffer.alloc(256 * 1024);
  const fd = openSync(path, 'r');
  let lines = 0;
  let held = 0;
  let characters = 0;
  const began = cpuSeconds();
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer, held, buffer.length - held, null)) {
    const end = held + read;
    let at = 0;
    for (let newline = buffer.indexOf(10); newline >= 0 && newline < end; newline = buffer.indexOf(10, at)) {
      characters += buffer.latin1Slice(at, newline).length;
      lines++;
      at = newline + 1;
    }
    buffer.copy(buffer, 0, at, end);
    held = end - at;
  }
  closeSync(fd);
  return `${Math.round(lines / (cpuSeconds() - began) / 1000)}k lines per CPU s, ${residentMiB()} MiB (${characters} characters)`;
}

async function openTail(paths) {
  const { FileTail } = await import('../../../dist/inputs/file-tail/file-tail.js');
  return new FileTail({ paths });
}

async function whole(path) {
  const tail = await openTail([path]);
  let lines = 0;
  const total = cpuSeconds();
  const expected = Number(process.argv[4]);
  await new Promise((resolve) => {
    void tail.start({}, async (batch) => {
      lines += batch.lines.length;
      if (lines >= expected) resolve();
    });
  });
  const result = `${Math.round(lines / (cpuSeconds() - total) / 1000)}k lines per CPU s, ${residentMiB()} MiB`;
  await tail.stop();
  return result;
}

async function latency(directory) {
  const files = Number(process.argv[4]);
  const paths = Array.from({ length: files }, (_, i) => join(directory, `site-${i}.log`));
  for (const path of paths) writeFileSync(path, 'old\n');
  const tail = await openTail([join(directory, '*.log')]);
  let seen = () => {};
  let lines = 0;
  await tail.start({}, async (batch) => {
    lines += batch.lines.length;
    if (batch.lines.length > 0) seen();
  });
  while (lines < files) await new Promise((resolve) => setTimeout(resolve, 5));
  const times = [];
  for (let i = 0; i < APPENDS; i++) {
    const arrived = new Promise((resolve) => {
      seen = resolve;
    });
    const began = performance.now();
    appendFileSync(paths[(i * 7919) % files], `new ${i}\n`);
    await arrived;
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  seen = () => {};
  times.sort((a, b) => a - b);
  const began = cpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const idle = ((cpuSeconds() - began) * 10).toFixed(1);
  await tail.stop();
  return `append to line ${percentile(times, 0.5)} ms p50, ${percentile(times, 0.99)} ms p99; idle ${idle} % of a core; ${residentMiB()} MiB`;
}

const cases = { floor, whole, latency };
const [, , name, path] = process.argv;
if (name) {
  console.log(await cases[name](path));
} else {
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-bench-'));
  const log = join(directory, 'large.txt');
  makeLog(log);
  const lines = spawnSync('wc', ['-l', log], { encoding: 'utf8' }).stdout.split(' ')[0];
  const run = (what, ...args) => {
    const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], {
      encoding: 'utf8',
    });
    console.log(`${what}: ${stdout.trim() || stderr}`);
  };
  run(`floor, ${lines} lines`, 'floor', log);
  run('file tail', 'whole', log, lines);
  for (const files of [1, 1000, 5000]) {
    const logs = mkdtempSync(join(tmpdir(), 'fleetwall-bench-'));
    run(`${files} files`, 'latency', logs, `${files}`);
    rmSync(logs, { recursive: true });
  }
  rmSync(directory, { recursive: true });
}
