// `npm run check`: format and lint, types, then the architecture, unit, golden and conformance tests; a minute or two.
// What takes long runs with `npm test` only.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setUp, withSetupErrors } from './setup.mjs';
import { allBut, LONG } from './test-paths.mjs';

const modules = join(ROOT, 'node_modules');
const MOST_SHOWN_LINES = 150;

await withSetupErrors(() => setUp({ build: false }));
const results = await Promise.all([
  run('format and lint', [join(modules, '@biomejs/biome/bin/biome'), 'check', '.']),
  run('types', [join(modules, 'tsc7/bin/tsc'), '-p', 'tsconfig.json']),
  run('types of the console', [join(modules, 'tsc7/bin/tsc'), '-p', 'web/tsconfig.json']),
]);
results.push(await run('tests', [join(ROOT, 'scripts/jest.mjs'), '--maxWorkers=100%', ...allBut(LONG)]));

for (const { name, output } of results.filter(({ ok }) => !ok)) console.log(`\n--- ${name}\n${beginning(output)}`);
console.log('');
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}  ${seconds} s`);
if (results.some(({ ok }) => !ok)) process.exitCode = 1;

/** One failure can be thousands of lines long. */
function beginning(output) {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('PASS '));
  const left = lines.length - MOST_SHOWN_LINES;
  return left > 0 ? `${lines.slice(0, MOST_SHOWN_LINES).join('\n')}\n… ${left} more lines` : lines.join('\n');
}

/** Runs a script of Node to its end and keeps what it says. */
function run(name, args) {
  const beganMs = Date.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const seconds = ((Date.now() - beganMs) / 1_000).toFixed(1);
      resolve({ name, ok: code === 0, seconds, output });
    });
  });
}
