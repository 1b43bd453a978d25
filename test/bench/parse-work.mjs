// One source of the parse bench: node test/bench/parse-work.mjs SOURCE LINES ROUNDS; its figures as JSON. Take a profile of it
// with --cpu-prof.
import { isUnparsed } from '../../libs/sources/dist/index.js';
import { HOSTILE } from '../fuzz/mutate.mjs';
import { sampleFiles } from '../fuzz/samples.mjs';
import { readerOf } from '../fuzz/targets.mjs';

const MEGABYTE = 1_048_576;
/** Lines of programs that no source knows, in the forms that logs often have. */
const UNKNOWN = [
  '2026-11-22 07:00:00,123 INFO  [main] com.example.Service - request 4711 took 12 ms',
  '2026-11-22T07:00:00.123Z INFO worker started id=4711',
  '[2026-11-22 07:00:00] production.INFO: user 4711 saved a page',
  '[22/Nov/2026:07:00:00 +0000] worker 4711 is ready',
  'INFO:root:task 4711 done',
  '4711 connections, 12 of them idle',
  '    at com.example.Service.run(Service.java:4711)',
  '{"level":30,"time":1795330800000,"pid":4711,"msg":"request completed"}',
  'I1122 07:00:00.123456    4711 controller.go:12] sync done',
  'time="2026-11-22T07:00:00Z" level=info msg="pulled image" id=4711',
  'W: 198.51.100.7 is slow: 4711 ms',
  '198.51.100.7 4711 ms GET /',
  'Sun Nov 22 07:00:00 2026 job 4711 done',
];

const [name, lineCount, rounds] = process.argv.slice(2);
const files = name === 'unknown' ? [UNKNOWN] : sampleFiles(name);
const streams = files.map((lines) => Buffer.from(`${varied(lines, Number(lineCount) / files.length).join('\n')}\n`));
const floor = best(() => (line) => line.length > 0);
const read = best(() => {
  const parse = readerOf(name);
  return (line) => {
    const result = parse(line);
    return result !== undefined && !isUnparsed(result);
  };
});
console.log(
  JSON.stringify({
    perSecond: read.lines / read.cpuSeconds,
    ratio: floor.cpuSeconds / read.cpuSeconds,
    events: Math.round((100 * read.told) / read.lines),
    worstMs: worstMs(),
  }),
);

/** The lines over and over: every time with other last parts of addresses, and with other accounts. */
function varied(lines, count) {
  const parse = readerOf(name);
  const users = lines.map((line) => parse(line)?.['user.name']);
  return Array.from({ length: Math.ceil(count) }, (_, i) => {
    const at = i % lines.length;
    const user = users[at];
    const line = lines[at].replace(/\b((?:198\.51\.100|203\.0\.113)\.)\d{1,3}\b/g, (_all, net) => net + (i % 251));
    return user?.length > 3 ? line.replaceAll(user, () => `${user}${i % 997}`) : line;
  });
}

/** The best of some rounds: other work on the machine only takes. */
function best(open) {
  const all = Array.from({ length: Number(rounds) + 1 }, () => {
    const before = process.cpuUsage();
    let lines = 0;
    let told = 0;
    for (const bytes of streams) {
      const take = open();
      const text = bytes.toString('utf8');
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        if (take(text.slice(start, end))) told++;
        lines++;
        start = end + 1;
      }
    }
    const { user, system } = process.cpuUsage(before);
    return { lines, told, cpuSeconds: (user + system) / 1e6 };
  });
  return all.reduce((one, other) => (other.cpuSeconds < one.cpuSeconds ? other : one));
}

/** CPU milliseconds of the worst line of 1 MB: a sample's beginning, hostile text, the sample's end. */
function worstMs() {
  const filler = HOSTILE.join('').repeat(Math.ceil(MEGABYTE / HOSTILE.join('').length));
  const costs = files.flat().map((line) => {
    const middle = line.length >> 1;
    const long = Buffer.from(line.slice(0, middle) + filler + line.slice(middle)).toString('utf8');
    return Math.min(
      ...Array.from({ length: 3 }, () => {
        const parse = readerOf(name);
        const before = process.cpuUsage();
        parse(long);
        return process.cpuUsage(before).user / 1_000;
      }),
    );
  });
  return Math.max(...costs);
}
