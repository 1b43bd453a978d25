// Replay beside a floor and a peer, in one run: lines per CPU second and peak memory of each, every one in a process of
// its own.
//   node test/bench/replay.mjs [--mb 100] [--tenfold]     (--tenfold: once more on files ten times as long in time)
// Two logs: one in which two lines of three are an attack's, and one of which nine of ten are noise.
import { spawnSync } from 'node:child_process';
import { closeSync, createWriteStream, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const args = process.argv.slice(2);
const megabytes = Number(args[args.indexOf('--mb') + 1]) || 100;
const STRETCH_DAYS = 9;
/** Of all lines of the one log a third is noise, of the other nine of ten, on so many fewer attacks. */
const LOGS = { dense: { scale: 40, noise: 1 }, noisy: { scale: 5, noise: 18 } };
const PEER_MEGABYTES = 5;

const FLOOR = `
const { createReadStream } = require('node:fs');
const failed = /Failed password for (?:invalid user )?(.*) from (\\S+) port (\\d+)/;
let lines = 0, rest = '';
createReadStream(process.argv[1], { highWaterMark: 1 << 20 }).on('data', (data) => {
  const text = rest + data.toString('latin1');
  let start = 0;
  for (let end = text.indexOf('\\n'); end >= 0; end = text.indexOf('\\n', start)) {
    failed.test(text.slice(start, end));
    lines++;
    start = end + 1;
  }
  rest = text.slice(start);
}).on('end', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ lines, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, maxRssBytes: maxRSS * 1024 }));
});`;

spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
const { corpusLine, generateCorpus } = await import(join(ROOT, 'libs/testkit/dist/corpus.js'));
const directory = mkdtempSync(join(tmpdir(), 'fleetwall-replay-'));
try {
  for (const kind of Object.keys(LOGS)) {
    const log = await write(kind, megabytes);
    const floor = measure('floor: split lines, one regex', process.execPath, ['-e', FLOOR, log]);
    const rows = [floor, replay('fleetwall replay', log)];
    if (args.includes('--tenfold'))
      rows.push(replay('fleetwall replay, ten times the days', await write(kind, megabytes * 10)));
    if (kind === 'dense') rows.push(await peer());
    console.log(
      `\n${kind}, ${megabytes} MB, ${floor.lines} lines\n\n| | lines per CPU s | of the floor | CPU s | peak RSS MB |\n|---|---|---|---|---|`,
    );
    for (const row of rows.filter(Boolean)) console.log(rowText(row, floor));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The same fleet, day after day: about 10 MB a day, each stretch from a seed of its own. */
async function write(kind, wantedMegabytes) {
  const path = join(directory, `${kind}-${wantedMegabytes}.log`);
  const file = createWriteStream(path);
  let bytes = 0;
  for (let seed = 1; bytes < wantedMegabytes * 1e6; seed++) {
    const startMs = Date.UTC(2026, 0, 1) + (seed - 1) * STRETCH_DAYS * 86_400_000;
    const corpus = generateCorpus({ seed, startMs, days: STRETCH_DAYS, ...LOGS[kind] });
    const text = `${corpus.lines.map((line) => corpusLine(line, 'iso')).join('\n')}\n`;
    bytes += text.length;
    if (!file.write(text)) await new Promise((resolve) => file.once('drain', resolve));
  }
  await new Promise((resolve) => file.end(resolve));
  return path;
}

function replay(what, log) {
  return measure(what, process.execPath, [
    join(ROOT, 'cli/dist/main.js'),
    'replay',
    '--json',
    '--from-year',
    '2026',
    log,
  ]);
}

/** Runs a command whose output is JSON with lines, cpuSeconds and maxRssBytes of itself. */
function measure(what, command, commandArgs) {
  const out = openSync(join(directory, 'out.json'), 'w');
  const { status, stderr } = spawnSync(command, commandArgs, { encoding: 'utf8', stdio: ['ignore', out, 'pipe'] });
  closeSync(out);
  if (status !== 0) throw new Error(`${what} failed: ${stderr}`);
  const said = readFileSync(join(directory, 'out.json'));
  // The report of a long log is longer than a text can be: what is wanted stands at its ends.
  const ends = said.toString('latin1', 0, 1_000) + said.toString('latin1', Math.max(0, said.length - 1_000));
  const numberOf = (name) => Number(new RegExp(`"${name}":([\\d.]+)`).exec(ends)[1]);
  return { what, lines: numberOf('lines'), cpuSeconds: numberOf('cpuSeconds'), maxRssBytes: numberOf('maxRssBytes') };
}

/** fail2ban's own matcher with its sshd filter, where it is installed; on a smaller file, since it takes its time. */
async function peer() {
  const log = await write('dense', PEER_MEGABYTES);
  const script = `import resource,subprocess,sys
subprocess.run(['fail2ban-regex',sys.argv[1],'sshd'],stdout=subprocess.DEVNULL,check=True)
u=resource.getrusage(resource.RUSAGE_CHILDREN);print(u.ru_utime+u.ru_stime,u.ru_maxrss*1024)`;
  const { status, stdout } = spawnSync('python3', ['-c', script, log], { encoding: 'utf8' });
  if (status !== 0) {
    console.error('fail2ban-regex is not installed: left out');
    return undefined;
  }
  const [cpuSeconds, maxRssBytes] = stdout.trim().split(' ').map(Number);
  const lines = Number(spawnSync('wc', ['-l', log], { encoding: 'utf8' }).stdout.trim().split(' ')[0]);
  return { what: `fail2ban-regex (${(statSync(log).size / 1e6).toFixed(0)} MB)`, lines, cpuSeconds, maxRssBytes };
}

function rowText({ what, lines, cpuSeconds, maxRssBytes }, floor) {
  const rate = lines / cpuSeconds;
  const ratio = rate / (floor.lines / floor.cpuSeconds);
  return `| ${what} | ${Math.round(rate).toLocaleString('en')} | ${ratio.toFixed(3)} | ${cpuSeconds.toFixed(2)} | ${(maxRssBytes / 1e6).toFixed(0)} |`;
}
