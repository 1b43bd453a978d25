// Fuzzing of every source, guided by coverage: lines made of the samples, of hostile pieces and of each other; what reaches
// a block of code that nothing reached before is changed further. A line must never throw, must end, must cost CPU in
// proportion to its length, and must give an event of the right shape whose address stands in it.
// EVTX is fuzzed as the bytes of a chunk.
//   npm run fuzz -- [--minutes 1 | --seconds 60] [--source NAME] [--seed N]      (over all sources; hours are welcome)
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { EVTX, sourceNames } from './samples.mjs';

const MAX_TEXT_BYTES = 4 << 20;
/** A stream that is still read after so long does not end. */
const HANG_MS = 20_000;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    source: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
  },
});
const all = [...sourceNames(), EVTX];
const names = options.source === undefined ? all : all.filter((name) => name === options.source);
const seconds = Number(options.seconds ?? Number(options.minutes) * 60) / names.length;
if (!(seconds > 0)) {
  console.error(
    names.length === 0
      ? `no source "${options.source}": ${all.join(' ')}`
      : '--minutes N, --seconds N: a number above 0',
  );
  process.exit(2);
}
execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
});

console.log(`seed ${options.seed}, ${seconds.toFixed(1)} s a source\n`);
console.log('| source | streams | blocks by samples | blocks | corpus | faults |\n|---|---|---|---|---|---|');
const faults = [];
for (const name of names) {
  const found = await fuzz(name);
  faults.push(...found.faults.map((fault) => ({ name, ...fault })));
  const { streams, blocksOfSamples, blocks, corpus } = found.done ?? {};
  console.log(`| ${name} | ${streams} | ${blocksOfSamples} | ${blocks} | ${corpus} | ${found.faults.length} |`);
}
for (const { name, wrong, stream } of faults)
  console.log(`\n${name}: ${wrong}\n  ${JSON.stringify(stream).slice(0, 2_000)}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** In a thread of its own, which is ended when a stream does not end. */
async function fuzz(name) {
  const current = {
    text: Buffer.from(new SharedArrayBuffer(MAX_TEXT_BYTES)),
    length: new Int32Array(new SharedArrayBuffer(4)),
    count: new Int32Array(new SharedArrayBuffer(4)),
  };
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { name, seconds, seed: Number(options.seed), current },
  });
  const found = { faults: [], done: undefined };
  let last = -1;
  const watch = setInterval(() => {
    const count = Atomics.load(current.count, 0);
    if (count === last) {
      found.faults.push({ wrong: 'it does not end', stream: [current.text.toString('utf8', 0, current.length[0])] });
      void worker.terminate();
    }
    last = count;
  }, HANG_MS);
  worker.on('message', (message) => {
    if (message.wrong === undefined) found.done = message.done;
    else found.faults.push(message);
  });
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  clearInterval(watch);
  return found;
}
