import { parentPort, workerData } from 'node:worker_threads';
import { wrongResult } from './checks.mjs';
import { Coverage } from './coverage.mjs';
import { Mutator } from './mutate.mjs';
import { sampleFiles } from './samples.mjs';
import { readerOf } from './targets.mjs';

/** Streams at most that are read between two looks at the counters, which cost as much as some hundred of them. */
const MAX_BATCH = 1_024;
/** What a stream may cost: counted blocks are several times slower than the same code without counters. */
const CPU_US = { base: 3_000, perCharacter: 0.15 };
const MAX_WORDS = 4_000;

const { name, seconds, seed, current } = workerData;
const currentText = Buffer.from(current.text.buffer);
const samples = sampleFiles(name);
const lines = samples.flat();
const corpus = [
  ...lines.map((line) => [line]),
  ...samples.map((file) => file.slice(0, 40)).filter((file) => file.length > 1),
];
const words = [...new Set(lines.flatMap((line) => line.split(/(?<=[\s,;:="'()[\]])/)))].slice(0, MAX_WORDS);
const mutator = new Mutator(seed, words);
const coverage = new Coverage((url) => url.includes('/libs/sources/dist/') || url.includes('/libs/core/dist/'));
const told = new Set();
let streams = 0;

for (const stream of corpus) check(stream);
coverage.learn(coverage.fresh());
const blocksOfSamples = coverage.blocks;

const endMs = performance.now() + seconds * 1_000;
let size = 1;
while (performance.now() < endMs) {
  const batch = Array.from({ length: size }, () => mutator.mutate(mutator.pick(corpus), lines));
  for (const stream of batch) check(stream);
  streams += size;
  const fresh = coverage.fresh();
  if (fresh.length > 0) keep(batch, fresh);
  size = fresh.length > 0 ? Math.max(1, size >> 2) : Math.min(MAX_BATCH, size * 2);
}
parentPort.postMessage({ done: { streams, corpus: corpus.length, blocksOfSamples, blocks: coverage.blocks } });

/** Halves the batch until the streams that reach new blocks are left: they join the corpus. */
function keep(batch, fresh) {
  if (batch.length === 1) {
    coverage.learn(fresh);
    corpus.push(batch[0]);
    return;
  }
  const middle = batch.length >> 1;
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    coverage.fresh();
    for (const stream of half) run(stream);
    const inHalf = coverage.fresh();
    if (inHalf.length > 0) keep(half, inHalf);
  }
}

function check(stream) {
  const beganMs = performance.now();
  const wrong = run(stream);
  const length = stream.reduce((sum, line) => sum + line.length, 0);
  const boundUs = CPU_US.base * stream.length + CPU_US.perCharacter * length;
  if (wrong !== undefined) tell(wrong, stream);
  else if ((performance.now() - beganMs) * 1_000 > boundUs && cpuUs(stream) > boundUs)
    tell('it costs too much CPU', stream);
}

function run(stream) {
  note(stream);
  let at = 0;
  try {
    const read = readerOf(name);
    for (const line of stream) {
      at++;
      const result = read(line);
      const wrong = result && wrongResult(result, stream);
      if (wrong !== undefined) return wrong;
    }
  } catch (error) {
    return `it throws at line ${at}: ${error.stack}`;
  }
  return undefined;
}

/** The least of some rounds: other work and the garbage collector only add to it. */
function cpuUs(stream) {
  const rounds = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    stream.forEach(readerOf(name));
    return process.cpuUsage(before).user;
  });
  return Math.min(...rounds);
}

/** The stream that is being read, for the thread that watches. */
function note(stream) {
  const text = stream.join('\n');
  current.length[0] = currentText.write(text);
  Atomics.add(current.count, 0, 1);
}

/** Once for each place and kind: one fault shows in many streams. */
function tell(wrong, stream) {
  const kind = wrong
    .replace(/[\d.:a-f]{4,}/g, '#')
    .split('\n')
    .slice(0, 2)
    .join(' ');
  if (told.has(kind)) return;
  told.add(kind);
  parentPort.postMessage({ wrong, stream });
}
