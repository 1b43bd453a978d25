// Follows the logs of a directory in a process of its own, for tests and measurements: prints `<lines> <problems>` whenever one of them changes.
import { FileTail } from './file-tail.js';

const [, , directory, maxOpenFiles] = process.argv;
let lines = 0;
const tail = new FileTail({ paths: [`${directory}/*.log`], maxOpenFiles: Number(maxOpenFiles) });
await tail.start({}, async (batch) => {
  lines += batch.lines.length;
});
let told = '';
setInterval(() => {
  const { problems } = tail.stats();
  const state = `${lines} ${[...new Set(problems.map(({ code }) => code))].join(',')}`;
  if (state !== told) process.stdout.write(`${state}\n`);
  told = state;
}, 20);
