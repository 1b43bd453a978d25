// The EVTX reader beside a floor, in one run: MB per CPU second and resident memory above the base, each in a process of
// its own. The floor reads the file and checks both checksums of each chunk.
//   node test/bench/evtx.mjs [FILE.evtx …] [--mb 64] [--rounds 3]
// Without files: logons that are made here, 130 a chunk, in a file of so many MB.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SELF = fileURLToPath(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    mb: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    work: { type: 'string' },
  },
  allowPositionals: true,
});

if (values.work) await work(values.work, positionals[0]);
else await measure();

/** What each process does with the file; all work is done until it has been read for about 64 MB. */
async function work(what, path) {
  const { createReadStream } = await import('node:fs');
  const passes = Math.max(1, Math.ceil(64e6 / statSync(path).size));
  const { readEvtx } = await import(join(ROOT, 'libs/sources/dist/index.js'));
  const { crc32 } = await import('node:zlib');
  const tasks = { floor, fields, xml };
  const baseBytes = process.memoryUsage().rss;
  const before = process.cpuUsage();
  let records = 0;
  for (let pass = 0; pass < passes; pass++) records += await tasks[what]();
  const { user, system } = process.cpuUsage(before);
  const peakBytes = process.resourceUsage().maxRSS * 1024 - baseBytes;
  console.log(
    JSON.stringify({
      megabytes: (passes * statSync(path).size) / 1e6,
      cpuSeconds: (user + system) / 1e6,
      records,
      peakBytes,
    }),
  );

  async function floor() {
    let chunks = 0;
    let rest = Buffer.alloc(0);
    for await (const piece of createReadStream(path, { highWaterMark: 65_536 })) {
      rest = Buffer.concat([rest, piece]);
      for (; rest.length >= (chunks === 0 ? 4_096 : 65_536); chunks++) {
        const block = rest.subarray(0, chunks === 0 ? 4_096 : 65_536);
        if (chunks > 0) crc32(block.subarray(512, block.readUInt32LE(48)), crc32(block.subarray(0, 512)));
        rest = rest.subarray(block.length);
      }
    }
    return 0;
  }

  async function fields() {
    let count = 0;
    for await (const record of readEvtx(createReadStream(path), () => {})) if (record.data.size >= 0) count++;
    return count;
  }

  async function xml() {
    let count = 0;
    for await (const record of readEvtx(createReadStream(path), () => {})) if (record.xml().length > 0) count++;
    return count;
  }
}

async function measure() {
  spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const directory = mkdtempSync(join(tmpdir(), 'fleetwall-evtx-'));
  try {
    const files = positionals.length > 0 ? positionals : [await made(directory)];
    console.log(
      '| file | | MB per CPU s | of the floor | records per CPU s | RSS above base MB |\n|---|---|---|---|---|---|',
    );
    for (const file of files) report(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function made(directory) {
  const { evtxFile } = await import(join(ROOT, 'libs/testkit/dist/evtx-builder.js'));
  const { evtxLogonChunk } = await import(join(ROOT, 'libs/testkit/dist/evtx-logons.js'));
  const users = Array.from({ length: 130 }, (_, i) => `user-${i}.of-the-sales-department`);
  const chunks = Math.ceil((Number(values.mb) * 1e6) / 65_536);
  const path = join(directory, 'made.evtx');
  const chunk = evtxLogonChunk(users).finish();
  writeFileSync(path, evtxFile(Array.from({ length: chunks }, () => chunk)));
  return path;
}

/** The best of some rounds: other work on the machine only takes. */
function report(file) {
  const rows = ['floor', 'fields', 'xml'].map((what) => [what, best(what, file)]);
  const floorRate = rows[0][1].rate;
  for (const [what, { rate, records, cpuSeconds, peakBytes }] of rows) {
    const perSecond = records === 0 ? '' : Math.round(records / cpuSeconds).toLocaleString('en');
    console.log(
      `| ${basename(file)} | ${what} | ${rate.toFixed(1)} | ${(rate / floorRate).toFixed(3)} | ${perSecond} | ${(peakBytes / 1e6).toFixed(0)} |`,
    );
  }
}

function best(what, file) {
  const rounds = Array.from({ length: Number(values.rounds) }, () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [SELF, '--work', what, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${what} failed: ${stderr}`);
    const result = JSON.parse(stdout);
    return { ...result, rate: result.megabytes / result.cpuSeconds };
  });
  return rounds.reduce((one, other) => (other.rate > one.rate ? other : one));
}
