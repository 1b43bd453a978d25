// Reading the lines of every source beside a floor, in one run: lines per CPU second, each source in a process of its own.
// The floor splits the same bytes into lines and does nothing with them. The lines are the source's samples over and over,
// with other addresses and accounts; the text is read as the collector reads it, by all sources at once.
//   node test/bench/parse.mjs [--lines 200000] [--source NAME] [--rounds 3]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sourceNames } from '../fuzz/samples.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const QUARTER = 0.25;
/** What a source does that others need not, where that makes it slower than a quarter of the floor. */
const WHY = {
  windows: 'XML: tokens and attributes',
  'windows-syslog': 'JSON.parse, labels of rendered messages',
  beats: 'JSON.parse',
  header: 'JSON.parse of journald',
  unknown: 'headers, and formats that begin so',
};
const EVERY_EVENT = 'makes events, the floor none';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    source: { type: 'string' },
  },
});
spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });

const names = values.source === undefined ? [...sourceNames(), 'unknown'] : [values.source];
const rows = names.map(measure).sort((one, other) => one.ratio - other.ratio);
console.log('| source | lines per CPU s | of the floor | events of 100 lines | worst 1 MB line, CPU ms | why |');
console.log('|---|---|---|---|---|---|');
for (const { name, perSecond, ratio, events, worstMs } of rows) {
  const why = ratio < QUARTER ? (WHY[name] ?? EVERY_EVENT) : '';
  console.log(
    `| ${name} | ${Math.round(perSecond).toLocaleString('en')} | ${ratio.toFixed(3)} | ${events} | ${worstMs.toFixed(1)} | ${why} |`,
  );
}

function measure(name) {
  const work = fileURLToPath(new URL('./parse-work.mjs', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [work, name, values.lines, values.rounds], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return { name, ...JSON.parse(stdout) };
}
